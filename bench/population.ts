import { randomBytes } from 'node:crypto';
import pg from 'pg';
import { v7 as newId } from 'uuid';
import { Keyring } from '../src/core/audit/keyring.js';
import { type Choice, choicesOf, type Option } from '../src/core/consent/choices.js';
import { SCOPES } from '../src/core/client/client.js';
import type { Bsn } from '../src/core/person/bsn.js';
import { CATALOGUE_VERSION, GROUP_IDS } from '../src/core/provider/catalogue.js';
import { PersonCipher } from '../src/store/person-cipher.js';
import { dice, plainIndexOf, providerAt, PROVIDERS, type World } from './world.js';

const ROWS_AT_A_TIME = 5_000;

type Roll = (below: number) => number;
type Row = readonly unknown[];

/** Fills a migrated, empty database with the world's people, providers and systems, and lets PostgreSQL look at it. */
export async function populate(
  world: World,
  bsns: readonly Bsn[],
  say: (line: string) => void,
): Promise<void> {
  const client = new pg.Client({ connectionString: world.databaseUrl });
  await client.connect();
  try {
    // What is inserted refers to what is inserted beside it; checking a million references takes minutes.
    await client.query('SET session_replication_role = replica');
    await insertProviders(client);
    await insertSystems(client, world);
    await insertPeople(client, world, bsns, say);
    await client.query('VACUUM (ANALYZE)');
    await client.query('CHECKPOINT');
  } finally {
    await client.end();
  }
}

async function insertProviders(client: pg.Client): Promise<void> {
  const rows = Array.from({ length: PROVIDERS }, (_, position) => {
    const { ura, type } = providerAt(position);
    return [ura, `Zorgaanbieder ${String(position)}`, `Plaats ${String(position % 300)}`, `{${type}}`];
  });
  await insert(client, 'provider (ura, name, place, types)', ['text', 'text', 'text', 'text'], rows, {
    select: 'a, b, c, d::text[]',
  });
}

async function insertSystems(client: pg.Client, { systems }: World): Promise<void> {
  for (const { clientId, providers, key } of systems) {
    const { kty, crv, x, y, kid } = key;
    await client.query(
      'INSERT INTO client (client_id, name, uras, scopes, keys, created_at) VALUES ($1, $2, $3, $4, $5, now())',
      [
        clientId,
        `System ${clientId}`,
        providers.map((position) => providerAt(position).ura),
        SCOPES,
        JSON.stringify([{ kty, crv, x, y, kid, alg: 'ES256', use: 'sig' }]),
      ],
    );
  }
}

async function insertPeople(
  client: pg.Client,
  world: World,
  bsns: readonly Bsn[],
  say: (line: string) => void,
): Promise<void> {
  const key = (text: string): Buffer => Buffer.from(text, 'base64');
  const keyring = new Keyring(key(world.keys.audit));
  const cipher = new PersonCipher({ bsnKey: key(world.keys.bsn), indexKey: key(world.keys.bsnIndex) });
  const roll = dice(1);
  for (let start = 0; start < world.people; start += ROWS_AT_A_TIME) {
    const some = bsns.slice(start, Math.min(start + ROWS_AT_A_TIME, world.people));
    const people = some.map((bsn, position) => makePerson(start + position, bsn, { keyring, cipher, roll }));
    await insertSome(client, people);
    const done = start + some.length;
    if (done % 100_000 === 0) say(`  ${done.toLocaleString('en')} people`);
  }
}

interface BenchPerson {
  readonly identities: readonly Row[];
  readonly person: Row;
  readonly versions: readonly Row[];
  readonly localizations: readonly Row[];
}

/**
 * Each person has two identities: the real one, and one that SQL can compute too, of the same size in the same table and index. So a
 * bare driver, which has no key for the real one, does the same read.
 */
