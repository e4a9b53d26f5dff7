import pg from 'pg';
import { DataSource } from 'typeorm';
import { MIGRATIONS } from '../../migrations/index.js';

/** Any number will do, as long as every instance of the service takes the same one. */
const MIGRATING = 7_305_004;

/** A server that takes the connection and never answers is given up on. */
const CONNECT_MS = 10_000;

/**
 * Where TypeORM remembers what ran. Made here, because TypeORM's own version of this table counts with a sequence and this
 * database has none. TypeORM reads the rows by descending id; the moment of writing serves.
 */
const REMEMBERED = `
  CREATE TABLE IF NOT EXISTS migration (
    id bigint GENERATED ALWAYS AS ("timestamp") STORED PRIMARY KEY,
    "timestamp" bigint NOT NULL,
    name text NOT NULL UNIQUE
  );
  COMMENT ON TABLE migration IS 'The migrations that ran in this database.';
  COMMENT ON COLUMN migration.id IS 'The same as timestamp.';
  COMMENT ON COLUMN migration."timestamp" IS 'When the migration was written (milliseconds).';
  COMMENT ON COLUMN migration.name IS 'Its name.';
`;

/** The service reads there whether the database is up to date. The role is there once the first migration ran. */
const READABLE = 'GRANT SELECT ON migration TO registry_app';

/** The SQLSTATE class of warnings, as opposed to notices (00). */
const WARNINGS = '01';

/**
 * Brings the database up to date and gives back the names of the migrations that ran. Safe when several instances do it at
 * once: one works, the others wait and find nothing left to do. `url` names a user that may make tables and, the first
 * time, roles. Each migration is kept whole or not at all. `onWarning` hears, in sentences, what the database warns of, such as a
 * guard of the log that this user can't make. Closes its connections.
 */
export async function migrate(
  url: string,
  onWarning: (sentence: string) => void = () => undefined,
): Promise<readonly string[]> {
  const lock = new pg.Client({ connectionString: url, connectionTimeoutMillis: CONNECT_MS });
  await lock.connect();
  try {
    await lock.query('SELECT pg_advisory_lock($1)', [MIGRATING]);
    await lock.query('SET client_min_messages = warning');
    await lock.query(REMEMBERED);
    const ran = await run(url, onWarning);
    await lock.query(READABLE);
    return ran;
  } finally {
    await lock.end();
  }
}

/**
 * The names of the migrations that this version needs and the database lacks; changes nothing. `url` names any user that may
 * read them, such as the service's.
 */
export async function missingMigrations(url: string): Promise<readonly string[]> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: CONNECT_MS });
  await client.connect();
  try {
    const found = await client.query<{ there: boolean }>(
      `SELECT to_regclass('public.migration') IS NOT NULL AS there`,
    );
    const ran = found.rows[0]?.there
      ? (await client.query<{ name: string }>('SELECT name FROM public.migration')).rows
      : [];
    const names = new Set(ran.map(({ name }) => name));
    return MIGRATIONS.map((Migration) => new Migration().name).filter((name) => !names.has(name));
  } finally {
    await client.end();
  }
}

async function run(url: string, onWarning: (sentence: string) => void): Promise<readonly string[]> {
  class HeardClient extends pg.Client {
    constructor(config: pg.ClientConfig) {
      super(config);
      this.on('notice', ({ code, message }) => {
        if (code?.startsWith(WARNINGS) && message !== undefined) onWarning(message);
      });
    }
  }
  const source = new DataSource({
    type: 'postgres',
    url,
    poolSize: 1,
    connectTimeoutMS: CONNECT_MS,
    extra: { Client: HeardClient },
    migrations: [...MIGRATIONS],
    migrationsTableName: 'migration',
    migrationsTransactionMode: 'each',
    synchronize: false,
    installExtensions: false,
    logging: false,
  });
  await source.initialize();
  try {
    return (await source.runMigrations()).map(({ name }) => name);
  } finally {
    await source.destroy();
  }
}
