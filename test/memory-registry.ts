import { AsyncLocalStorage } from 'node:async_hooks';
import type { SealedEntry } from '../src/core/audit/entry.js';
import type { Client } from '../src/core/client/client.js';
import type { Clock } from '../src/core/clock.js';
import { mayBecome, type ProfileVersion, type VersionState } from '../src/core/consent/profile.js';
import { Failure } from '../src/core/failure.js';
import { type KeptPairingCode, MOST_TRIES_PER_CODE } from '../src/core/guardianship/pairing-code.js';
import type { Review } from '../src/core/guardianship/review.js';
import type { Localization } from '../src/core/localization/localization.js';
import type { Notice } from '../src/core/notice/notice.js';
import type { Bsn } from '../src/core/person/bsn.js';
import type { Person } from '../src/core/person/person.js';
import { isDutch, type Provider, type Requester } from '../src/core/provider/provider.js';
import {
  type AskedQuestion,
  type AuditRecords,
  type ClientRecords,
  type ConsentRecords,
  type EntrySearch,
  type GuardianshipRecords,
  type IdempotencyRecords,
  type ImportCount,
  type Known,
  type LocalizationRecords,
  type NoticeRecords,
  type OnceRecords,
  type PeopleRecords,
  type ProviderRecords,
  type Records,
  Registry,
  type Remembered,
  type SessionRecords,
} from '../src/core/registry.js';
import type { Session, SignInAttempt } from '../src/core/session/session.js';

/** How to put back what a transaction changed, latest change first. */
type Undo = (() => void)[];

/** Rows by key. Every change can be undone as long as its transaction lasts. Rows are replaced, never changed in place. */
class Table<Row> {
  private readonly rows = new Map<string, Row>();

  constructor(private readonly undo: Undo) {}

  get(key: string): Row | undefined {
    return this.rows.get(key);
  }

  all(): Row[] {
    return [...this.rows.values()];
  }

  put(key: string, row: Row): void {
    this.remember(key);
    this.rows.set(key, row);
  }

  add(key: string, row: Row): void {
    if (this.rows.has(key)) throw new Error('there is a row with this key already');
    this.put(key, row);
  }

  remove(key: string): boolean {
    this.remember(key);
    return this.rows.delete(key);
  }

  private remember(key: string): void {
    const before = this.rows.get(key);
    this.undo.push(before === undefined ? () => this.rows.delete(key) : () => this.rows.set(key, before));
  }
}

interface CodeRow {
  readonly code: KeptPairingCode;
  readonly tries: number;
}

interface UsedOnce {
  readonly value: string;
  readonly until: Date;
}

class Tables {
  readonly undo: Undo = [];
  readonly people = new Table<Person>(this.undo);
  readonly personIds = new Table<string>(this.undo);
  readonly versions = new Table<ProfileVersion>(this.undo);
  readonly codes = new Table<CodeRow>(this.undo);
  readonly guardianTries = new Table<number>(this.undo);
  readonly reviews = new Table<Review>(this.undo);
  readonly localizations = new Table<Localization>(this.undo);
  readonly providers = new Table<Provider>(this.undo);
  readonly clients = new Table<Client>(this.undo);
  readonly entries = new Table<SealedEntry>(this.undo);
  readonly notices = new Table<Notice>(this.undo);
  readonly remembered = new Table<Remembered>(this.undo);
  readonly sessions = new Table<Session>(this.undo);
  readonly attempts = new Table<SignInAttempt>(this.undo);
  readonly once = new Table<UsedOnce>(this.undo);

  requirePerson(personId: string): void {
    if (!this.people.get(personId)) throw new Error('there is no such person');
  }
}

/** Removes at most `most` of the rows that are done with; gives back how many. */
function forget<Row>(
  table: Table<Row>,
  most: number,
  isDone: (row: Row) => boolean,
  keyOf: (row: Row) => string,
): number {
  const gone = table.all().filter(isDone).slice(0, most);
  for (const row of gone) table.remove(keyOf(row));
  return gone.length;
}

const newestFirst = (a: Date, b: Date): number => b.getTime() - a.getTime();
const byText = (a: string, b: string): number => (a < b ? -1 : Number(a > b));
const isOneOf = (buffers: readonly Buffer[], buffer: Buffer | undefined): boolean =>
  buffer !== undefined && buffers.some((each) => each.equals(buffer));

