import { createHash, randomUUID } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import pg from 'pg';

/** A database for one test file alone, with all migrations run and no rows but theirs. */
export interface TestDatabase {
  /** Opens it as the owner of everything in it. */
  readonly url: string;
  /** Removes it, whoever is still connected. */
  drop(): Promise<void>;
}

/** Any number will do, as long as every worker takes the same one. */
const TEMPLATE_LOCK = 7_305_002;
const ROOT = join(dirname(fileURLToPath(import.meta.url)), '..', '..');

/**
 * Makes a database by cloning a migrated template. The first call of a test run makes that template; parallel workers
 * wait for it. Call it in `beforeAll`, and `drop` in `afterAll`.
 */
export async function makeDatabase(): Promise<TestDatabase> {
  const name = `test_${randomUUID().replaceAll('-', '')}`;
  await withServer(async (server) => {
    const template = await makeTemplate(server);
    await server.query(`CREATE DATABASE ${name} TEMPLATE ${template}`);
  });
  return {
    url: addressOf(name),
    drop: () =>
      withServer(async (server) => {
        await server.query(`DROP DATABASE IF EXISTS ${name} WITH (FORCE)`);
      }),
  };
}

/** The name tells which migrations it was made with, so that a lasting server never hands out an outdated one. */
async function makeTemplate(server: pg.Client): Promise<string> {
  const template = `template_${migrationsHash()}`;
  await server.query('SELECT pg_advisory_lock($1)', [TEMPLATE_LOCK]);
  try {
    const found = await server.query('SELECT 1 FROM pg_database WHERE datname = $1', [template]);
    if (found.rowCount === 0) await migrateTemplate(server, template);
    return template;
  } finally {
    await server.query('SELECT pg_advisory_unlock($1)', [TEMPLATE_LOCK]);
  }
}

/** Takes its final name only when whole, and then refuses connections, which would stand in the way of cloning. */
async function migrateTemplate(server: pg.Client, template: string): Promise<void> {
  const making = `${template}_making`;
  await server.query(`DROP DATABASE IF EXISTS ${making} WITH (FORCE)`);
  await server.query(`CREATE DATABASE ${making}`);
  const { migrate } = await import('../../src/store/migrate.js');
  await migrate(addressOf(making));
  await server.query(`ALTER DATABASE ${making} ALLOW_CONNECTIONS false`);
  await server.query(`ALTER DATABASE ${making} RENAME TO ${template}`);
}

function migrationsHash(): string {
  const hash = createHash('sha256');
  const files = readdirSync(join(ROOT, 'migrations'), { recursive: true, encoding: 'utf8' });
  for (const file of files.filter((name) => /\.(ts|sql)$/.test(name)).sort()) {
    hash.update(file).update(readFileSync(join(ROOT, 'migrations', file)));
  }
  hash.update(readFileSync(join(ROOT, 'src', 'store', 'migrate.ts')));
  return hash.digest('hex').slice(0, 16);
}

async function withServer<T>(act: (server: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client({ connectionString: serverUrl() });
  await client.connect();
  try {
    return await act(client);
  } finally {
    await client.end();
  }
}

function addressOf(database: string): string {
  const url = new URL(serverUrl());
  url.pathname = `/${database}`;
  return url.href;
}

function serverUrl(): string {
  const url = process.env['TEST_DATABASE_URL'];
  if (url === undefined) throw new Error('TEST_DATABASE_URL is unset: run the tests through jest.');
  return url;
}
