import { randomBytes } from 'node:crypto';
import type { Person } from '../../src/core/person/person.js';
import { PersonCipher } from '../../src/store/person-cipher.js';
import { openPostgresRegistry, type PostgresRegistry } from '../../src/store/postgres.registry.js';
import { makeDatabase, type TestDatabase } from '../database/make-database.js';
import {
  makeAccount,
  makeBsn,
  makeKeptCode,
  makeLocalization,
  makeNotice,
  makePerson,
  makeReview,
  makeSealedEntry,
  makeSession,
  makeVersion,
} from '../make.js';
import { parseEmail } from '../../src/core/person/email.js';
import { asSuperuser } from './as-superuser.js';

const keys = { bsnKey: randomBytes(32), indexKey: randomBytes(32) };

describe('the cipher of persons', () => {
  const cipher = new PersonCipher(keys);
  const { id, bsn } = makePerson();

  it('opens what it closed', () => {
    expect(cipher.openBsn(id, cipher.close('bsn', id, bsn))).toBe(bsn);
    expect(cipher.open('display-name', id, cipher.close('display-name', id, 'Zoë 𝒵'))).toBe('Zoë 𝒵');
  });

  it('never closes the same value twice into the same bytes', () => {
    expect(cipher.close('bsn', id, bsn)).not.toEqual(cipher.close('bsn', id, bsn));
  });

  it('opens a value for no other person, no other purpose and no other key', () => {
    const box = cipher.close('bsn', id, bsn);
    expect(() => cipher.openBsn(makePerson().id, box)).toThrow();
    expect(() => cipher.open('email', id, box)).toThrow();
    const other = new PersonCipher({ ...keys, bsnKey: randomBytes(32) });
    expect(() => other.openBsn(id, box)).toThrow();
  });

  it('opens nothing that differs in a single bit, and no other key version', () => {
    const box = cipher.close('bsn', id, bsn);
    for (let place = 0; place < box.length; place++) {
      const changed = Buffer.from(box);
      changed.writeUInt8(changed.readUInt8(place) ^ 1, place);
      expect(() => cipher.openBsn(id, changed)).toThrow();
    }
    expect(() => cipher.openBsn(id, box.subarray(0, 8))).toThrow();
  });

  it('finds a BSN by an index that only the key can make', () => {
    expect(cipher.indexOf(bsn)).toHaveLength(32);
    expect(cipher.indexOf(bsn)).toEqual(new PersonCipher(keys).indexOf(bsn));
    expect(cipher.indexOf(bsn)).not.toEqual(cipher.indexOf(makeBsn()));
    const other = new PersonCipher({ ...keys, indexKey: randomBytes(32) });
    expect(other.indexOf(bsn)).not.toEqual(cipher.indexOf(bsn));
  });

  it('takes two different keys of 32 bytes', () => {
    expect(() => new PersonCipher({ ...keys, bsnKey: randomBytes(16) })).toThrow('32 bytes');
    expect(() => new PersonCipher({ ...keys, indexKey: randomBytes(33) })).toThrow('32 bytes');
    expect(() => new PersonCipher({ bsnKey: keys.bsnKey, indexKey: keys.bsnKey })).toThrow('differ');
  });
});