function people(tables: Tables): PeopleRecords {
  const find = (personId: string): Person | undefined => tables.people.get(personId);
  const findByBsn = (bsn: Bsn): Person | undefined => find(tables.personIds.get(bsn) ?? '');
  return {
    find: async (personId) => find(personId),
    findByBsn: async (bsn) => findByBsn(bsn),
    addOrFind: async (person) => {
      const found = findByBsn(person.bsn);
      if (found) return found;
      tables.personIds.add(person.bsn, person.id);
      tables.people.add(person.id, person);
      return person;
    },
    update: async (person) => {
      const kept = find(person.id);
      if (!kept) throw new Error('there is no such person');
      const { bornOn, bornOnSource, account } = person;
      tables.people.put(person.id, { ...kept, bornOn, bornOnSource, account });
    },
    lock: async (personId) => find(personId),
  };
}

const ENDED: readonly VersionState[] = ['superseded', 'refused', 'lapsed'];
const ONE_AT_MOST: readonly VersionState[] = ['proposed', 'awaiting-guardian', 'in-force'];

function consents(tables: Tables): ConsentRecords {
  const keyOf = (personId: string, number: number): string => `${personId}/${number}`;
  const list = (personId: string): ProfileVersion[] =>
    tables.versions
      .all()
      .filter((version) => version.personId === personId)
      .sort((a, b) => b.number - a.number);
  const inState = (personId: string, state: VersionState): ProfileVersion | undefined =>
    list(personId).find((version) => version.state === state);
  const requireRoom = (personId: string, state: VersionState): void => {
    if (ONE_AT_MOST.includes(state) && inState(personId, state)) {
      throw new Error(`a version of this person is ${state} already`);
    }
  };
  return {
    inForce: async (personId) => inState(personId, 'in-force'),
    awaiting: async (personId) => inState(personId, 'awaiting-guardian'),
    find: async (personId, number) => tables.versions.get(keyOf(personId, number)),
    list: async (personId) => list(personId),
    latest: async (personId) => list(personId)[0]?.number ?? 0,
    add: async (version) => {
      tables.requirePerson(version.personId);
      requireRoom(version.personId, version.state);
      requireSoundTimes(version);
      tables.versions.add(keyOf(version.personId, version.number), version);
    },
    move: async ({ personId, number }, from, to, at, decidedBy) => {
      const version = tables.versions.get(keyOf(personId, number));
      if (version?.state !== from) return false;
      if (!mayBecome(from, to)) throw new Error(`a version that is ${from} can't become ${to}`);
      requireRoom(personId, to);
      const moment = ENDED.includes(to) ? { endedAt: at } : { inForceFrom: at };
      const decided = decidedBy === undefined ? {} : { decidedBy };
      tables.versions.put(keyOf(personId, number), { ...version, state: to, ...moment, ...decided });
      return true;
    },
  };
}

function requireSoundTimes(version: ProfileVersion): void {
  const began = version.inForceFrom !== undefined;
  const mustHaveBegun = version.state === 'in-force' || version.state === 'superseded';
  if (began !== mustHaveBegun) throw new Error('inForceFrom does not fit the state');
  if ((version.endedAt !== undefined) !== ENDED.includes(version.state)) {
    throw new Error('endedAt does not fit the state');
  }
}

