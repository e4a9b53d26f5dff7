import { createHash } from 'node:crypto';
import { about, type Journal } from '../audit/journal.js';
import type { Clock } from '../clock.js';
import { Failure } from '../failure.js';
import { needsGuardian } from '../person/age.js';
import { requireLocked, requirePerson } from '../person/people.service.js';
import { type Person, requireBirthDate } from '../person/person.js';
import { CATALOGUE_VERSION } from '../provider/catalogue.js';
import type { Records, Registry } from '../registry.js';
import { choicesOf, type Draft, namedProviders, requireSoundDraft } from './choices.js';
import { digestOf, type Profile, type ProfileVersion, tagOf } from './profile.js';

/** A change of choices, with what guards it against races and repeats. */
export interface Change {
  readonly draft: Draft;
  /** The entity tag of the profile that the person saw (RFC 9110 §13.1.1). */
  readonly ifMatch: string | undefined;
  /** Makes a repeated request harmless: the same key gives the same result, once. */
  readonly idempotencyKey: string | undefined;
}

/** The result of a change: the version it made and the profile as it is now. */
export interface Changed {
  readonly version: ProfileVersion;
  readonly profile: Profile;
}

/** A person's choices: read, save, restore. Every change is a new version. */
export class Consents {
  constructor(
    private readonly registry: Registry,
    private readonly journal: Journal,
    private readonly clock: Clock,
  ) {}

  /** What the person's choices are now. */
  read(personId: string): Promise<Profile> {
    return this.registry.inSnapshot((records) => profileOf(records, personId));
  }

  /** All versions, newest first. */
  versions(personId: string): Promise<readonly ProfileVersion[]> {
    return this.registry.inSnapshot((records) => records.consents.list(personId));
  }

  /** One version, or VERSION_NOT_FOUND. */
  version(personId: string, number: number): Promise<ProfileVersion> {
    return this.registry.inSnapshot((records) => requireVersion(records, personId, number));
  }

  /**
   * Saves choices as a new version: in force at once, or, below the age that policy sets, awaiting a guardian while the
   * version in force stays. Refuses without If-Match (PRECONDITION_MISSING), when the profile changed meanwhile
   * (VERSION_CHANGED), and before first use is completed (DETAILS_MISSING).
   */
  save(personId: string, change: Change): Promise<Changed> {
    requireSoundDraft(change.draft);
    return this.change(personId, change, (records) => {
      return requireKnownProviders(records, change.draft).then(() => ({ draft: change.draft }));
    });
  }

  /** Saves the choices of an earlier version again, as a new version and under the same conditions as `save`. */
  restore(personId: string, number: number, change: Omit<Change, 'draft'>): Promise<Changed> {
    return this.change(personId, { ...change, restores: number }, async (records) => {
      const { option, choices } = await requireVersion(records, personId, number);
      return { draft: { option, choices: option === 'certain' ? choices : [] }, restoredFrom: number };
    });
  }

  /** Takes back the version that awaits a guardian; its pairing codes die. NOTHING_AWAITING when there is none. */
  withdraw(personId: string): Promise<Profile> {
    return this.registry.inTransaction(async (records) => {
      const person = await requireLocked(records, personId);
      const awaiting = await records.consents.awaiting(personId);
      if (!awaiting)
        throw new Failure('NOTHING_AWAITING', 'No choice of yours is waiting for a parent or guardian.');
      await this.lapse(records, awaiting);
      const entry = await this.journal.write(records, {
        kind: 'choices.withdrawn',
        actor: { kind: 'citizen', personId, as: 'self' },
        subject: about(person),
        outcome: 'done',
        detail: { version: awaiting.number, versionDigest: digestOf(awaiting) },
      });
      await this.journal.notify(records, personId, 'choices-withdrawn', entry);
      return profileOf(records, personId);
    });
  }

  private change(
    personId: string,
    guard: Omit<Change, 'draft'> & { readonly draft?: Draft; readonly restores?: number },
    wanted: (records: Records) => Promise<{ draft: Draft; restoredFrom?: number }>,
  ): Promise<Changed> {
    const requestHash = createHash('sha256')
      .update(JSON.stringify([guard.ifMatch, guard.restores ?? guard.draft]))
      .digest();
    return this.registry.inTransaction(async (records) => {
      const person = await requireLocked(records, personId);
      const repeated = await this.rememberedChange(records, personId, guard.idempotencyKey, requestHash);
      if (repeated) return repeated;
      requireUnchanged(await profileOf(records, personId), guard.ifMatch);
      const { draft, restoredFrom } = await wanted(records);
      const version = await this.keepVersion(records, person, draft, restoredFrom);
      if (guard.idempotencyKey !== undefined) {
        const { number } = version;
        const key = guard.idempotencyKey;
        await records.idempotency.add({ personId, key, requestHash, version: number, at: version.madeAt });
      }
      return { version, profile: await profileOf(records, personId) };
    });
  }

