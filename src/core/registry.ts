import type { SealedEntry } from './audit/entry.js';
import type { Client } from './client/client.js';
import type { ProfileVersion, VersionState } from './consent/profile.js';
import type { Choice } from './consent/choices.js';
import type { ClosedQuestion } from './decision/question.js';
import type { KeptPairingCode } from './guardianship/pairing-code.js';
import type { Review, ReviewState } from './guardianship/review.js';
import type { Localization } from './localization/localization.js';
import type { Notice } from './notice/notice.js';
import type { Bsn } from './person/bsn.js';
import type { Person } from './person/person.js';
import type { ProviderType } from './provider/catalogue.js';
import type { Provider } from './provider/provider.js';
import type { Ura } from './provider/ura.js';
import type { Session, SignInAttempt } from './session/session.js';

/** Persons. */
export interface PeopleRecords {
  find(personId: string): Promise<Person | undefined>;
  findByBsn(bsn: Bsn): Promise<Person | undefined>;
  /**
   * Adds a person unless someone with this BSN is there already; gives back whoever is kept under the BSN now.
   * Two callers at once get the same person.
   */
  addOrFind(person: Person): Promise<Person>;
  /** Keeps account and birth date of a person as given. */
  update(person: Person): Promise<void>;
  /** Makes every other transaction that locks this person wait until this one ends. Undefined when there is no such person. */
  lock(personId: string): Promise<Person | undefined>;
}

/** Versions of choices. */
export interface ConsentRecords {
  inForce(personId: string): Promise<ProfileVersion | undefined>;
  awaiting(personId: string): Promise<ProfileVersion | undefined>;
  find(personId: string, number: number): Promise<ProfileVersion | undefined>;
  /** All versions, newest first. */
  list(personId: string): Promise<readonly ProfileVersion[]>;
  /** The highest number used; 0 when there is none. */
  latest(personId: string): Promise<number>;
  add(version: ProfileVersion): Promise<void>;
  /** Moves a version on from one state to another; false (and no change) when it was not in `from`. */
  move(
    version: { personId: string; number: number },
    from: VersionState,
    to: VersionState,
    at: Date,
    decidedBy?: string,
  ): Promise<boolean>;
}

/** Pairing codes and reviews. */
export interface GuardianshipRecords {
  /** Keeps a code; every other code of the child dies. False (nothing kept) when the selector is in use by a live code. */
  addCode(code: KeptPairingCode): Promise<boolean>;
  /** Ends every live code of a child. */
  endCodes(childId: string): Promise<void>;
  /**
   * Counts a try on a live code (not used, not expired, tries left) and gives it back; undefined when there is none. A code is
   * expired as soon as either `at` or the records' own clock says so; here and in what follows.
   */
  countTry(selector: string, at: Date, mostTries: number): Promise<KeptPairingCode | undefined>;
  /** Counts a try of a guardian on a day (YYYY-MM-DD) and gives back the number of tries on that day, this one included. */
  countGuardianTry(guardianId: string, day: string): Promise<number>;
  /** Takes back the try of a guardian that turned out right. */
  forgiveGuardianTry(guardianId: string, day: string): Promise<void>;
  /** Marks a code used; false when somebody else did, it died meanwhile, or it was tried more often than is allowed. */
  useCode(selector: string, childId: string, at: Date): Promise<boolean>;
  /** The live code of a child, if any. */
  liveCode(childId: string, at: Date, mostTries: number): Promise<KeptPairingCode | undefined>;
  addReview(review: Review): Promise<void>;
  findReview(reviewId: string): Promise<Review | undefined>;
  /** Closes an open review; false when it is not open any more. */
  closeReview(reviewId: string, state: Exclude<ReviewState, 'open'>, at: Date): Promise<boolean>;
  /** The reviews of a guardian, newest first. */
  reviewsOf(guardianId: string): Promise<readonly Review[]>;
  /** Forgets at most `most` codes that expired by both `at` and the records' own clock; gives back how many. */
  forgetBefore(at: Date, most: number): Promise<number>;
}