function guardianship(tables: Tables, clock: Clock): GuardianshipRecords {
  const bySelector = (selector: string): CodeRow | undefined =>
    tables.codes.all().find(({ code }) => code.selector === selector);
  const isAlive = ({ code }: CodeRow, at: Date): boolean =>
    code.expiresAt > at && code.expiresAt > clock.now();
  return {
    addCode: async (code) => {
      tables.requirePerson(code.childId);
      const other = bySelector(code.selector);
      if (other && isAlive(other, code.madeAt)) return false;
      if (other) tables.codes.remove(other.code.childId);
      tables.codes.put(code.childId, { code, tries: 0 });
      return true;
    },
    endCodes: async (childId) => {
      tables.codes.remove(childId);
    },
    countTry: async (selector, at, mostTries) => {
      const row = bySelector(selector);
      if (!row || !isAlive(row, at) || row.tries >= mostTries) return undefined;
      tables.codes.put(row.code.childId, { ...row, tries: row.tries + 1 });
      return row.code;
    },
    countGuardianTry: async (guardianId, day) => {
      tables.requirePerson(guardianId);
      const tries = (tables.guardianTries.get(`${guardianId}/${day}`) ?? 0) + 1;
      tables.guardianTries.put(`${guardianId}/${day}`, tries);
      return tries;
    },
    forgiveGuardianTry: async (guardianId, day) => {
      const tries = tables.guardianTries.get(`${guardianId}/${day}`) ?? 0;
      if (tries > 0) tables.guardianTries.put(`${guardianId}/${day}`, tries - 1);
    },
    useCode: async (selector, childId, at) => {
      const row = tables.codes.get(childId);
      if (row?.code.selector !== selector || !isAlive(row, at)) return false;
      if (row.tries > MOST_TRIES_PER_CODE) return false;
      return tables.codes.remove(childId);
    },
    liveCode: async (childId, at, mostTries) => {
      const row = tables.codes.get(childId);
      return row && isAlive(row, at) && row.tries < mostTries ? row.code : undefined;
    },
    addReview: async (review) => {
      tables.requirePerson(review.childId);
      tables.reviews.add(review.id, review);
    },
    findReview: async (reviewId) => tables.reviews.get(reviewId),
    closeReview: async (reviewId, state, at) => {
      const review = tables.reviews.get(reviewId);
      if (review?.state !== 'open') return false;
      tables.reviews.put(reviewId, { ...review, state, decidedAt: at });
      return true;
    },
    reviewsOf: async (guardianId) =>
      tables.reviews
        .all()
        .filter((review) => review.guardianId === guardianId)
        .sort((a, b) => newestFirst(a.openedAt, b.openedAt) || byText(b.id, a.id)),
    forgetBefore: async (at, most) =>
      forget(
        tables.codes,
        most,
        ({ code }) => code.expiresAt <= at && code.expiresAt <= clock.now(),
        ({ code }) => code.childId,
      ),
  };
}

function localizations(tables: Tables): LocalizationRecords {
  const of = (personId: string): Localization[] =>
    tables.localizations.all().filter((localization) => localization.personId === personId);
  return {
    find: async (localizationId) => tables.localizations.get(localizationId),
    findFor: async (personId, ura, type) =>
      of(personId).find((each) => each.ura === ura && each.type === type),
    activeOf: async (personId) =>
      of(personId)
        .filter((each) => each.endedAt === undefined)
        .sort((a, b) => newestFirst(b.registeredAt, a.registeredAt) || byText(a.id, b.id)),
    put: async (localization) => {
      const { id, personId, ura, type } = localization;
      tables.requirePerson(personId);
      if (of(personId).some((each) => each.ura === ura && each.type === type && each.id !== id)) {
        throw new Error('this person has a localization of this provider and type already');
      }
      tables.localizations.put(id, localization);
    },
  };
}

function providers(tables: Tables): ProviderRecords {
  const contains = (text: string, part: string | undefined): boolean =>
    part === undefined || text.toLowerCase().includes(part.toLowerCase());
  return {
    find: async (ura) => tables.providers.get(ura),
    findAll: async (uras) =>
      tables.providers
        .all()
        .filter(({ ura }) => uras.includes(ura))
        .sort((a, b) => byText(a.ura, b.ura)),
    search: async ({ name, place, types, after, limit }) =>
      tables.providers
        .all()
        .filter((provider) => contains(provider.name, name) && contains(provider.place, place))
        .filter((provider) => types === undefined || provider.types.some((type) => types.includes(type)))
        .filter(({ ura }) => after === undefined || ura > after)
        .sort((a, b) => byText(a.ura, b.ura))
        .slice(0, limit),
    putAll: async (given) => {
      const count: { -readonly [K in keyof ImportCount]: number } = { added: 0, changed: 0, unchanged: 0 };
      for (const provider of new Map(given.map((each) => [each.ura, each])).values()) {
        count[changeOf(tables.providers.get(provider.ura), provider)] += 1;
        tables.providers.put(provider.ura, provider);
      }
      return count;
    },
  };
}

