import { about, type Journal } from '../audit/journal.js';
import type { Clock, NewId } from '../clock.js';
import { supersede } from '../consent/consent.service.js';
import { digestOf, type ProfileVersion } from '../consent/profile.js';
import { Failure } from '../failure.js';
import { type Day, dayInAmsterdam, mayBeGuardian, needsGuardian } from '../person/age.js';
import { requireLocked, requirePerson } from '../person/people.service.js';
import { type Person, requireBirthDate } from '../person/person.js';
import type { Records, Registry } from '../registry.js';
import {
  keepPairingCode,
  type KeptPairingCode,
  MOST_TRIES_PER_CODE,
  MOST_TRIES_PER_DAY,
  newPairingCode,
  opens,
  PAIRING_CODE_MS,
  type PairingCode,
  readPairingCode,
  selectorOf,
  showPairingCode,
} from './pairing-code.js';
import { type Review, REVIEW_MS } from './review.js';

/** A pairing code as shown to the child, once. */
export interface ShownPairingCode {
  readonly code: string;
  readonly expiresAt: Date;
}

/** What a guardian types. */
export interface Redemption {
  readonly code: string;
  readonly childBornOn: Day;
}

/** What a guardian sees of a child: the name, and the proposed and present choices. Nothing else. */
export interface ReviewShown {
  readonly review: Review;
  readonly childName: string;
  readonly proposed: ProfileVersion;
  readonly inForce: ProfileVersion | undefined;
}

/** A guardian's decision. */
export interface GuardianDecision {
  readonly decision: 'approve' | 'refuse';
  /** "I am the parent or guardian of this child." Needed to approve. */
  readonly declaresGuardianship: boolean;
}

/** How often a fresh selector is tried before giving up. */
const SELECTOR_TRIES = 8;

function refused(): Failure {
  return new Failure(
    'PAIRING_CODE_REFUSED',
    'This code and date of birth do not open anything. Check both, or ask for a new code.',
  );
}

/** A child's choices and the parent or guardian who confirms them. */
export class Guardianship {
  constructor(
    private readonly registry: Registry,
    private readonly journal: Journal,
    private readonly clock: Clock,
    private readonly newId: NewId,
  ) {}

  /** A new code for the child's waiting choices; earlier codes die. NOTHING_AWAITING when no choice waits. */
  async makeCode(childId: string): Promise<ShownPairingCode> {
    for (let left = SELECTOR_TRIES; left > 0; left -= 1) {
      const code = newPairingCode();
      const expiresAt = await this.keepCode(childId, code);
      if (expiresAt) return { code: showPairingCode(code), expiresAt };
    }
    throw new Failure('UNAVAILABLE', 'No code can be made right now; try again in a minute.', {
      retryAfterSeconds: 60,
    });
  }

  /** When the child's code ends, if one is live. The code itself can't be shown again. */
  codeEndsAt(childId: string): Promise<Date | undefined> {
    return this.registry.inSnapshot(async (records) => {
      const live = await records.guardianship.liveCode(childId, this.clock.now(), MOST_TRIES_PER_CODE);
      return live?.expiresAt;
    });
  }

  /**
   * Opens a review with a code and the child's date of birth. Every kind of wrong (code, date, own code, used, expired, too many
   * tries on it) is refused with the same words, and counted; a guardian has ten wrong tries a day (TOO_MANY_TRIES). Refuses a
   * guardian under 18 (GUARDIAN_TOO_YOUNG).
   */
  async openReview(guardianId: string, redemption: Redemption): Promise<ReviewShown> {
    const code = readPairingCode(redemption.code);
    const tried = await this.countTry(guardianId, code);
    const right = code !== undefined && (await opens(code, tried));
    const review = right && tried ? await this.redeem(guardianId, tried, redemption) : undefined;
    if (!review) {
      await this.logRefusal(guardianId, tried);
      throw refused();
    }
    return this.review(guardianId, review.id);
  }

  /** The guardian's own review, while the child's choices wait. NOT_FOUND for anybody else's. */
  review(guardianId: string, reviewId: string): Promise<ReviewShown> {
    return this.registry.inSnapshot(async (records) => {
      const review = await requireReview(records, guardianId, reviewId);
      const proposed = await records.consents.find(review.childId, review.version);
      if (!proposed) throw new Failure('REVIEW_CLOSED', 'These choices do not exist any more.');
      requireOpen(review, proposed, this.clock.now());
      const child = await requirePerson(records, review.childId);
      this.requireStillChild(child);
      return {
        review,
        childName: child.account?.displayName ?? '',
        proposed,
        inForce: await records.consents.inForce(review.childId),
      };
    });
  }

