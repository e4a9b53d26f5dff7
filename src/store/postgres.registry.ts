import pg from 'pg';
import { DataSource, type EntityManager } from 'typeorm';
import type { SealedEntry } from '../core/audit/entry.js';
import { Failure } from '../core/failure.js';
import {
  type AskedQuestion,
  type AuditRecords,
  type Known,
  type Records,
  Registry,
} from '../core/registry.js';
import { PostgresAudit } from './audit.records.js';
import { answerBatch } from './check.records.js';
import { clientTable, PostgresClients } from './client.records.js';
import { PostgresConsents } from './consent.records.js';
import { PostgresGuardianship, reviewTable } from './guardianship.records.js';
import { idempotencyTable, PostgresIdempotency } from './idempotency.records.js';
import { localizationTable, PostgresLocalizations } from './localization.records.js';
import { noticeTable, PostgresNotices } from './notice.records.js';
import { PostgresOnce } from './once.records.js';
import { PostgresPeople } from './people.records.js';
import { type CipherKeys, PersonCipher } from './person-cipher.js';
import { PostgresProviders, providerTable } from './provider.records.js';
import { PostgresSessions } from './session.records.js';
import { Sql } from './sql.js';
import { lookWithin, rollBack, transact, withRetries } from './transaction.js';
import { codeOf, isConflict, isTrouble, unavailable } from './trouble.js';

/** Where the records are and how they are closed. */
export interface PostgresWish {
  /** A user that may become `registry_app` and `registry_auditor`, such as a member of both. */
  readonly url: string;
  readonly cipher: CipherKeys;
  /** How many connections changes and looks may hold together; 10 unless told. */
  readonly poolSize?: number | undefined;
  /** How many connections are kept for checks alone; 4 unless told. */
  readonly checkPoolSize?: number | undefined;
  /** How long a statement of the service may take; 5 seconds unless told. */
  readonly statementMs?: number | undefined;
}

const CONNECT_MS = 3_000;
const APP_CONNECTIONS = 10;
/** Checks have connections of their own: what strangers can ask for (sign-ins, sessions, tokens) never keeps a check waiting. */
const CHECK_CONNECTIONS = 4;
const APP_STATEMENT_MS = 5_000;
/** Auditors search through months at a time. */
const AUDITOR_STATEMENT_MS = 30_000;
const AUDITOR_CONNECTIONS = 2;
const IDLE_IN_TRANSACTION_MS = 10_000;
/** The server stops a slow statement; our own patience ends a little later, for a server that does not even do that. */
const GRACE_MS = 1_000;
const MOST_ROUNDS = 3;

const CHANGE = 'BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE';
const CHANGE_ON_SNAPSHOT = 'BEGIN ISOLATION LEVEL REPEATABLE READ READ WRITE';
const LOOK = 'BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY';

/** Opens the records. Does NOT bring the database up to date: `migrate` does. */
export async function openPostgresRegistry(wish: PostgresWish): Promise<PostgresRegistry> {
  const { url } = wish;
  const cipher = new PersonCipher(wish.cipher);
  const statementMs = wish.statementMs ?? APP_STATEMENT_MS;
  const service = { role: 'registry_app', statementMs };
  const app = sourceOf(url, { ...service, poolSize: wish.poolSize ?? APP_CONNECTIONS });
  const auditor = sourceOf(url, {
    role: 'registry_auditor',
    poolSize: AUDITOR_CONNECTIONS,
    statementMs: AUDITOR_STATEMENT_MS,
  });
  try {
    await Promise.all([app.initialize(), auditor.initialize()]);
    const checks = poolOf(url, { ...service, poolSize: wish.checkPoolSize ?? CHECK_CONNECTIONS });
    return new PostgresRegistry({ app, auditor, checks }, cipher);
  } catch (error) {
    await Promise.all(
      [app, auditor].filter((source) => source.isInitialized).map((source) => source.destroy()),
    );
    throw error;
  }
}

interface SourceWish {
  readonly role: string;
  readonly poolSize: number;
  readonly statementMs: number;
}

function sourceOf(url: string, wish: SourceWish): DataSource {
  return new DataSource({
    type: 'postgres',
    url: addressFor(url, wish),
    poolSize: wish.poolSize,
    connectTimeoutMS: CONNECT_MS,
    // A connection lost while idle shows at its next use, as trouble that is handled there.
    poolErrorHandler: () => undefined,
    extra: connectionOf(wish),
    entities: [clientTable, idempotencyTable, localizationTable, noticeTable, providerTable, reviewTable],
    synchronize: false,
    installExtensions: false,
    logging: false,
  });
}

