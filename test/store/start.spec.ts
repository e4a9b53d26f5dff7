import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { chmodSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readConfig } from '../../src/config.js';
import { type EmbeddedPostgres, startPostgres } from '../../src/demo/postgres.js';
import { type RunningRegistry, startRegistry } from '../../src/start.js';
import { migrate } from '../../src/store/migrate.js';
import { freePort } from '../reliability/registry-process.js';
import { asSuperuser, refusalOf } from './as-superuser.js';

const ROOT = join(import.meta.dirname, '..', '..');
const GUARDS = readFileSync(join(ROOT, 'docker', 'log-guards.sql'), 'utf8');
const PASSWORDS = { owner: 'owner-for-this-test', service: 'service-for-this-test' };

/** What docker/database-users.sh tells psql, with the passwords filled in as psql does. */
function usersScript(): string {
  const script = readFileSync(join(ROOT, 'docker', 'database-users.sh'), 'utf8');
  const [, sql = ''] = /<<'SQL'\n(.*)\nSQL\n/s.exec(script) ?? [];
  expect(sql).toContain('CREATE ROLE registry_service');
  return sql
    .replaceAll(`:'owner_password'`, `'${PASSWORDS.owner}'`)
    .replaceAll(`:'service_password'`, `'${PASSWORDS.service}'`);
}

function jwk(): string {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  return JSON.stringify({ ...privateKey.export({ format: 'jwk' }), kid: randomBytes(4).toString('hex') });
}

const isRunning = (outcome: unknown): outcome is RunningRegistry =>
  typeof outcome === 'object' && outcome !== null && 'stop' in outcome;
const key = (): string => randomBytes(32).toString('base64');