function changeOf(before: Provider | undefined, after: Provider): keyof ImportCount {
  if (!before) return 'added';
  const isSame =
    before.name === after.name && before.place === after.place && before.types.join() === after.types.join();
  return isSame ? 'unchanged' : 'changed';
}

function clients(tables: Tables): ClientRecords {
  return {
    find: async (clientId) => tables.clients.get(clientId),
    list: async () => tables.clients.all().sort((a, b) => byText(a.id, b.id)),
    add: async (client) => tables.clients.add(client.id, client),
    revoke: async (clientId, at) => {
      const client = tables.clients.get(clientId);
      if (!client || client.revokedAt) return false;
      tables.clients.put(clientId, { ...client, revokedAt: at });
      return true;
    },
  };
}

const compareEntries = (a: SealedEntry, b: SealedEntry): number =>
  newestFirst(a.at, b.at) || byText(b.id, a.id);

function matches(entry: SealedEntry, search: EntrySearch): boolean {
  const { from, to, subjectTags, partyTags, clientId, kinds, outcome } = search;
  const namesParty = (tags: readonly Buffer[]): boolean => tags.some((tag) => entry.partyTags.includes(tag));
  return (
    entry.at >= from &&
    entry.at < to &&
    (subjectTags === undefined || isOneOf(subjectTags, entry.subjectTag)) &&
    (partyTags === undefined || namesParty(partyTags)) &&
    (clientId === undefined || entry.clientId === clientId) &&
    (kinds === undefined || kinds.includes(entry.kind)) &&
    (outcome === undefined || entry.outcome === outcome)
  );
}

function audit(tables: Tables): AuditRecords {
  return {
    append: async (entries) => {
      for (const entry of entries) tables.entries.add(entry.id, entry);
    },
    search: async (search) => {
      const before = search.before === undefined ? undefined : tables.entries.get(search.before);
      if (search.before !== undefined && !before) return [];
      return tables.entries
        .all()
        .filter((entry) => matches(entry, search) && (!before || compareEntries(before, entry) < 0))
        .sort(compareEntries)
        .slice(0, search.limit);
    },
    find: async (entryId) => tables.entries.get(entryId),
  };
}

function notices(tables: Tables): NoticeRecords {
  return {
    add: async (notice) => {
      tables.requirePerson(notice.personId);
      tables.notices.add(notice.id, notice);
    },
    list: async (personId) =>
      tables.notices
        .all()
        .filter((notice) => notice.personId === personId)
        .sort((a, b) => newestFirst(a.at, b.at) || byText(b.id, a.id)),
  };
}

function idempotency(tables: Tables): IdempotencyRecords {
  return {
    find: async (personId, key) => tables.remembered.get(`${personId}/${key}`),
    add: async (remembered) => {
      tables.requirePerson(remembered.personId);
      tables.remembered.add(`${remembered.personId}/${remembered.key}`, remembered);
    },
    forgetBefore: async (before, most) =>
      forget(
        tables.remembered,
        most,
        ({ at }) => at < before,
        ({ personId, key }) => `${personId}/${key}`,
      ),
  };
}

function sessions(tables: Tables): SessionRecords {
  return {
    add: async (session) => tables.sessions.add(session.secretHash.toString('hex'), session),
    find: async (secretHash) => tables.sessions.get(secretHash.toString('hex')),
    seen: async (secretHash, at) => {
      const session = tables.sessions.get(secretHash.toString('hex'));
      if (session) tables.sessions.put(secretHash.toString('hex'), { ...session, seenAt: at });
    },
    end: async (secretHash) => {
      tables.sessions.remove(secretHash.toString('hex'));
    },
    addAttempt: async (attempt) => tables.attempts.add(attempt.stateHash.toString('hex'), attempt),
    takeAttempt: async (stateHash) => {
      const attempt = tables.attempts.get(stateHash.toString('hex'));
      tables.attempts.remove(stateHash.toString('hex'));
      return attempt;
    },
    forgetBefore: async (before, most) =>
      forget(
        tables.sessions,
        most,
        ({ seenAt }) => seenAt < before,
        ({ secretHash }) => secretHash.toString('hex'),
      ),
    forgetAttemptsBefore: async (before, most) =>
      forget(
        tables.attempts,
        most,
        ({ startedAt }) => startedAt < before,
        ({ stateHash }) => stateHash.toString('hex'),
      ),
  };
}