  private async rememberedChange(
    records: Records,
    personId: string,
    key: string | undefined,
    requestHash: Buffer,
  ): Promise<Changed | undefined> {
    const remembered = key === undefined ? undefined : await records.idempotency.find(personId, key);
    if (!remembered) return undefined;
    if (!remembered.requestHash.equals(requestHash)) {
      throw new Failure(
        'IDEMPOTENCY_KEY_REUSED',
        'This Idempotency-Key was used for another request; make a new one.',
      );
    }
    const version = await requireVersion(records, personId, remembered.version);
    return { version, profile: await profileOf(records, personId) };
  }

  private async keepVersion(
    records: Records,
    person: Person,
    draft: Draft,
    restoredFrom: number | undefined,
  ): Promise<ProfileVersion> {
    const now = this.clock.now();
    const waits = needsGuardian(requireBirthDate(person), now);
    const awaiting = await records.consents.awaiting(person.id);
    if (awaiting) await this.lapse(records, awaiting);
    if (!waits) await supersede(records, person.id, now);
    const version: ProfileVersion = {
      personId: person.id,
      number: (await records.consents.latest(person.id)) + 1,
      state: waits ? 'awaiting-guardian' : 'in-force',
      option: draft.option,
      choices: choicesOf(draft),
      catalogueVersion: CATALOGUE_VERSION,
      madeAt: now,
      madeBy: { kind: 'self' },
      restoredFrom,
      inForceFrom: waits ? undefined : now,
    };
    await records.consents.add(version);
    const entry = await this.journal.write(records, {
      kind: waits ? 'choices.proposed' : restoredFrom === undefined ? 'choices.saved' : 'choices.restored',
      actor: { kind: 'citizen', personId: person.id, as: 'self' },
      subject: about(person),
      outcome: 'done',
      detail: { version: version.number, versionDigest: digestOf(version), restoredFrom },
    });
    await this.journal.notify(records, person.id, waits ? 'choices-proposed' : 'choices-saved', entry);
    return version;
  }

  private async lapse(records: Records, awaiting: ProfileVersion): Promise<void> {
    await records.consents.move(awaiting, 'awaiting-guardian', 'lapsed', this.clock.now());
    await records.guardianship.endCodes(awaiting.personId);
  }
}

/** What a person's choices are now, as this transaction sees them. */
export async function profileOf(records: Records, personId: string): Promise<Profile> {
  const person = await requirePerson(records, personId);
  return {
    personId: person.id,
    inForce: await records.consents.inForce(personId),
    awaiting: await records.consents.awaiting(personId),
    latest: await records.consents.latest(personId),
  };
}

/** Ends the version in force, if there is one. */
export async function supersede(records: Records, personId: string, at: Date): Promise<void> {
  const inForce = await records.consents.inForce(personId);
  if (inForce) await records.consents.move(inForce, 'in-force', 'superseded', at);
}

async function requireVersion(records: Records, personId: string, number: number): Promise<ProfileVersion> {
  const version = await records.consents.find(personId, number);
  if (!version)
    throw new Failure('VERSION_NOT_FOUND', 'You have no version of your choices with this number.');
  return version;
}

function requireUnchanged(profile: Profile, ifMatch: string | undefined): void {
  if (ifMatch === undefined) {
    throw new Failure(
      'PRECONDITION_MISSING',
      'Send If-Match with the ETag of the choices that were on the screen.',
    );
  }
  if (ifMatch !== tagOf(profile)) {
    throw new Failure(
      'VERSION_CHANGED',
      'Your choices changed in the meantime; look at them again before saving.',
    );
  }
}

/** A choice can only name providers that the register knows; refuses with PROVIDER_UNKNOWN, naming the fields. */
export async function requireKnownProviders(records: Records, draft: Draft): Promise<void> {
  const named = namedProviders(draft.choices);
  const known = new Set((await records.providers.findAll(named)).map(({ ura }) => ura));
  const fields: Record<string, string> = {};
  draft.choices.forEach((choice, position) => {
    for (const side of ['holder', 'requester'] as const) {
      const [ura] = namedProviders([
        { ...choice, holder: choice[side] as typeof choice.holder, requester: 'all' },
      ]);
      if (ura && !known.has(ura)) {
        fields[`choices.${position}.${side}`] = 'No care provider with this URA number is in the register.';
      }
    }
  });
  if (Object.keys(fields).length > 0) {
    throw new Failure('PROVIDER_UNKNOWN', 'A choice names a care provider that is not in the register.', {
      fields,
    });
  }
}