/** Who holds data about whom. */
export interface LocalizationRecords {
  find(localizationId: string): Promise<Localization | undefined>;
  /** The localization of this person, URA and type, ended or not. */
  findFor(personId: string, ura: Ura, type: ProviderType): Promise<Localization | undefined>;
  /** Those that have not ended, oldest first. */
  activeOf(personId: string): Promise<readonly Localization[]>;
  /** Adds one, or keeps the changed one under the same id. */
  put(localization: Localization): Promise<void>;
}

/** What a search for providers asks. */
export interface ProviderSearch {
  readonly name?: string | undefined;
  readonly place?: string | undefined;
  readonly types?: readonly ProviderType[] | undefined;
  /** Continue after this URA number. */
  readonly after?: Ura | undefined;
  readonly limit: number;
}

/** What an import did. */
export interface ImportCount {
  readonly added: number;
  readonly changed: number;
  readonly unchanged: number;
}

/** The register of care providers. */
export interface ProviderRecords {
  find(ura: Ura): Promise<Provider | undefined>;
  findAll(uras: readonly Ura[]): Promise<readonly Provider[]>;
  /** By URA number, at most `limit`. `name` and `place` match anywhere, in any case. */
  search(search: ProviderSearch): Promise<readonly Provider[]>;
  /** Adds or replaces providers. Does NOT remove those not named. */
  putAll(providers: readonly Provider[]): Promise<ImportCount>;
}

/** Provider systems. */
export interface ClientRecords {
  find(clientId: string): Promise<Client | undefined>;
  list(): Promise<readonly Client[]>;
  add(client: Client): Promise<void>;
  /** False when there is no such client in service. */
  revoke(clientId: string, at: Date): Promise<boolean>;
}

/** A place in the log, newest first: the id of an entry, standing for everything older. An id that is not there has nothing before it. */
export type EntryCursor = string;

/** What an auditor searches for. */
export interface EntrySearch {
  readonly from: Date;
  /** Exclusive. */
  readonly to: Date;
  /** Entries carrying one of these subject tags. */
  readonly subjectTags?: readonly Buffer[] | undefined;
  /** Entries naming this provider, by tag, as requester or holder. */
  readonly partyTags?: readonly Buffer[] | undefined;
  readonly clientId?: string | undefined;
  readonly kinds?: readonly string[] | undefined;
  readonly outcome?: string | undefined;
  readonly before?: EntryCursor | undefined;
  readonly limit: number;
}

/** The log. Entries are added, never changed. */
export interface AuditRecords {
  append(entries: readonly SealedEntry[]): Promise<void>;
  /** Newest first. */
  search(search: EntrySearch): Promise<readonly SealedEntry[]>;
  /** By id; undefined when there is none. */
  find(entryId: string): Promise<SealedEntry | undefined>;
}

/** What must be told to people. */
export interface NoticeRecords {
  add(notice: Notice): Promise<void>;
  /** Newest first. */
  list(personId: string): Promise<readonly Notice[]>;
}

/** A change that was carried out under an Idempotency-Key. */
export interface Remembered {
  readonly personId: string;
  readonly key: string;
  /** SHA-256 of what was asked, so that the same key with another request is noticed. */
  readonly requestHash: Buffer;
  /** The version number that came of it. */
  readonly version: number;
  readonly at: Date;
}

/** Changes by Idempotency-Key. */
export interface IdempotencyRecords {
  find(personId: string, key: string): Promise<Remembered | undefined>;
  add(remembered: Remembered): Promise<void>;
  /** Forgets at most `most` changes carried out before this moment, whose keys can be used anew; gives back how many. */
  forgetBefore(at: Date, most: number): Promise<number>;
}