function makePerson(
  position: number,
  bsn: Bsn,
  { keyring, cipher, roll }: { keyring: Keyring; cipher: PersonCipher; roll: Roll },
): BenchPerson {
  const id = newId();
  const box = cipher.close('bsn', id, bsn);
  return {
    identities: [
      [cipher.indexOf(bsn), id, box],
      [plainIndexOf(position), id, box],
    ],
    person: [id, keyring.newWrappedKey(id), `${String(1930 + roll(78))}-01-15`],
    versions: makeVersions(id, roll),
    localizations: Array.from({ length: 1 + roll(3) }, () => {
      const { ura, type } = providerAt(roll(PROVIDERS));
      return [id, newId(), ura, type];
    }),
  };
}

/** Three in ten never chose; one in ten changed once, and has a superseded version too. */
function makeVersions(id: string, roll: Roll): readonly Row[] {
  if (roll(10) < 3) return [];
  const current = makeDraft(roll);
  if (roll(10) > 0) return [[id, 1, 'in-force', current.option, JSON.stringify(current.choices)]];
  const former = makeDraft(roll);
  return [
    [id, 1, 'superseded', former.option, JSON.stringify(former.choices)],
    [id, 2, 'in-force', current.option, JSON.stringify(current.choices)],
  ];
}

/** Of those who chose, 60 in 100 said yes to everything, 15 no, and 25 chose by group, some with exceptions. */
function makeDraft(roll: Roll): { option: Option; choices: readonly Choice[] } {
  const kind = roll(100);
  if (kind < 60) return { option: 'all', choices: choicesOf({ option: 'all', choices: [] }) };
  if (kind < 75) return { option: 'none', choices: choicesOf({ option: 'none', choices: [] }) };
  const groups = GROUP_IDS.map((group) => makeChoice(`group:${group}`, roll));
  const exceptions = Array.from({ length: roll(4) }, () =>
    makeChoice(`provider:${providerAt(roll(PROVIDERS)).ura}`, roll),
  );
  return { option: 'certain', choices: [...groups, ...exceptions] };
}

function makeChoice(holder: Choice['holder'], roll: Roll): Choice {
  return { holder, requester: 'all', dataCategory: 'all', answer: roll(3) > 0 ? 'yes' : 'no' };
}

async function insertSome(client: pg.Client, people: readonly BenchPerson[]): Promise<void> {
  await client.query('BEGIN');
  await insert(
    client,
    'person_identity (bsn_index, person_id, bsn_box)',
    ['bytea', 'uuid', 'bytea'],
    people.flatMap(({ identities }) => identities),
  );
  await insert(
    client,
    'person (person_id, audit_key, born_on, born_on_source)',
    ['uuid', 'bytea', 'date'],
    people.map(({ person }) => person),
    { select: "a, b, c, 'self'" },
  );
  await insert(
    client,
    `consent_version (person_id, number, state, option, choices, catalogue_version, made_at, made_by,
                      in_force_from, ended_at)`,
    ['uuid', 'integer', 'text', 'text', 'jsonb'],
    people.flatMap(({ versions }) => versions),
    {
      select: `a, b, c, d, e, '${CATALOGUE_VERSION}', now(), 'self', now(),
               CASE WHEN c = 'superseded' THEN now() END`,
    },
  );
  await insert(
    client,
    `localization (person_id, localization_id, ura, type, registered_at, renewed_at, client_id)`,
    ['uuid', 'uuid', 'text', 'text'],
    people.flatMap(({ localizations }) => localizations),
    { select: "a, b, c, d, now(), now(), 'bench'" },
  );
  await client.query('COMMIT');
}

/** One statement for many rows: an array per column. */
async function insert(
  client: pg.Client,
  into: string,
  types: readonly string[],
  rows: readonly Row[],
  { select = '*' }: { select?: string } = {},
): Promise<void> {
  const columns = types.map((_, column) => rows.map((row) => row[column]));
  const names = types.map((_, column) => String.fromCharCode(97 + column));
  const arrays = types.map((type, column) => `$${String(column + 1)}::${type}[]`);
  await client.query(
    `INSERT INTO ${into} SELECT ${select} FROM unnest(${arrays.join(', ')}) AS given (${names.join(', ')})
     ON CONFLICT DO NOTHING`,
    columns,
  );
}

/** Keys of one run. */
export function newKeys(): World['keys'] {
  const key = (): string => randomBytes(32).toString('base64');
  return { bsn: key(), bsnIndex: key(), audit: key() };
}
