import pg from 'pg';
import { DataSource } from 'typeorm';
import { MIGRATIONS } from '../../migrations/index.js';

/** Any number will do, as long as every instance of the service takes the same one. */
const MIGRATING = 7_305_004;

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

/**
 * Brings the database up to date and gives back the names of the migrations that ran. Safe when several instances do it at
 * once: one works, the others wait and find nothing left to do. `url` names a user that may make tables and, the first
 * time, roles. Each migration is kept whole or not at all. Closes its connections.
 */
export async function migrate(url: string): Promise<readonly string[]> {
  const lock = new pg.Client({ connectionString: url });
  await lock.connect();
  try {
    await lock.query('SELECT pg_advisory_lock($1)', [MIGRATING]);
    await lock.query('SET client_min_messages = warning');
    await lock.query(REMEMBERED);
    return await run(url);
  } finally {
    await lock.end();
  }
}

async function run(url: string): Promise<readonly string[]> {
  const source = new DataSource({
    type: 'postgres',
    url,
    poolSize: 1,
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