  /** The guardian's reviews, newest first, without the choices. */
  reviews(guardianId: string): Promise<readonly Review[]> {
    return this.registry.inSnapshot((records) => records.guardianship.reviewsOf(guardianId));
  }

  /**
   * Approves or refuses, once. Approved choices are in force at once; refused ones leave what was in force. Refuses when the
   * child changed its mind (REVIEW_CLOSED) or turned 16 (GUARDIANSHIP_ENDED), and to approve without the declaration
   * (DECLARATION_MISSING).
   */
  decide(guardianId: string, reviewId: string, decision: GuardianDecision): Promise<Review> {
    const approves = decision.decision === 'approve';
    if (approves && !decision.declaresGuardianship) {
      throw new Failure('DECLARATION_MISSING', 'Declare that you are the parent or guardian of this child.');
    }
    return this.registry.inTransaction(async (records) => {
      const { childId, version } = await requireReview(records, guardianId, reviewId);
      const child = await requireLocked(records, childId);
      const review = await requireReview(records, guardianId, reviewId);
      const proposed = await records.consents.find(childId, version);
      const now = this.clock.now();
      requireOpen(review, proposed, now);
      this.requireStillChild(child);
      requireAdult(await requirePerson(records, guardianId), now);
      if (approves) await supersede(records, childId, now);
      const state = approves ? 'in-force' : 'refused';
      const moved = await records.consents.move(proposed, 'awaiting-guardian', state, now, guardianId);
      const closed = await records.guardianship.closeReview(reviewId, approves ? 'approved' : 'refused', now);
      if (!moved || !closed) throw new Failure('REVIEW_CLOSED', 'These choices are not waiting any more.');
      await records.guardianship.endCodes(childId);
      await this.tellDecision(records, { guardianId, child, version: proposed, approves });
      return requireReview(records, guardianId, reviewId);
    });
  }

  private async keepCode(childId: string, code: PairingCode): Promise<Date | undefined> {
    const madeAt = this.clock.now();
    const expiresAt = new Date(madeAt.getTime() + PAIRING_CODE_MS);
    const awaiting = await this.registry.inSnapshot((records) => this.requireAwaiting(records, childId));
    const kept = await keepPairingCode(code, { childId, version: awaiting.number, madeAt, expiresAt });
    return this.registry.inTransaction(async (records) => {
      const child = await requireLocked(records, childId);
      const still = await this.requireAwaiting(records, childId);
      const added = await records.guardianship.addCode({ ...kept, version: still.number });
      if (!added) return undefined;
      await this.journal.write(records, {
        kind: 'guardian.code-made',
        actor: { kind: 'citizen', personId: childId, as: 'self' },
        subject: about(child),
        outcome: 'done',
        detail: { version: still.number, versionDigest: digestOf(still) },
      });
      return expiresAt;
    });
  }

  private async requireAwaiting(records: Records, childId: string): Promise<ProfileVersion> {
    this.requireStillChild(await requirePerson(records, childId));
    const awaiting = await records.consents.awaiting(childId);
    if (!awaiting)
      throw new Failure('NOTHING_AWAITING', 'No choice of yours is waiting for a parent or guardian.');
    return awaiting;
  }

  /** Counts the try before looking whether it is right, in a transaction of its own: a crash can't give a free try. */
  private countTry(guardianId: string, code: PairingCode | undefined): Promise<KeptPairingCode | undefined> {
    return this.registry.inTransaction(async (records) => {
      const now = this.clock.now();
      requireAdult(await requirePerson(records, guardianId), now);
      const today = await records.guardianship.countGuardianTry(guardianId, dayInAmsterdam(now));
      if (today > MOST_TRIES_PER_DAY) {
        throw new Failure('TOO_MANY_TRIES', 'Too many wrong codes today; try again tomorrow.', {
          retryAfterSeconds: 24 * 60 * 60,
        });
      }
      return code && records.guardianship.countTry(selectorOf(code), now, MOST_TRIES_PER_CODE);
    });
  }