/** Signed-in visits and sign-ins under way. */
export interface SessionRecords {
  add(session: Session): Promise<void>;
  find(secretHash: Buffer): Promise<Session | undefined>;
  seen(secretHash: Buffer, at: Date): Promise<void>;
  end(secretHash: Buffer): Promise<void>;
  addAttempt(attempt: SignInAttempt): Promise<void>;
  /** Takes an attempt away and gives it back: of two callers at once, one gets it. */
  takeAttempt(stateHash: Buffer): Promise<SignInAttempt | undefined>;
  /** Forgets at most `most` sessions last seen before this moment; gives back how many. */
  forgetBefore(seenBefore: Date, most: number): Promise<number>;
  /** Forgets at most `most` attempts started before this moment; gives back how many. */
  forgetAttemptsBefore(startedBefore: Date, most: number): Promise<number>;
}

/** Values that may be used once, such as the jti of a client assertion, across every instance. */
export interface OnceRecords {
  /** True for the first caller with this value; false for every other one until `until` has passed. */
  use(value: string, until: Date): Promise<boolean>;
  /** Forgets at most `most` values whose time has passed by both `at` and the records' own clock; gives back how many. */
  forgetBefore(at: Date, most: number): Promise<number>;
}

/** Everything kept, inside one transaction. */
export interface Records {
  readonly people: PeopleRecords;
  readonly consents: ConsentRecords;
  readonly guardianship: GuardianshipRecords;
  readonly localizations: LocalizationRecords;
  readonly providers: ProviderRecords;
  readonly clients: ClientRecords;
  readonly audit: AuditRecords;
  readonly notices: NoticeRecords;
  readonly idempotency: IdempotencyRecords;
  readonly sessions: SessionRecords;
  readonly once: OnceRecords;
}

/** What the registry knows that matters for one closed question. */
export interface Known {
  readonly person?: { readonly id: string; readonly auditKey: Buffer } | undefined;
  readonly version?: { readonly number: number; readonly choices: readonly Choice[] } | undefined;
  readonly holderKnown: boolean;
  readonly requesterKnown: boolean;
  readonly client?: Pick<Client, 'uras' | 'revokedAt'> | undefined;
}

/** A closed question with the system that asks it: what the batch read needs. */
export interface AskedQuestion {
  readonly clientId: string;
  readonly question: Pick<ClosedQuestion, 'bsn' | 'holder' | 'requester'>;
}

/** The port: every promise the rules need from storage. Both a type and Nest's token. */
export abstract class Registry {
  /**
   * Runs `act` in one transaction: everything it keeps is kept together and durably before the promise resolves, or not at
   * all when it throws. May run `act` again after a conflict, so `act` has no effects of its own. `reads`: by default each read
   * sees the latest committed state (a locked person can't change any more); `one-snapshot` shows one moment throughout.
   */
  abstract inTransaction<T>(
    act: (records: Records) => Promise<T>,
    reads?: 'latest' | 'one-snapshot',
  ): Promise<T>;

  /**
   * Runs `look` on one unchanging snapshot of the primary. Nothing it tries to keep is kept.
   */
  abstract inSnapshot<T>(look: (records: Records) => Promise<T>): Promise<T>;

  /**
   * The check path: one read for a whole batch of questions, in one snapshot; `conclude` turns what is known (same order) into
   * the entries to keep; these are durable when the promise resolves. Nothing may be answered before that.
   */
  abstract answerTogether(
    questions: readonly AskedQuestion[],
    conclude: (known: readonly Known[]) => readonly SealedEntry[],
  ): Promise<void>;

  /**
   * Makes room for the log: after this, entries of the half year of `at` and of the next one can be kept. Safe to repeat, and
   * by many instances at once.
   */
  abstract prepareLog(at: Date): Promise<void>;

  /** The registry reads entries through its own narrower door (role auditor): reading only, one snapshot per call. */
  abstract asAuditor<T>(look: (audit: Pick<AuditRecords, 'search' | 'find'>) => Promise<T>): Promise<T>;
}