/** Connections without TypeORM, which has no named prepared statements: for the check path. */
function poolOf(url: string, wish: SourceWish): pg.Pool {
  const pool = new pg.Pool({
    connectionString: addressFor(url, wish),
    max: wish.poolSize,
    connectionTimeoutMillis: CONNECT_MS,
    ...connectionOf(wish),
  });
  pool.on('error', () => undefined);
  return pool;
}

/** Pipeline: statements are sent without waiting for the answer to the one before. */
function connectionOf({ statementMs }: SourceWish): {
  Client: typeof LastingClient;
  pipeline: true;
  query_timeout: number;
} {
  return { Client: LastingClient, pipeline: true, query_timeout: statementMs + GRACE_MS };
}

function addressFor(url: string, { role, statementMs }: SourceWish): string {
  return withSettings(url, {
    role,
    statement_timeout: statementMs,
    idle_in_transaction_session_timeout: IDLE_IN_TRANSACTION_MS,
    timezone: 'UTC',
  });
}

/**
 * A connection that may break at any moment without taking the process down. Whatever was asked over it fails, and is handled
 * there; the event that the driver raises besides has nothing to add, but unheard it would end the process.
 */
class LastingClient extends pg.Client {
  constructor(config?: pg.ClientConfig) {
    super(config);
    this.on('error', () => undefined);
  }
}

/** Settings of the connection travel in its address, beside what is there already. */
function withSettings(url: string, settings: Readonly<Record<string, string | number>>): string {
  const address = new URL(url);
  const ours = Object.entries(settings).map(([name, value]) => `-c ${name}=${value}`);
  const given = address.searchParams.get('options');
  address.searchParams.set('options', [...(given ? [given] : []), ...ours].join(' '));
  return address.href;
}

/** The connections, by what they serve. */
interface Connections {
  readonly app: DataSource;
  readonly auditor: DataSource;
  readonly checks: pg.Pool;
}

/** What a login user of the database may do beyond what the service needs. */
const POWERS = `
  SELECT r.rolsuper AS "isSuperuser", r.rolcreaterole AS "makesRoles",
         array(SELECT rolname::text FROM pg_roles
               WHERE rolname IN ('registry_owner', 'registry_retention', 'registry_sequencer')
                 AND pg_has_role(session_user, oid, 'MEMBER') ORDER BY rolname) AS "memberOf"
  FROM pg_roles r WHERE r.rolname = session_user`;

/** The event triggers that guard the log, as far as they stand and always fire. */
const GUARDS = `
  SELECT evtname AS name FROM pg_event_trigger e JOIN pg_proc f ON f.oid = e.evtfoid
  WHERE (evtname, proname) IN (('log_guard_ddl', 'refuse_ddl'), ('log_guard_drop', 'refuse_drop'))
    AND evtenabled = 'A' AND pronamespace = to_regnamespace('log_guard')`;
const GUARDS_NEEDED = 2;

/** What the database user of the service may do. */
export interface Powers {
  readonly isSuperuser: boolean;
  readonly makesRoles: boolean;
  /** The roles of the registry, beyond the service's own, that it may become. */
  readonly memberOf: readonly string[];
}

/**
 * The registry in PostgreSQL. Nothing is cached: every answer reads the primary. Every failure to reach it is the refusal
 * UNAVAILABLE, never half an answer. A transaction inside a transaction is not supported.
 */
export class PostgresRegistry extends Registry {
  private readonly app: DataSource;
  private readonly auditor: DataSource;
  private readonly checks: pg.Pool;

  constructor(
    { app, auditor, checks }: Connections,
    private readonly cipher: PersonCipher,
  ) {
    super();
    this.app = app;
    this.auditor = auditor;
    this.checks = checks;
  }

  override inTransaction<T>(
    act: (records: Records) => Promise<T>,
    reads: 'latest' | 'one-snapshot' = 'latest',
  ): Promise<T> {
    const begin = reads === 'one-snapshot' ? CHANGE_ON_SNAPSHOT : CHANGE;
    return unlessTroubled(() =>
      withRetries(MOST_ROUNDS, () => within(this.app, begin, (manager) => act(this.recordsOn(manager)))),
    );
  }

  override inSnapshot<T>(look: (records: Records) => Promise<T>): Promise<T> {
    return unlessTroubled(() => looking(this.app, (manager) => look(this.recordsOn(manager))));
  }

  override answerTogether(
    questions: readonly AskedQuestion[],
    conclude: (known: readonly Known[]) => readonly SealedEntry[],
  ): Promise<void> {
    return unlessTroubled(() => withRetries(2, () => this.answerOnce(questions, conclude)));
  }

