import { createHash } from 'node:crypto';
import { READ } from '../../src/store/check.records.js';
import { makeDatabase, type TestDatabase } from '../database/make-database.js';
import { asSuperuser } from './as-superuser.js';

interface Plan {
  readonly 'Node Type': string;
  readonly 'Relation Name'?: string;
  readonly 'Index Name'?: string;
  readonly 'Actual Loops'?: number;
  readonly Plans?: readonly Plan[];
}

const PEOPLE = 10_000;
const BATCH = 1_000;

/** Made by SQL, because it is the plan that matters here and not what the rows say. */
const FILL = `
  CREATE TEMP TABLE someone AS
    SELECT n, sha256(n::text::bytea) AS bsn_index, gen_random_uuid() AS person_id FROM generate_series(1, ${PEOPLE}) n;
  INSERT INTO person_identity SELECT bsn_index, person_id, '\\x00' FROM someone;
  INSERT INTO person (person_id, audit_key) SELECT person_id, '\\x00' FROM someone;
  INSERT INTO consent_version (person_id, number, state, option, choices, catalogue_version, made_at, made_by, in_force_from, ended_at)
    SELECT person_id, v, CASE WHEN v = 3 THEN 'in-force' ELSE 'superseded' END, 'all', '[]', '1', now(), 'self', now(),
           CASE WHEN v < 3 THEN now() END
    FROM someone, generate_series(1, 3) v;
  INSERT INTO provider SELECT lpad(n::text, 8, '0'), 'P', 'Q', '{Z3}' FROM generate_series(1, 5000) n;`;

describe('the batch read of the check path', () => {
  let database: TestDatabase;

  beforeAll(async () => {
    database = await makeDatabase();
    await asSuperuser(database.url, (client) => client.query(FILL));
  }, 60_000);

  afterAll(() => database.drop());

  function nodesOf(plan: Plan): readonly Plan[] {
    return [plan, ...(plan.Plans ?? []).flatMap(nodesOf)];
  }

  async function explain(mode: string, isAnalyzed: boolean): Promise<readonly Plan[]> {
    const list = (type: string, value: (place: number) => string): string =>
      `ARRAY[${Array.from({ length: BATCH }, (_, place) => value(place)).join(',')}]::${type}[]`;
    const hash = (text: string): string => `'\\x${createHash('sha256').update(text).digest('hex')}'`;
    const values = [
      list('bytea', (place) => hash(String(place + 1))),
      list('text', (place) => `'${String(place + 1).padStart(8, '0')}'`),
      list('text', () => `'Z3'`),
      list('text', (place) => `'${String(place + 2).padStart(8, '0')}'`),
      list('text', () => `'Z3'`),
    ];
    return asSuperuser(database.url, async (client) => {
      if (isAnalyzed) await client.query('ANALYZE');
      await client.query(
        `SET plan_cache_mode = ${mode}; PREPARE batch (bytea[], text[], text[], text[], text[]) AS ${READ}`,
      );
      const explained = await client.query<{ 'QUERY PLAN': readonly { Plan: Plan }[] }>(
        `EXPLAIN (ANALYZE, FORMAT JSON) EXECUTE batch (${values.join(', ')})`,
      );
      return explained.rows.flatMap((row) => row['QUERY PLAN']).flatMap(({ Plan }) => nodesOf(Plan));
    });
  }

  it.each([
    ['force_generic_plan', false],
    ['force_generic_plan', true],
    ['force_custom_plan', true],
  ])('goes by indexes only (%s, with statistics: %s)', async (mode, isAnalyzed) => {
    const nodes = await explain(mode, isAnalyzed);
    const reads = nodes.filter((node) => node['Relation Name'] !== undefined);
    expect(new Set(reads.map((node) => node['Relation Name']?.replace(/_p\d$/, '')))).toEqual(
      new Set(['person_identity', 'person', 'consent_version', 'provider']),
    );
    const types = new Set(reads.map((node) => node['Node Type']));
    expect(
      [...types].filter((type) => !/^(Index Scan|Index Only Scan|Bitmap Heap Scan)$/.test(type)),
    ).toEqual([]);
  });

  it('touches one part of each table per question', async () => {
    const nodes = await explain('force_generic_plan', true);
    const probes = (table: RegExp): number =>
      nodes
        .filter((node) => table.test(node['Relation Name'] ?? ''))
        .reduce((sum, node) => sum + (node['Actual Loops'] ?? 0), 0);
    expect(probes(/^person_identity_p\d$/)).toBe(BATCH);
    expect(probes(/^person_p\d$/)).toBe(BATCH);
    expect(probes(/^consent_version_p\d$/)).toBe(BATCH);
  });
});
