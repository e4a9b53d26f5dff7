import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { LOG_GUARDS } from '../../migrations/log-guards.js';
import { openPostgresRegistry } from '../../src/store/postgres.registry.js';
import { codeOf } from '../../src/store/trouble.js';
import { makeDatabase, type TestDatabase } from '../database/make-database.js';
import { makePerson, makeSealedEntry, makeVersion } from '../make.js';
import { asSuperuser, refusalOf } from './as-superuser.js';

const NOT_ALLOWED = '42501';
const LOG_KEEPS = 'AU001';
const VERSION_KEEPS = 'CV001';

describe('what each role of the database can do', () => {
  let database: TestDatabase;
  let part: string;

  beforeAll(async () => {
    database = await makeDatabase();
    const cipher = { bsnKey: randomBytes(32), indexKey: randomBytes(32) };
    const registry = await openPostgresRegistry({ url: database.url, cipher });
    const entry = makeSealedEntry();
    part = `audit_event_${entry.period}`;
    await asSuperuser(database.url, (client) =>
      client.query('CREATE SCHEMA elsewhere; GRANT ALL ON SCHEMA elsewhere TO registry_owner'),
    );
    await registry.inTransaction(async (records) => {
      const person = await records.people.addOrFind(makePerson());
      await records.consents.add(makeVersion({ personId: person.id }));
      await records.audit.append([entry]);
    });
    await registry.close();
  }, 60_000);

  afterAll(() => database.drop());

  const refusal = (role: string, statement: string): Promise<string | undefined> =>
    refusalOf(database.url, role, statement);

  describe('the service', () => {
    it('adds to the log and reads it', async () => {
      expect(
        await refusal('registry_app', 'SELECT * FROM audit_event JOIN audit_detail USING (event_id, at)'),
      ).toBeUndefined();
      expect(
        await refusal('registry_app', `INSERT INTO audit_pending VALUES (gen_random_uuid(), sha256('x'))`),
      ).toBeUndefined();
    });

    it.each([
      'UPDATE audit_event SET outcome = outcome',
      'DELETE FROM audit_event',
      'TRUNCATE audit_event',
      'UPDATE audit_detail SET detail = detail',
      'DELETE FROM audit_detail',
      'TRUNCATE audit_detail',
      'SELECT * FROM audit_pending',
      'UPDATE audit_pending SET leaf_hash = leaf_hash',
      'DELETE FROM audit_pending',
      'TRUNCATE audit_pending',
      'DROP TABLE audit_event',
      'ALTER TABLE audit_event DISABLE TRIGGER ALL',
      'CREATE TABLE elsewhere (id integer)',
      'DELETE FROM consent_version',
      `UPDATE consent_version SET choices = '[]'`,
      'UPDATE person_identity SET person_id = person_id',
      'DELETE FROM person',
      'DELETE FROM migration',
      'CREATE FUNCTION log_guard.mine() RETURNS integer LANGUAGE sql RETURN 1',
    ])('can not: %s', async (statement) => {
      expect(await refusal('registry_app', statement)).toBe(NOT_ALLOWED);
    });

    it('can not reach a part of the log around its whole', async () => {
      for (const act of [`SELECT * FROM ${part}`, `INSERT INTO ${part} SELECT * FROM audit_event`]) {
        expect(await refusal('registry_app', act)).toBe(NOT_ALLOWED);
      }
      for (const act of [
        `UPDATE ${part} SET kind = kind`,
        `DELETE FROM ${part}`,
        `TRUNCATE ${part}`,
        `DROP TABLE ${part}`,
      ]) {
        expect(await refusal('registry_app', act)).toBe(NOT_ALLOWED);
      }
    });
  });

  describe('the auditor', () => {
    it('reads the log', async () => {
      expect(await refusal('registry_auditor', 'SELECT * FROM audit_event, audit_detail')).toBeUndefined();
    });

    it('reads nothing else, and changes nothing', async () => {
      const tables = await asSuperuser(database.url, (client) =>
        client.query<{ name: string }>(`SELECT tablename AS name FROM pg_tables WHERE schemaname = 'public'`),
      );
      const closed = tables.rows.filter(({ name }) => name !== 'audit_event' && name !== 'audit_detail');
      expect(closed.length).toBeGreaterThan(15);
      for (const { name } of closed) {
        expect([name, await refusal('registry_auditor', `SELECT * FROM ${name}`)]).toEqual([
          name,
          NOT_ALLOWED,
        ]);
      }
      const insert = 'INSERT INTO audit_event SELECT * FROM audit_event';
      expect(await refusal('registry_auditor', insert)).toBe(NOT_ALLOWED);
      expect(await refusal('registry_auditor', 'DELETE FROM audit_event')).toBe(NOT_ALLOWED);
      expect(await refusal('registry_auditor', 'SELECT ensure_audit_partitions(now(), now())')).toBe(
        NOT_ALLOWED,
      );
    });
  });

  describe('the sequencer', () => {
    it('takes from audit_pending, and nothing else', async () => {
      expect(await refusal('registry_sequencer', 'DELETE FROM audit_pending RETURNING *')).toBeUndefined();
      expect(await refusal('registry_sequencer', 'SELECT * FROM audit_event')).toBe(NOT_ALLOWED);
      const insert = `INSERT INTO audit_pending VALUES (gen_random_uuid(), sha256('x'))`;
      expect(await refusal('registry_sequencer', insert)).toBe(NOT_ALLOWED);
    });
  });

  describe.each(['registry_retention', 'superuser'])('the triggers, against %s', (role) => {
    it.each(['audit_event', 'audit_detail', 'a part of it'])('refuse changing %s', async (table) => {
      const name = table === 'a part of it' ? part : table;
      const column = name === 'audit_detail' ? 'detail' : 'leaf';
      expect(await refusal(role, `UPDATE ${name} SET ${column} = ${column}`)).toBe(LOG_KEEPS);
      expect(await refusal(role, `DELETE FROM ${name}`)).toBe(LOG_KEEPS);
      expect(await refusal(role, `TRUNCATE ${name}`)).toBe(LOG_KEEPS);
    });

    it('refuse changing what waits for the sequencer', async () => {
      expect(await refusal(role, 'UPDATE audit_pending SET leaf_hash = leaf_hash')).toBe(LOG_KEEPS);
      expect(await refusal(role, 'TRUNCATE audit_pending')).toBe(LOG_KEEPS);
    });
  });

  it('the triggers stand where a replication role would skip ordinary ones', async () => {
    const act = 'SET LOCAL session_replication_role = replica; DELETE FROM audit_event';
    expect(await refusal('superuser', act)).toBe(LOG_KEEPS);
    expect(
      await refusal('superuser', `SET LOCAL session_replication_role = replica; TRUNCATE audit_detail`),
    ).toBe(LOG_KEEPS);
  });

  describe.each([
    // Owns nothing of the log, so the first wall stops it; a superuser gets as far as the event triggers.
    ['registry_owner', NOT_ALLOWED],
    ['superuser', LOG_KEEPS],
  ])('the log, against %s', (role, refused) => {
    it.each([
      'DROP TABLE audit_event CASCADE',
      'DROP TABLE audit_pending',
      'ALTER TABLE audit_event DISABLE TRIGGER ALL',
      'ALTER TABLE audit_event RENAME TO something_else',
      'ALTER TABLE audit_event ADD COLUMN extra text',
      'ALTER TABLE audit_detail DROP COLUMN detail',
      'DROP TRIGGER audit_keep_rows ON audit_event',
      'CREATE RULE nothing AS ON INSERT TO audit_event DO INSTEAD NOTHING',
      'DROP FUNCTION audit_refuse_change() CASCADE',
      `CREATE OR REPLACE FUNCTION audit_refuse_change() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END'`,
      'ALTER ROUTINE audit_refuse_change() RENAME TO harmless',
      'ALTER FUNCTION audit_refuse_change() RENAME TO harmless',
      'ALTER FUNCTION audit_refuse_change() SET SCHEMA elsewhere',
      'ALTER FUNCTION audit_refuse_change() OWNER TO registry_app',
      'ALTER TRIGGER audit_keep_rows ON audit_event RENAME TO harmless',
      'ALTER TABLE audit_event OWNER TO registry_app',
      'ALTER TABLE audit_pending SET SCHEMA elsewhere',
      'ALTER TABLE audit_event ENABLE ROW LEVEL SECURITY',
      'ALTER INDEX audit_detail_subject RENAME TO harmless',
      'DROP INDEX audit_detail_subject',
      'CREATE UNIQUE INDEX one_kind ON audit_pending (leaf_hash)',
      'ALTER ROUTINE ensure_audit_partitions RENAME TO harmless',
      'DROP ROUTINE ensure_audit_partitions',
      'ALTER ROUTINE log_guard.refuse_ddl() RENAME TO harmless',
      'ALTER SCHEMA public RENAME TO elsewhere_too',
      'DROP SCHEMA public CASCADE',
    ])('refuses: %s', async (statement) => {
      expect(await refusal(role, statement)).toBe(refused);
    });

    it('refuses dropping and detaching a part', async () => {
      expect(await refusal(role, `DROP TABLE ${part}`)).toBe(refused);
      expect(await refusal(role, `ALTER TABLE audit_event DETACH PARTITION ${part}`)).toBe(refused);
      expect(await refusal(role, `ALTER TABLE ${part} DISABLE TRIGGER ALL`)).toBe(refused);
    });

    it.each(['audit_event', 'audit_detail', 'audit_pending', 'a part of it'])(
      'refuses changing %s',
      async (table) => {
        const name = table === 'a part of it' ? part : table;
        const column = name === 'audit_detail' ? 'detail' : 'leaf_hash';
        expect(await refusal(role, `UPDATE ${name} SET ${column} = ${column}`)).toBe(refused);
        expect(await refusal(role, `TRUNCATE ${name}`)).toBe(refused);
        // What waits for the sequencer is taken away by it.
        const mayDelete = name === 'audit_pending' && role === 'superuser';
        expect(await refusal(role, `DELETE FROM ${name}`)).toBe(mayDelete ? undefined : refused);
      },
    );

    it('lets other tables be altered', async () => {
      expect(await refusal(role, 'ALTER TABLE provider ADD COLUMN extra text')).toBeUndefined();
    });
  });

  it.each(['registry_owner', 'registry_retention'])('%s can not touch the guards', async (role) => {
    for (const act of [
      'DROP SCHEMA log_guard CASCADE',
      'ALTER SCHEMA log_guard RENAME TO harmless',
      'DROP FUNCTION log_guard.refuse_ddl() CASCADE',
      'ALTER ROUTINE log_guard.log_tables() RENAME TO harmless',
      `CREATE OR REPLACE FUNCTION log_guard.log_tables() RETURNS SETOF oid LANGUAGE sql AS 'SELECT 1::oid'`,
      'ALTER EVENT TRIGGER log_guard_ddl DISABLE',
      'DROP EVENT TRIGGER log_guard_ddl',
    ]) {
      expect([act, await refusal(role, act)]).toEqual([act, NOT_ALLOWED]);
    }
  });

  it('the guards stand where a replication role would skip ordinary ones', async () => {
    const act = 'SET LOCAL session_replication_role = replica; DROP TABLE audit_pending';
    expect(await refusal('superuser', act)).toBe(LOG_KEEPS);
  });

  it('docker/log-guards.sql holds the guards that the migration makes, and can be run again', async () => {
    const script = readFileSync(join(import.meta.dirname, '../../docker/log-guards.sql'), 'utf8');
    expect(script).toContain(LOG_GUARDS);
    expect(await refusal('superuser', script)).toBeUndefined();
  });

  it('the retention role, and it alone, takes a part away', async () => {
    expect(await refusal('registry_retention', `DROP TABLE ${part}`)).toBeUndefined();
    expect(
      await refusal('registry_retention', `ALTER TABLE audit_event DETACH PARTITION ${part}`),
    ).toBeUndefined();
  });

  describe('versions of choices', () => {
    const change = (set: string): string => `UPDATE consent_version SET ${set}`;

    it.each(['registry_owner', 'superuser'])('are not changed by %s', async (role) => {
      expect(await refusal(role, change(`choices = '[]'`))).toBe(VERSION_KEEPS);
      expect(await refusal(role, change('made_at = now()'))).toBe(VERSION_KEEPS);
      expect(await refusal(role, change('number = number + 1'))).toBe(VERSION_KEEPS);
      expect(await refusal(role, change(`state = 'refused', ended_at = now(), in_force_from = NULL`))).toBe(
        VERSION_KEEPS,
      );
      expect(await refusal(role, change(`state = 'superseded', ended_at = now()`))).toBeUndefined();
    });

    it('are not deleted by the service, even where it was given the right by mistake', async () => {
      const act =
        'GRANT DELETE ON consent_version TO registry_app; SET LOCAL ROLE registry_app; DELETE FROM consent_version';
      expect(await refusal('superuser', act)).toBe(VERSION_KEEPS);
      expect(await refusal('registry_owner', 'DELETE FROM consent_version')).toBeUndefined();
    });
  });

  it('a user of the service alone works as the service, and can not become the owner', async () => {
    const user = `service_${randomBytes(6).toString('hex')}`;
    const password = randomBytes(12).toString('hex');
    await asSuperuser(database.url, (client) =>
      client.query(`CREATE ROLE ${user} LOGIN PASSWORD '${password}' IN ROLE registry_app, registry_auditor`),
    );
    const url = new URL(database.url);
    url.username = user;
    url.password = password;
    const cipher = { bsnKey: randomBytes(32), indexKey: randomBytes(32) };
    const registry = await openPostgresRegistry({ url: url.href, cipher });
    const person = makePerson();
    await registry.inTransaction((records) => records.people.addOrFind(person));
    expect(await registry.inSnapshot((records) => records.people.find(person.id))).toEqual(person);
    await registry.prepareLog(new Date());
    expect(await registry.asAuditor((audit) => audit.find(person.id))).toBeUndefined();
    await registry.close();
    for (const role of ['registry_owner', 'registry_retention', 'registry_sequencer']) {
      expect(await refusalOf(url.href, role, 'SELECT 1').catch(codeOf)).toBe(NOT_ALLOWED);
    }
    await asSuperuser(database.url, (client) => client.query(`DROP ROLE ${user}`));
  });
});