/** The users, grants and guards of docker/compose.yaml on a server of its own, because roles belong to a server. */
describe('production, on a database set up as the compose file does it', () => {
  let folder: string;
  let server: EmbeddedPostgres;
  let owner: string;
  let service: string;

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'consent-registry-start-'));
    chmodSync(folder, 0o755);
    server = await startPostgres({ folder });
    await asSuperuser(server.url, async (client) => {
      await client.query(usersScript());
      await client.query(GUARDS);
    });
    owner = as('registry_migration', PASSWORDS.owner);
    service = as('registry_service', PASSWORDS.service);
  }, 120_000);

  afterAll(async () => {
    await server.stop();
    rmSync(folder, { recursive: true, force: true });
  }, 60_000);

  function as(user: string, password: string, database = 'registry'): string {
    const url = new URL(server.url);
    url.username = user;
    url.password = password;
    url.pathname = `/${database}`;
    return url.href;
  }

  async function start(database: Record<string, string>): Promise<RunningRegistry> {
    return startRegistry(
      readConfig({
        MODE: 'production',
        HOST: '127.0.0.1',
        PORT: String(await freePort()),
        PUBLIC_URL: 'https://registry.example',
        BSN_KEY: key(),
        BSN_INDEX_KEY: key(),
        AUDIT_KEY: key(),
        TOKEN_SIGNING_KEY: jwk(),
        CITIZEN_OIDC_ISSUER: 'https://sign-in.example/citizens/',
        CITIZEN_OIDC_CLIENT_ID: 'registry',
        CITIZEN_OIDC_CLIENT_KEY: jwk(),
        CITIZEN_OIDC_ACR: 'urn:level:high',
        AUDITOR_OIDC_ISSUER: 'https://sign-in.example/staff',
        AUDITOR_OIDC_CLIENT_ID: 'registry-audit',
        AUDITOR_OIDC_CLIENT_KEY: jwk(),
        AUDITOR_OIDC_ACR: 'urn:level:high',
        OPERATOR_NAME: 'Example',
        OPERATOR_EMAIL: 'registry@example.org',
        OPERATOR_URL: 'https://example.org',
        ...database,
      }),
    );
  }

  /** The sentence with which a start is refused; a start that succeeds is stopped, and fails the test. */
  async function refusalTo(database: Record<string, string>): Promise<string> {
    const outcome = await start(database).catch((error: unknown) => error);
    if (isRunning(outcome)) {
      await outcome.stop();
      return 'it started';
    }
    return String(outcome);
  }

  it('refuses a database that is not up to date, and names the command', async () => {
    expect(await refusalTo({ DATABASE_URL: service })).toMatch(
      /^ConfigError: .*lacks \d+ of the migrations.*npm run registry -- migrate/,
    );
  });

  it('names the setting whose address is wrong', async () => {
    const wrong = as('registry_migration', 'not-the-password');
    expect(await refusalTo({ DATABASE_URL: service, OWNER_DATABASE_URL: wrong })).toMatch(
      /^StartError: .*\(OWNER_DATABASE_URL\)/,
    );
    expect(
      await refusalTo({ DATABASE_URL: as('registry_service', 'wrong'), OWNER_DATABASE_URL: owner }),
    ).toMatch(/^StartError: .*\(DATABASE_URL\)/);
  });

  it('is migrated by a user that is no superuser, with nothing to warn of', async () => {
    const warnings: string[] = [];
    await migrate(owner, (sentence) => warnings.push(sentence));
    expect(warnings).toEqual([]);
    expect(await migrate(owner)).toEqual([]);
  });

  it('runs with the service alone, without the address of the owner', async () => {
    const running = await start({ DATABASE_URL: service });
    const answer = await running.app.inject('/health');
    await running.stop();
    expect(answer.json()).toEqual({ status: 'up' });
  }, 60_000);

  it.each([
    'DROP TABLE audit_event CASCADE',
    'ALTER TABLE audit_event DISABLE TRIGGER ALL',
    'ALTER TABLE audit_detail RENAME TO harmless',
    'ALTER TABLE audit_pending OWNER TO registry_owner',
    'ALTER ROUTINE audit_refuse_change() RENAME TO harmless',
    'DROP FUNCTION audit_refuse_change() CASCADE',
    `INSERT INTO audit_event VALUES (gen_random_uuid(), now(), 'k', 'done', 'c', 'p', 'leaf', sha256('leaf'));
     DELETE FROM audit_event`,
    'TRUNCATE audit_detail',
  ])('the user that migrates can not: %s', async (statement) => {
    expect(await refusalAs(owner, statement)).toBe('AU001');
  });

  it('the user that migrates can not switch the guards off', async () => {
    for (const act of [
      'DROP EVENT TRIGGER log_guard_ddl',
      'ALTER EVENT TRIGGER log_guard_drop DISABLE',
      'DROP SCHEMA log_guard CASCADE',
      `CREATE OR REPLACE FUNCTION log_guard.refuse_ddl() RETURNS event_trigger LANGUAGE plpgsql AS 'BEGIN END'`,
      'ALTER ROUTINE log_guard.refuse_ddl() RENAME TO harmless',
    ]) {
      expect([act, await refusalAs(owner, act)]).toEqual([act, '42501']);
    }
  });

  it('refuses a user that could alter the log, and says what to do', async () => {
    expect(await refusalTo({ DATABASE_URL: server.url })).toMatch(
      /^ConfigError: .*superuser.*registry_app and registry_auditor only/,
    );
    const asOwner = await refusalTo({ DATABASE_URL: owner });
    for (const role of ['registry_owner', 'registry_retention', 'registry_sequencer']) {
      expect(asOwner).toMatch(new RegExp(`member of ${role}.*registry_app and registry_auditor only`));
    }
  });

  it('refuses a user that may make roles', async () => {
    await asSuperuser(server.url, (client) => client.query('ALTER ROLE registry_service CREATEROLE'));
    expect(await refusalTo({ DATABASE_URL: service })).toMatch(/^ConfigError: .*CREATEROLE/);
    await asSuperuser(server.url, (client) => client.query('ALTER ROLE registry_service NOCREATEROLE'));
  });

  it.each([
    'DROP EVENT TRIGGER log_guard_drop',
    'ALTER EVENT TRIGGER log_guard_ddl DISABLE',
    'ALTER EVENT TRIGGER log_guard_ddl ENABLE',
  ])('refuses a database after: %s, until the guards are put up again', async (act) => {
    await asSuperuser(server.url, (client) => client.query(act));
    expect(await refusalTo({ DATABASE_URL: service })).toMatch(/^ConfigError: .*docker\/log-guards\.sql/);
    await asSuperuser(server.url, (client) => client.query(GUARDS));
    const running = await start({ DATABASE_URL: service });
    await running.stop();
  });

  it('a database without guards is migrated with a warning, refused, and taken once they are put up', async () => {
    const database = 'without_guards';
    await asSuperuser(server.url, (client) =>
      client.query(`CREATE DATABASE ${database} OWNER registry_migration`),
    );
    const warnings: string[] = [];
    await migrate(as('registry_migration', PASSWORDS.owner, database), (sentence) => warnings.push(sentence));
    expect(warnings).toEqual([expect.stringContaining('docker/log-guards.sql')]);
    const there = as('registry_service', PASSWORDS.service, database);
    expect(await refusalTo({ DATABASE_URL: there })).toContain('docker/log-guards.sql');
    const url = new URL(server.url);
    url.pathname = `/${database}`;
    await asSuperuser(url.href, (client) => client.query(GUARDS));
    const running = await start({ DATABASE_URL: there });
    await running.stop();
    expect(
      await refusalAs(as('registry_migration', PASSWORDS.owner, database), 'DROP TABLE audit_pending'),
    ).toBe('AU001');
  }, 60_000);

  /** The SQLSTATE with which a login user is refused a statement, with every right its roles give it. */
  function refusalAs(url: string, statement: string): Promise<string | undefined> {
    return refusalOf(url, 'superuser', statement);
  }
});
