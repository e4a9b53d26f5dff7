import { randomBytes } from 'node:crypto';
import type { QueryResultRow } from 'pg';
import { MIGRATIONS } from '../../migrations/index.js';
import { migrate } from '../../src/store/migrate.js';
import { makeDatabase, type TestDatabase } from '../database/make-database.js';
import { asSuperuser } from './as-superuser.js';

/** What leads every key of a table of persons. */
const PERSON_KEYS = ['person_id', 'child_id', 'guardian_id'];

const STRUCTURE = `
  SELECT c.relname AS name, string_agg(a.attname || ' ' || format_type(a.atttypid, a.atttypmod) || ' ' || a.attnotnull, ', '
         ORDER BY a.attnum) AS columns, pg_get_userbyid(c.relowner) AS owner, obj_description(c.oid) AS comment
  FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0
  WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p', 'i', 'I')
  GROUP BY c.oid ORDER BY c.relname`;

describe('the schema', () => {
  let database: TestDatabase;

  beforeAll(async () => {
    database = await makeDatabase();
  }, 60_000);

  afterAll(() => database.drop());

  const rows = async <Row extends QueryResultRow>(text: string): Promise<Row[]> =>
    (await asSuperuser(database.url, (client) => client.query<Row>(text))).rows;

  it('counts with no sequence anywhere', async () => {
    expect(await rows('SELECT * FROM pg_sequences')).toEqual([]);
  });

  it('describes every table and every column', async () => {
    const undescribed = await rows(`
      SELECT c.relname, a.attname FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid
      WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p') AND NOT c.relispartition
        AND a.attnum >= 0 AND NOT a.attisdropped AND col_description(c.oid, a.attnum) IS NULL
      UNION ALL
      SELECT relname, '' FROM pg_class
      WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p') AND NOT relispartition
        AND obj_description(oid) IS NULL`);
    expect(undescribed).toEqual([]);
  });

  it('belongs to the owner role, the log to that of retention, and nothing to whoever migrated', async () => {
    const owned = await rows<{ name: string; owner: string }>(
      `SELECT tablename AS name, tableowner AS owner FROM pg_tables WHERE schemaname = 'public' AND tablename <> 'migration'`,
    );
    expect(owned.length).toBeGreaterThan(20);
    const ofTheLog = ({ name }: { name: string }): boolean => name.startsWith('audit_');
    const owners = (some: typeof owned): Set<string> => new Set(some.map(({ owner }) => owner));
    expect(owners(owned.filter(ofTheLog))).toEqual(new Set(['registry_retention']));
    expect(owners(owned.filter((table) => !ofTheLog(table)))).toEqual(new Set(['registry_owner']));
  });

  it('spreads every table of persons by person, whose id leads every unique key', async () => {
    const keys = await rows<{ name: string; partition_key: string; first: string }>(`
      SELECT c.relname AS name, pg_get_partkeydef(c.oid) AS partition_key, a.attname AS first
      FROM pg_class c JOIN pg_index i ON i.indrelid = c.oid AND i.indisunique
        JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = i.indkey[0]
      WHERE c.relkind = 'p' AND EXISTS (SELECT FROM pg_attribute p WHERE p.attrelid = c.oid
        AND p.attname IN ('person_id', 'child_id', 'guardian_id')) AND c.relname <> 'person_identity'`);
    expect(new Set(keys.map(({ name }) => name))).toEqual(
      new Set([
        ...['person', 'person_account', 'consent_version', 'idempotency', 'localization', 'notice'],
        ...['pairing_code', 'review', 'guardian_try'],
      ]),
    );
    for (const { name, partition_key, first } of keys) {
      expect([name, PERSON_KEYS.includes(first)]).toEqual([name, true]);
      expect([name, partition_key]).toEqual([name, `HASH (${first})`]);
    }
  });

  it('spreads identities by blind index', async () => {
    const [identity] = await rows<{ key: string; unique: string }>(`
      SELECT pg_get_partkeydef('person_identity'::regclass) AS key, string_agg(a.attname, ',') AS unique
      FROM pg_index i JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = i.indkey[0]
      WHERE i.indrelid = 'person_identity'::regclass AND i.indisunique`);
    expect(identity).toEqual({ key: 'HASH (bsn_index)', unique: 'bsn_index' });
  });

  it('has every table that names a person spread, but for visits and selectors, which end within days', async () => {
    const whole = await rows<{ name: string }>(`
      SELECT c.relname AS name FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid
      WHERE c.relnamespace = 'public'::regnamespace AND c.relkind = 'r' AND NOT c.relispartition
        AND a.attname IN ('person_id', 'child_id', 'guardian_id') ORDER BY 1`);
    expect(whole.map(({ name }) => name)).toEqual(['pairing_selector', 'session']);
  });

  it.each([
    ['session', 'seen_at'],
    ['sign_in_attempt', 'started_at'],
    ['once_value', 'until'],
    ['idempotency', 'at'],
    ['pairing_code', 'expires_at'],
    ['pairing_selector', 'expires_at'],
  ])('finds what runs out in %s by an index on %s', async (table, column) => {
    const indexes = await rows(`
      SELECT FROM pg_index i JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = i.indkey[0]
      WHERE i.indrelid = '${table}'::regclass AND a.attname = '${column}'`);
    expect(indexes).toHaveLength(1);
  });

  it('refers from a person to that same person only', async () => {
    const strays = await rows(`
      SELECT conrelid::regclass::text, confrelid::regclass::text, conkey, confkey FROM pg_constraint
      WHERE contype = 'f' AND conparentid = 0
        AND NOT (confrelid = 'person'::regclass AND cardinality(conkey) = 1
                 AND (SELECT attname FROM pg_attribute WHERE attrelid = conrelid AND attnum = conkey[1])
                     IN ('person_id', 'child_id', 'guardian_id'))`);
    expect(strays).toEqual([]);
  });

  describe('of the log', () => {
    const parts = async (): Promise<string[]> =>
      (
        await rows<{ name: string }>(
          `SELECT inhrelid::regclass::text AS name FROM pg_inherits
         WHERE inhparent IN ('audit_event'::regclass, 'audit_detail'::regclass) ORDER BY 1`,
        )
      ).map(({ name }) => name);

    it('has parts for this half year and the next from the start', async () => {
      const [now] = await rows<{ next: string; present: string }>(`
        SELECT to_char(t, 'YYYY') || CASE WHEN extract(month FROM t) < 7 THEN 'h1' ELSE 'h2' END AS present,
               to_char(n, 'YYYY') || CASE WHEN extract(month FROM n) < 7 THEN 'h1' ELSE 'h2' END AS next
        FROM (SELECT now() AT TIME ZONE 'UTC' AS t, (now() + interval '6 months') AT TIME ZONE 'UTC' AS n) x`);
      for (const period of [now?.present, now?.next]) {
        expect(await parts()).toEqual(
          expect.arrayContaining([`audit_event_${period}`, `audit_detail_${period}`]),
        );
      }
    });

    it('gets missing parts once, each with its triggers, and bounded in UTC', async () => {
      const make = (since: string, until: string) =>
        asSuperuser(database.url, async (client) => {
          await client.query(`SET timezone = 'America/New_York'; SET ROLE registry_app`);
          const made = await client.query<{ made: number }>(
            'SELECT ensure_audit_partitions($1, $2) AS made',
            [since, until],
          );
          return made.rows[0]?.made;
        });
      expect(await make('2031-06-30T23:59:59Z', '2032-01-01T00:00:00Z')).toBe(6);
      expect(await make('2031-06-30T23:59:59Z', '2032-01-01T00:00:00Z')).toBe(0);
      const [bound] = await rows<{ bound: string }>(`
        SELECT pg_get_expr(relpartbound, oid) AS bound FROM pg_class WHERE relname = 'audit_detail_2031h2'`);
      expect(bound?.bound).toContain(`'2031-07-01 00:00:00+00'`);
      const triggers = await rows(`
        SELECT tgrelid::regclass::text AS part, tgname AS name, tgenabled AS fires FROM pg_trigger
        WHERE tgrelid = 'audit_event_2031h2'::regclass ORDER BY 2`);
      expect(triggers).toEqual([
        { part: 'audit_event_2031h2', name: 'audit_keep_all', fires: 'A' },
        { part: 'audit_event_2031h2', name: 'audit_keep_rows', fires: 'A' },
      ]);
    });

    it('gets no parts for moments that can only be a mistake', async () => {
      const far = asSuperuser(database.url, (client) =>
        client.query(`SELECT ensure_audit_partitions(now(), now() + interval '1000 years')`),
      );
      await expect(far).rejects.toMatchObject({ code: 'AU002' });
    });
  });

  describe('brought up to date', () => {
    const fresh = async <T>(act: (url: string) => Promise<T>): Promise<T> => {
      const name = `fresh_${randomBytes(6).toString('hex')}`;
      await asSuperuser(database.url, (client) => client.query(`CREATE DATABASE ${name} TEMPLATE template0`));
      const url = new URL(database.url);
      url.pathname = `/${name}`;
      try {
        return await act(url.href);
      } finally {
        await asSuperuser(database.url, (client) => client.query(`DROP DATABASE ${name} WITH (FORCE)`));
      }
    };
    const names = MIGRATIONS.map((Migration) => new Migration().name);

    it('names what ran, and does nothing the second time', async () => {
      await fresh(async (url) => {
        expect(await migrate(url)).toEqual(names);
        expect(await migrate(url)).toEqual([]);
      });
    });

    it('is done by one of several instances that start at once', async () => {
      await fresh(async (url) => {
        const ran = await Promise.all([migrate(url), migrate(url), migrate(url)]);
        expect(ran.flat()).toEqual(names);
      });
    });

    it('says so when it can not connect, and leaves no connection behind', async () => {
      const nowhere = new URL(database.url);
      nowhere.pathname = '/there_is_no_such_database';
      await expect(migrate(nowhere.href)).rejects.toMatchObject({ code: '3D000' });
    });

    it('works for an ordinary user who may make roles, with the same tables; only the event triggers are lacking', async () => {
      const user = `operator_${randomBytes(6).toString('hex')}`;
      const password = randomBytes(12).toString('hex');
      await asSuperuser(database.url, (client) =>
        client.query(
          `CREATE ROLE ${user} LOGIN CREATEROLE PASSWORD '${password}'
           IN ROLE registry_owner, registry_app, registry_auditor, registry_sequencer, registry_retention`,
        ),
      );
      await fresh(async (url) => {
        const theirs = new URL(url);
        await asSuperuser(url, (client) =>
          client.query(`ALTER DATABASE ${theirs.pathname.slice(1)} OWNER TO ${user}`),
        );
        theirs.username = user;
        theirs.password = password;
        expect(await migrate(theirs.href)).toEqual(names);
        const made = await asSuperuser(url, (client) => client.query<{ name: string }>(STRUCTURE));
        const usual = await asSuperuser(database.url, (client) => client.query<{ name: string }>(STRUCTURE));
        const lasting = ({ name }: { name: string }): boolean => !/_203\d|^migration/.test(name);
        expect(made.rows.filter(lasting)).toEqual(usual.rows.filter(lasting));
        const triggers = await asSuperuser(url, (client) =>
          client.query('SELECT evtname FROM pg_event_trigger'),
        );
        expect(triggers.rows).toEqual([]);
      });
      await asSuperuser(database.url, (client) => client.query(`DROP ROLE ${user}`));
    });

    it('does not go back', async () => {
      for (const Migration of MIGRATIONS)
        await expect(new Migration().down()).rejects.toThrow('forward only');
    });
  });
});