describe('a dump of the whole database', () => {
  let database: TestDatabase;
  let registry: PostgresRegistry;
  let people: readonly Person[];

  beforeAll(async () => {
    database = await makeDatabase();
    registry = await openPostgresRegistry({ url: database.url, cipher: keys });
    people = Array.from({ length: 20 }, (_, place) =>
      makePerson({
        account: makeAccount({
          displayName: `Quirijn-${place} van Testen`,
          email: parseEmail(`quirijn.${place}@example.org`),
        }),
      }),
    );
    for (const person of people) await keepEverythingAbout(person);
  }, 60_000);

  afterAll(async () => {
    await registry.close();
    await database.drop();
  });

  async function keepEverythingAbout(person: Person): Promise<void> {
    const personId = person.id;
    await registry.inTransaction(async (records) => {
      await records.people.addOrFind(person);
      await records.consents.add(makeVersion({ personId }));
      await records.guardianship.addCode(makeKeptCode({ childId: personId }));
      await records.guardianship.countGuardianTry(personId, '2026-11-02');
      await records.guardianship.addReview(makeReview({ childId: personId, guardianId: personId }));
      await records.localizations.put(makeLocalization({ personId }));
      await records.notices.add(makeNotice({ personId }));
      await records.idempotency.add({
        personId,
        key: 'k',
        requestHash: randomBytes(32),
        version: 1,
        at: new Date(),
      });
      await records.sessions.add(makeSession({ principal: { role: 'citizen', personId } }));
      await records.once.use(`value of ${person.bsn}`, new Date());
      await records.people.lock(personId);
      await records.people.update(person);
      await records.audit.append([makeSealedEntry()]);
    });
  }

  /** Every row of every table, partitions included: as text, and with its byte strings read as text. */
  async function dump(): Promise<{ table: string; text: string }[]> {
    return asSuperuser(database.url, async (client) => {
      const tables = await client.query<{ table: string }>(
        `SELECT oid::regclass::text AS table FROM pg_class
         WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'm') ORDER BY 1`,
      );
      const dumped: { table: string; text: string }[] = [];
      for (const { table } of tables.rows) {
        const { rows } = await client.query<Record<string, unknown>>(
          `SELECT t.*, t::text AS whole_row FROM ${table} t`,
        );
        const values = rows.flatMap((row) => Object.values(row));
        dumped.push({ table, text: values.map(asText).join('\n') });
      }
      return dumped;
    });
  }

  function asText(value: unknown): string {
    if (!Buffer.isBuffer(value)) return typeof value === 'string' ? value : JSON.stringify(value);
    return `${value.toString('latin1')} ${value.toString('utf16le')} ${value.toString('hex')}`;
  }

  it('shows no BSN, name or address anywhere, as text or as bytes', async () => {
    const dumped = await dump();
    const secrets = people.flatMap(({ bsn, account }) => [
      bsn,
      Buffer.from(bsn).toString('hex'),
      Buffer.from(bsn).toString('base64url'),
      account?.displayName ?? '',
      account?.email ?? '',
    ]);
    expect(secrets.every((secret) => secret.length > 8)).toBe(true);
    const found = dumped.filter(({ text }) => secrets.some((secret) => text.includes(secret)));
    expect(found.map(({ table }) => table)).toEqual([]);
  });

  it('is looked through whole: what is no secret is found in every table of persons', async () => {
    const found = new Set(
      (await dump())
        .filter(({ text }) => people.some(({ id }) => text.includes(id)))
        .map(({ table }) => table.replace(/_p\d$/, '')),
    );
    expect([...found].sort()).toEqual(
      [
        ...[
          'person',
          'person_account',
          'person_identity',
          'consent_version',
          'localization',
          'notice',
          'session',
        ],
        ...['idempotency', 'pairing_code', 'pairing_selector', 'review', 'guardian_try'],
      ].sort(),
    );
  });

  it('gives nobody the BSN of another when rows were exchanged', async () => {
    const [a, b] = people;
    if (!a || !b) throw new Error('there are people');
    await asSuperuser(database.url, (client) =>
      client.query(
        `UPDATE person_identity i SET bsn_box = o.bsn_box FROM person_identity o
         WHERE i.person_id = $1 AND o.person_id = $2`,
        [a.id, b.id],
      ),
    );
    await expect(registry.inSnapshot((records) => records.people.find(a.id))).rejects.toThrow();
    expect(await registry.inSnapshot((records) => records.people.find(b.id))).toEqual(b);
  });

  it('says nothing about a person in the error of a refused row', async () => {
    const [person] = people;
    if (!person) throw new Error('there are people');
    const error = await registry
      .inTransaction((records) => records.consents.add(makeVersion({ personId: person.id })))
      .catch((thrown: unknown) => thrown);
    expect(JSON.stringify(error, Object.getOwnPropertyNames(error))).not.toContain(person.bsn);
  });
});