  override asAuditor<T>(look: (audit: Pick<AuditRecords, 'search' | 'find'>) => Promise<T>): Promise<T> {
    return unlessTroubled(() =>
      looking(this.auditor, (manager) => look(new PostgresAudit(new Sql(manager)))),
    );
  }

  /** The settings of the server that decide whether what was kept survives a crash, and its version. */
  async settings(): Promise<Readonly<Record<string, string>>> {
    const rows = await this.app.query<{ name: string; setting: string }[]>(
      `SELECT name, setting FROM pg_settings
       WHERE name IN ('fsync', 'full_page_writes', 'synchronous_commit', 'server_version')`,
    );
    return Object.fromEntries(rows.map(({ name, setting }) => [name, setting]));
  }

  /** What the user that the service connects as may do, whatever role it takes on. */
  async powers(): Promise<Powers> {
    const [powers] = await this.app.query<Powers[]>(POWERS);
    if (!powers) throw new Error('the user of the database is not known to it');
    return powers;
  }

  /** Whether every event trigger that guards the log stands and is enabled, also against replication roles. */
  async isGuarded(): Promise<boolean> {
    return (await this.app.query<unknown[]>(GUARDS)).length === GUARDS_NEEDED;
  }

  override async prepareLog(at: Date): Promise<void> {
    await unlessTroubled(() =>
      this.app.query(
        `SELECT ensure_audit_partitions($1::timestamptz, $1::timestamptz + interval '6 months')`,
        [at.toISOString()],
      ),
    );
  }

  /** Closes every connection, after what is under way. */
  async close(): Promise<void> {
    await Promise.all([this.app.destroy(), this.auditor.destroy(), this.checks.end()]);
  }

  private async answerOnce(
    questions: readonly AskedQuestion[],
    conclude: (known: readonly Known[]) => readonly SealedEntry[],
  ): Promise<void> {
    const client = await this.checks.connect();
    let isSpent = false;
    try {
      await answerBatch(client, this.cipher, questions, conclude);
    } catch (error) {
      isSpent = isSpentBy(error);
      throw error;
    } finally {
      client.release(isSpent);
    }
  }

  private recordsOn(manager: EntityManager): Records {
    const sql = new Sql(manager);
    return {
      people: new PostgresPeople(sql, this.cipher),
      consents: new PostgresConsents(sql),
      guardianship: new PostgresGuardianship(sql),
      localizations: new PostgresLocalizations(sql),
      providers: new PostgresProviders(sql),
      clients: new PostgresClients(sql),
      audit: new PostgresAudit(sql),
      notices: new PostgresNotices(sql),
      idempotency: new PostgresIdempotency(sql),
      sessions: new PostgresSessions(sql),
      once: new PostgresOnce(sql),
    };
  }
}

/** Runs `act` in one transaction on one connection of the source; a connection that had trouble is not used again. */
async function within<T>(
  source: DataSource,
  begin: string,
  act: (manager: EntityManager) => Promise<T>,
): Promise<T> {
  const runner = source.createQueryRunner();
  const client = (await runner.connect()) as LastingClient;
  try {
    return await transact(client, begin, () => act(runner.manager));
  } catch (error) {
    // The pool drops a connection that is ending.
    if (isSpentBy(error)) void client.end().catch(() => undefined);
    throw error;
  } finally {
    await runner.release();
  }
}

/** Runs `look` on one snapshot; the connection goes back when the transaction has ended, which the caller need not wait for. */
async function looking<T>(source: DataSource, look: (manager: EntityManager) => Promise<T>): Promise<T> {
  const runner = source.createQueryRunner();
  const client = (await runner.connect()) as LastingClient;
  try {
    return await lookWithin(client, LOOK, () => look(runner.manager));
  } catch (error) {
    if (isSpentBy(error)) void client.end().catch(() => undefined);
    throw error;
  } finally {
    void rollBack(client)
      .then(() => runner.release())
      .catch(() => undefined);
  }
}

/** After trouble, or a COMMIT whose outcome is not known, a connection is in no state to be trusted. */
function isSpentBy(error: unknown): boolean {
  return isTrouble(error) || (error instanceof Failure && error.code === 'UNAVAILABLE');
}

/** Turns trouble, and conflicts that stay, into the refusal UNAVAILABLE; lets everything else pass. */
async function unlessTroubled<T>(act: () => Promise<T>): Promise<T> {
  try {
    return await act();
  } catch (error) {
    throw isTrouble(error) || isLastingConflict(error) ? unavailable() : error;
  }
}

/** A key that is there already after every round is a defect, to be seen as what it is. */
function isLastingConflict(error: unknown): boolean {
  return isConflict(error) && codeOf(error) !== '23505';
}
