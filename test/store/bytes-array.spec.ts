import { randomBytes } from 'node:crypto';
import pg from 'pg';
import { bytesArray } from '../../src/store/bytes-array.js';
import { makeDatabase, type TestDatabase } from '../database/make-database.js';

describe('a list of byte strings in binary form', () => {
  let database: TestDatabase;
  let client: pg.Client;

  beforeAll(async () => {
    database = await makeDatabase();
    client = new pg.Client({ connectionString: database.url });
    await client.connect();
  }, 60_000);

  afterAll(async () => {
    await client.end();
    await database.drop();
  });

  const seenBy = async (values: readonly (Buffer | undefined)[]): Promise<(Buffer | null)[]> => {
    const { rows } = await client.query<{ value: Buffer | null }>(
      'SELECT value FROM unnest($1::bytea[]) WITH ORDINALITY AS u(value, place) ORDER BY place',
      [bytesArray(values)],
    );
    return rows.map(({ value }) => value);
  };

  it.each<[string, (Buffer | undefined)[]]>([
    ['none', []],
    ['one', [Buffer.from([0, 255, 92, 34])]],
    ['empty ones', [Buffer.alloc(0), Buffer.alloc(0)]],
    ['absent ones', [undefined, Buffer.from('x'), undefined]],
    ['nothing but absent ones', [undefined, undefined]],
    ['a thousand', Array.from({ length: 1_000 }, (_, place) => randomBytes(place))],
  ])('arrives as it was: %s', async (_, values) => {
    expect(await seenBy(values)).toEqual(values.map((value) => value ?? null));
  });
});
