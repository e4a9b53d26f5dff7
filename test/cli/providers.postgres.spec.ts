import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { openPostgresRegistry, type PostgresRegistry } from '../../src/store/postgres.registry.js';
import { makeDatabase, type TestDatabase } from '../database/make-database.js';
import { Operator, type Said } from './make-cli.js';

let database: TestDatabase;
let registry: PostgresRegistry;
let operator: Operator<PostgresRegistry>;

beforeAll(async () => {
  database = await makeDatabase();
  const cipher = { bsnKey: randomBytes(32), indexKey: randomBytes(32) };
  registry = await openPostgresRegistry({ url: database.url, cipher });
  await registry.prepareLog(new Date());
  operator = new Operator(registry);
});

afterAll(async () => {
  operator.clearUp();
  await registry.close();
  await database.drop();
});

const HEADER = 'ura,name,place,types\n';

function rows(count: number, name: string): string {
  return (
    HEADER +
    Array.from({ length: count }, (_, row) => `${10_000_000 + row},${name} ${row},Zwolle,Z3 K3`).join('\n')
  );
}

async function countKept(): Promise<number> {
  return (await registry.inSnapshot((records) => records.providers.search({ limit: 100_000 }))).length;
}

function importText(text: string): Promise<Said> {
  return operator.run('providers', 'import', operator.file('register.csv', text));
}

it('imports 12,000 providers, then only what changed', async () => {
  expect((await importText(rows(12_000, 'Praktijk'))).out).toBe(
    'Read 12000, added 12000, changed 0, unchanged 0, refused 0.\n',
  );
  const other = rows(12_000, 'Praktijk').replace('Praktijk 7,', 'Apotheek 7,');
  expect((await importText(other)).out).toBe('Read 12000, added 0, changed 1, unchanged 11999, refused 0.\n');
});

it('keeps nothing of an import whose entry can not be kept', async () => {
  const before = await countKept();
  // The log takes no second entry under the id of another.
  operator.newId = () => '01890000-0000-7000-8000-000000000001';
  await importText(`${HEADER}20000001,Eerste,Assen,J8\n`);
  await expect(importText(`${HEADER}20000002,Tweede,Assen,J8\n`)).rejects.toThrow();
  expect(await countKept()).toBe(before + 1);
});

it('registers, finds and revokes clients', async () => {
  operator = new Operator(registry);
  const wish = [
    'clients',
    'add',
    '--name',
    'Voorbeeld-HIS',
    '--ura',
    '10000001',
    '--scope',
    'consent:check',
    '--json',
  ];
  const { out } = await operator.run(...wish);
  const { clientId } = JSON.parse(out) as { clientId: string };
  expect((await operator.run('clients', 'list')).out).toContain(clientId);
  expect((await operator.run('clients', 'revoke', clientId)).code).toBe(0);
  expect((await operator.run('clients', 'revoke', clientId)).code).toBe(1);
  expect((await operator.run('clients', 'list')).out).toMatch(new RegExp(`${clientId} +revoked`));
});
