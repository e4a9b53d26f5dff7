import { randomBytes } from 'node:crypto';
import pg from 'pg';
import type { Person } from '../../src/core/person/person.js';
import type { AskedQuestion, Registry } from '../../src/core/registry.js';
import { openPostgresRegistry, type PostgresRegistry } from '../../src/store/postgres.registry.js';
import { makeDatabase, type TestDatabase } from '../database/make-database.js';
import { makeBsn, makePerson, makeProvider, makeSealedEntry, makeVersion } from '../make.js';
import { asSuperuser } from './as-superuser.js';
import { type CuttableProxy, makeProxy } from './cuttable-proxy.js';

const cipher = { bsnKey: randomBytes(32), indexKey: randomBytes(32) };
/** As it stands in a message: READ COMMITTED is no COMMIT. */
const COMMIT = 'COMMIT\0';
const unavailable = { name: 'Failure', code: 'UNAVAILABLE' };

describe('when the database has trouble', () => {
  let database: TestDatabase;
  let proxy: CuttableProxy;
  let registry: PostgresRegistry;
  /** Looks past the proxy at what was really kept. */
  let witness: PostgresRegistry;

  beforeAll(async () => {
    database = await makeDatabase();
    proxy = await makeProxy(database.url);
    registry = await openPostgresRegistry({ url: proxy.url, cipher, poolSize: 4, statementMs: 500 });
    witness = await openPostgresRegistry({ url: database.url, cipher });
  }, 60_000);

  afterEach(() => proxy.open());

  afterAll(async () => {
    await registry.close();
    await witness.close();
    await proxy.close();
    await database.drop();
  });

  const asked = (): AskedQuestion => {
    const { ura } = makeProvider();
    const party = { ura, type: 'Z3' } as const;
    return { clientId: 'nobody', question: { bsn: makeBsn(), holder: party, requester: party } };
  };
  const isKept = async (entryId: string): Promise<boolean> =>
    (await witness.inSnapshot((records) => records.audit.find(entryId))) !== undefined;
  const addPerson = (to: Registry, person: Person): Promise<Person> =>
    to.inTransaction((records) => records.people.addOrFind(person));
  const isThere = async (person: Person): Promise<boolean> =>
    (await witness.inSnapshot((records) => records.people.find(person.id))) !== undefined;

  async function withTriggerAtCommit(table: string, body: string, act: () => Promise<void>): Promise<void> {
    await asSuperuser(database.url, (client) =>
      client.query(`SET ROLE registry_retention; CREATE FUNCTION at_commit() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN ${body} RETURN NULL; END $$;
        CREATE CONSTRAINT TRIGGER at_commit AFTER INSERT ON ${table} DEFERRABLE INITIALLY DEFERRED
        FOR EACH ROW EXECUTE FUNCTION at_commit()`),
    );
    try {
      await act();
    } finally {
      await asSuperuser(database.url, (client) =>
        client.query(
          'SET ROLE registry_retention; DROP TRIGGER at_commit ON audit_pending; DROP FUNCTION at_commit()',
        ),
      );
    }
  }

  const attempts: readonly [string, () => Promise<unknown>][] = [
    ['a change', () => addPerson(registry, makePerson())],
    ['a look', () => registry.inSnapshot((records) => records.people.findByBsn(makeBsn()))],
    ['an answer', () => registry.answerTogether([asked()], () => [makeSealedEntry()])],
    ['an auditor', () => registry.asAuditor((audit) => audit.find(makePerson().id))],
    ['making room for the log', () => registry.prepareLog(new Date())],
  ];

  it.each(attempts)(
    '%s is refused as UNAVAILABLE when it is out of reach, and goes on when it is back',
    async (_, attempt) => {
      proxy.refuse();
      await expect(attempt()).rejects.toMatchObject(unavailable);
      proxy.open();
      await expect(attempt()).resolves.not.toThrow();
    },
  );

  it.each(attempts.slice(0, 3))(
    '%s is refused within seconds when the server hangs',
    async (_, attempt) => {
      await attempt();
      proxy.hang();
      const begin = Date.now();
      await expect(attempt()).rejects.toMatchObject(unavailable);
      expect(Date.now() - begin).toBeLessThan(5_000);
      proxy.open();
      await expect(attempt()).resolves.not.toThrow();
    },
    30_000,
  );

  it('a statement that waits too long is refused, and the connection serves on', async () => {
    const person = await addPerson(witness, makePerson());
    await asSuperuser(database.url, async (client) => {
      await client.query('BEGIN');
      await client.query('SELECT 1 FROM person WHERE person_id = $1 FOR UPDATE', [person.id]);
      await expect(registry.inTransaction((records) => records.people.lock(person.id))).rejects.toMatchObject(
        unavailable,
      );
      await client.query('ROLLBACK');
    });
    expect(await registry.inTransaction((records) => records.people.lock(person.id))).toEqual(person);
  }, 30_000);

  it('an answer is refused when the connection breaks in the middle, and nothing of it is kept', async () => {
    const entry = makeSealedEntry();
    const broken = registry.answerTogether([asked()], () => {
      proxy.refuse();
      return [entry];
    });
    await expect(broken).rejects.toMatchObject(unavailable);
    expect(await isKept(entry.id)).toBe(false);
  });

  it('an answer is refused when the connection breaks between COMMIT and its answer, though the entry is kept', async () => {
    const entry = makeSealedEntry();
    proxy.cutAfterSending(COMMIT);
    await expect(registry.answerTogether([asked()], () => [entry])).rejects.toMatchObject(unavailable);
    await expect(eventually(() => isKept(entry.id))).resolves.toBe(true);
  });

  it('a change whose COMMIT was not answered is refused as uncertain, and is not run again', async () => {
    const person = makePerson();
    let rounds = 0;
    proxy.cutAfterSending(COMMIT);
    const change = registry.inTransaction((records) => {
      rounds += 1;
      return records.people.addOrFind(person);
    });
    await expect(change).rejects.toMatchObject({
      ...unavailable,
      message: expect.stringContaining('not certain'),
    });
    await expect(eventually(() => isThere(person))).resolves.toBe(true);
    expect(rounds).toBe(1);
  });

  it('a warning at COMMIT, as of cancelled synchronous replication, is no success', async () => {
    const entry = makeSealedEntry();
    await withTriggerAtCommit('audit_pending', `RAISE WARNING 'the wait was cancelled';`, async () => {
      await expect(registry.answerTogether([asked()], () => [entry])).rejects.toMatchObject(unavailable);
      const change = registry.inTransaction((records) => records.audit.append([makeSealedEntry()]));
      await expect(change).rejects.toMatchObject(unavailable);
    });
    expect(await isKept(entry.id)).toBe(true);
  });

  it('a notice at COMMIT is a success', async () => {
    await withTriggerAtCommit('audit_pending', `RAISE NOTICE 'by the way';`, async () => {
      await expect(registry.answerTogether([asked()], () => [makeSealedEntry()])).resolves.toBeUndefined();
    });
  });

  it('a COMMIT that fails keeps nothing', async () => {
    const entry = makeSealedEntry();
    await withTriggerAtCommit('audit_pending', `RAISE EXCEPTION 'no' USING ERRCODE = '53100';`, async () => {
      await expect(registry.answerTogether([asked()], () => [entry])).rejects.toMatchObject(unavailable);
    });
    expect(await isKept(entry.id)).toBe(false);
  });

  it('an answer is refused when the log has no part for its moment, and nothing of it is kept', async () => {
    const [fitting, late] = [makeSealedEntry(), makeSealedEntry({ at: new Date('2090-01-01T00:00:00Z') })];
    await expect(registry.answerTogether([asked()], () => [fitting, late])).rejects.toThrow('partition');
    expect(await isKept(fitting.id)).toBe(false);
  });

  it('a change is refused when a statement of it failed and was passed over', async () => {
    const person = makePerson();
    const change = registry.inTransaction(async (records) => {
      await records.people.addOrFind(person);
      await records.consents.add(makeVersion({ personId: makePerson().id })).catch(() => undefined);
    });
    await expect(change).rejects.toThrow('nothing was kept');
    expect(await isThere(person)).toBe(false);
  });

  it('two changes that lock each other out are both carried out, one of them again', async () => {
    const [a, b] = [await addPerson(witness, makePerson()), await addPerson(witness, makePerson())];
    let rounds = 0;
    const lockBoth = (first: Person, second: Person): Promise<void> =>
      witness.inTransaction(async (records) => {
        rounds += 1;
        await records.people.lock(first.id);
        await new Promise((resolve) => setTimeout(resolve, 100));
        await records.people.lock(second.id);
      });
    await Promise.all([lockBoth(a, b), lockBoth(b, a)]);
    expect(rounds).toBe(3);
  }, 30_000);

  it('a conflict that stays is refused after three rounds', async () => {
    let rounds = 0;
    const change = registry.inTransaction(() => {
      rounds += 1;
      return Promise.reject(Object.assign(new pg.DatabaseError('conflict', 0, 'error'), { code: '40001' }));
    });
    await expect(change).rejects.toMatchObject(unavailable);
    expect(rounds).toBe(3);
  });

  it('connections that an administrator ends are replaced', async () => {
    await asSuperuser(database.url, (client) =>
      client.query(
        'SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()',
      ),
    );
    const person = makePerson();
    await expect(
      eventually(() =>
        addPerson(registry, person).then(
          () => true,
          () => false,
        ),
      ),
    ).resolves.toBe(true);
    expect(await eventually(() => isThere(person).catch(() => false))).toBe(true);
  });

  it('as many callers as come share the few connections there are', async () => {
    const entries = Array.from({ length: 200 }, () => makeSealedEntry());
    await Promise.all(
      entries.map((entry, place) =>
        place % 2 === 0
          ? registry.answerTogether([asked()], () => [entry])
          : registry.inTransaction((records) => records.audit.append([entry])),
      ),
    );
    const kept = await Promise.all(entries.map(({ id }) => isKept(id)));
    expect(kept.every(Boolean)).toBe(true);
  });

  it('a check is answered while everything else keeps every other connection busy', async () => {
    const free = Promise.withResolvers<undefined>();
    const busy = Array.from({ length: 4 }, () => registry.inTransaction(() => free.promise));
    const waiting = Array.from({ length: 20 }, () =>
      registry.inSnapshot((records) => records.sessions.find(randomBytes(32))).catch(() => undefined),
    );
    const entry = makeSealedEntry();
    const begin = Date.now();
    await expect(registry.answerTogether([asked()], () => [entry])).resolves.toBeUndefined();
    expect(Date.now() - begin).toBeLessThan(1_000);
    free.resolve(undefined);
    await Promise.all([...busy, ...waiting]);
    expect(await isKept(entry.id)).toBe(true);
  });

  it('tells the settings that decide whether what is kept survives a crash', async () => {
    const settings = await registry.settings();
    expect(Object.keys(settings).sort()).toEqual([
      'fsync',
      'full_page_writes',
      'server_version',
      'synchronous_commit',
    ]);
  });

  it('opening says so when there is no database, and leaves no connection behind', async () => {
    const nowhere = new URL(database.url);
    nowhere.pathname = '/there_is_no_such_database';
    await expect(openPostgresRegistry({ url: nowhere.href, cipher })).rejects.toMatchObject({
      code: '3D000',
    });
  });

  async function eventually(holds: () => Promise<boolean>): Promise<boolean> {
    for (let round = 0; round < 50; round++) {
      if (await holds()) return true;
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    return false;
  }
});