function once(tables: Tables, clock: Clock): OnceRecords {
  return {
    use: async (value, until) => {
      const used = tables.once.get(value);
      if (used && used.until > clock.now()) return false;
      tables.once.put(value, { value, until });
      return true;
    },
    forgetBefore: async (at, most) =>
      forget(
        tables.once,
        most,
        ({ until }) => until < at && until < clock.now(),
        ({ value }) => value,
      ),
  };
}

function isKnown(tables: Tables, requester: Requester): boolean {
  if (!isDutch(requester)) return true;
  return tables.providers.get(requester.ura)?.types.includes(requester.type) ?? false;
}

/**
 * The registry in memory, for tests of the rules: keeps every promise of the port except that it forgets everything at the
 * end. Transactions run one after another, so it does NOT show what goes wrong when two run side by side.
 */
export class MemoryRegistry extends Registry {
  /** Set to make every call fail as it does when the database is away. */
  unavailable = false;

  private readonly tables = new Tables();
  private readonly records: Records;
  private readonly running = new AsyncLocalStorage<true>();
  private queue: Promise<unknown> = Promise.resolve();

  /** `clock` decides, as the database's own does, when a pairing code is dead and a value that may be used once is free again. */
  constructor(clock: Clock = { now: () => new Date() }) {
    super();
    this.records = {
      people: people(this.tables),
      consents: consents(this.tables),
      guardianship: guardianship(this.tables, clock),
      localizations: localizations(this.tables),
      providers: providers(this.tables),
      clients: clients(this.tables),
      audit: audit(this.tables),
      notices: notices(this.tables),
      idempotency: idempotency(this.tables),
      sessions: sessions(this.tables),
      once: once(this.tables, clock),
    };
  }

  /** The whole log, oldest first, for a test to look at. */
  entries(): readonly SealedEntry[] {
    return this.tables.entries.all().sort((a, b) => compareEntries(b, a));
  }

  override inTransaction<T>(act: (records: Records) => Promise<T>): Promise<T> {
    return this.alone(async () => {
      const result = await act(this.records);
      this.tables.undo.length = 0;
      return result;
    });
  }

  override inSnapshot<T>(look: (records: Records) => Promise<T>): Promise<T> {
    return this.alone(() => look(this.records));
  }

  override answerTogether(
    questions: readonly AskedQuestion[],
    conclude: (known: readonly Known[]) => readonly SealedEntry[],
  ): Promise<void> {
    return this.inTransaction(async (records) => {
      const known = await Promise.all(questions.map((question) => this.knownFor(question)));
      await records.audit.append(conclude(known));
    });
  }

  /** There is always room in memory. */
  override prepareLog(): Promise<void> {
    return Promise.resolve();
  }

  override asAuditor<T>(look: (log: Pick<AuditRecords, 'search' | 'find'>) => Promise<T>): Promise<T> {
    return this.alone(() => look(this.records.audit));
  }

  /** Runs one at a time; whatever was not explicitly kept by the end is undone. */
  private async alone<T>(act: () => Promise<T>): Promise<T> {
    if (this.running.getStore()) throw new Error('a transaction inside a transaction');
    const turn = this.queue.then(async () => {
      if (this.unavailable)
        throw new Failure('UNAVAILABLE', 'The registry is not available. Try again later.');
      try {
        return await this.running.run(true, act);
      } finally {
        for (const undo of this.tables.undo.splice(0).reverse()) undo();
      }
    });
    this.queue = turn.catch(() => undefined);
    return turn;
  }

  private async knownFor({ clientId, question }: AskedQuestion): Promise<Known> {
    const person = await this.records.people.findByBsn(question.bsn);
    const version = person && (await this.records.consents.inForce(person.id));
    const client = this.tables.clients.get(clientId);
    return {
      person: person && { id: person.id, auditKey: person.auditKey },
      version: version && { number: version.number, choices: version.choices },
      holderKnown: isKnown(this.tables, question.holder),
      requesterKnown: isKnown(this.tables, question.requester),
      client: client && { uras: client.uras, revokedAt: client.revokedAt },
    };
  }
}