  private redeem(
    guardianId: string,
    kept: KeptPairingCode,
    redemption: Redemption,
  ): Promise<Review | undefined> {
    return this.registry.inTransaction(async (records) => {
      const child = await requireLocked(records, kept.childId);
      const awaiting = await records.consents.awaiting(kept.childId);
      const now = this.clock.now();
      const fits =
        child.id !== guardianId &&
        child.bornOn === redemption.childBornOn &&
        needsGuardian(redemption.childBornOn, now) &&
        awaiting?.number === kept.version;
      if (!fits || !(await records.guardianship.useCode(kept.selector, kept.childId, now))) return undefined;
      await records.guardianship.forgiveGuardianTry(guardianId, dayInAmsterdam(now));
      const review: Review = {
        id: this.newId(),
        guardianId,
        childId: child.id,
        version: awaiting.number,
        state: 'open',
        openedAt: now,
        expiresAt: new Date(now.getTime() + REVIEW_MS),
      };
      await records.guardianship.addReview(review);
      await this.journal.write(records, {
        kind: 'guardian.review-opened',
        actor: { kind: 'citizen', personId: guardianId, as: 'guardian' },
        subject: about(child),
        outcome: 'done',
        detail: { version: awaiting.number, versionDigest: digestOf(awaiting) },
      });
      return review;
    });
  }

  /**
   * A wrong try is visible to the one who tried, always, so that it can't be told from their own activity whether a code with this
   * selector lives; and to the child whose code was tried, if there is one.
   */
  private logRefusal(guardianId: string, tried: KeptPairingCode | undefined): Promise<void> {
    return this.registry.inTransaction(async (records) => {
      const seenBy = new Set([guardianId, ...(tried ? [tried.childId] : [])]);
      for (const personId of seenBy) {
        await this.journal.write(records, {
          kind: 'guardian.code-tried',
          actor: { kind: 'citizen', personId: guardianId, as: 'guardian' },
          subject: about(await requirePerson(records, personId)),
          outcome: 'refused',
          detail: {},
        });
      }
    });
  }

  private async tellDecision(
    records: Records,
    told: { guardianId: string; child: Person; version: ProfileVersion; approves: boolean },
  ): Promise<void> {
    const { guardianId, child, version, approves } = told;
    const entry = await this.journal.write(records, {
      kind: approves ? 'choices.approved' : 'choices.refused',
      actor: { kind: 'citizen', personId: guardianId, as: 'guardian' },
      subject: about(child),
      outcome: 'done',
      detail: { version: version.number, versionDigest: digestOf(version) },
    });
    await this.journal.notify(records, child.id, approves ? 'choices-approved' : 'choices-refused', entry);
    await this.tellGuardian(records, guardianId, approves);
  }

  /** The guardian's own activity shows that they decided; not about whom, which is the child's own. */
  private async tellGuardian(records: Records, guardianId: string, approves: boolean): Promise<void> {
    const entry = await this.journal.write(records, {
      kind: approves ? 'guardian.approved' : 'guardian.refused',
      actor: { kind: 'citizen', personId: guardianId, as: 'guardian' },
      subject: about(await requirePerson(records, guardianId)),
      outcome: 'done',
      detail: {},
    });
    await this.journal.notify(
      records,
      guardianId,
      approves ? 'guardian-approved' : 'guardian-refused',
      entry,
    );
  }

  private requireStillChild(child: Person): void {
    if (!needsGuardian(requireBirthDate(child), this.clock.now())) {
      throw new Failure(
        'GUARDIANSHIP_ENDED',
        'From the 16th birthday no parent or guardian decides on new choices.',
      );
    }
  }
}

function requireAdult(guardian: Person, at: Date): void {
  if (!mayBeGuardian(requireBirthDate(guardian), at)) {
    throw new Failure('GUARDIAN_TOO_YOUNG', 'You must be 18 or older to decide for a child.');
  }
}

async function requireReview(records: Records, guardianId: string, reviewId: string): Promise<Review> {
  const review = await records.guardianship.findReview(reviewId);
  if (review?.guardianId !== guardianId)
    throw new Failure('NOT_FOUND', 'You have no review with this number.');
  return review;
}

function requireOpen(
  review: Review,
  proposed: ProfileVersion | undefined,
  at: Date,
): asserts proposed is ProfileVersion {
  const waits = proposed?.state === 'awaiting-guardian';
  if (review.state !== 'open' || review.expiresAt <= at || !waits) {
    throw new Failure('REVIEW_CLOSED', 'These choices are not waiting for your decision any more.');
  }
}
