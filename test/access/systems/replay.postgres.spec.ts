import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import type { JWK } from 'jose';
import { openPostgresRegistry, type PostgresRegistry } from '../../../src/store/postgres.registry.js';
import { makeDatabase, type TestDatabase } from '../../database/make-database.js';
import {
  askToken,
  type Instance,
  makeSigningKey,
  makeSystem,
  startInstance,
  tokenRequest,
} from './make-system.js';

let database: TestDatabase;
const registries: PostgresRegistry[] = [];
const instances: Instance[] = [];
let signingKey: JWK;

beforeAll(async () => {
  database = await makeDatabase();
  signingKey = await makeSigningKey();
  const cipher = { bsnKey: randomBytes(32), indexKey: randomBytes(32) };
  for (let turn = 0; turn < 2; turn++) {
    const registry = await openPostgresRegistry({ url: database.url, cipher });
    registries.push(registry);
    instances.push(await startInstance(registry, signingKey));
  }
});

afterAll(async () => {
  for (const instance of instances) await instance.close();
  for (const registry of registries) await registry.close();
  await database.drop();
});

it('gives exactly one token to 50 replays at once over two instances on one PostgreSQL', async () => {
  const system = await makeSystem(registries[0]!);
  for (let round = 0; round < 3; round++) {
    const request = tokenRequest(await system.assertion());
    const answers = await Promise.all(
      Array.from({ length: 50 }, (_, turn) => askToken(instances[turn % 2]!.url, request)),
    );
    const statuses = answers.map(({ status }) => status);
    expect(statuses.filter((status) => status === 200)).toHaveLength(1);
    expect(statuses.filter((status) => status === 401)).toHaveLength(49);
  }
});

it('knows a client revoked through one instance no more at the other', async () => {
  const system = await makeSystem(registries[0]!);
  expect((await askToken(instances[1]!.url, tokenRequest(await system.assertion()))).status).toBe(200);
  await registries[0]!.inTransaction((records) => records.clients.revoke(system.client.id, new Date()));
  expect((await askToken(instances[1]!.url, tokenRequest(await system.assertion()))).status).toBe(401);
});
