import { randomBytes } from 'node:crypto';
import { openPostgresRegistry } from '../../src/store/postgres.registry.js';
import { makeDatabase } from '../database/make-database.js';
import { describeRegistry } from './registry.contract.js';

describeRegistry('in PostgreSQL', async () => {
  const database = await makeDatabase();
  const cipher = { bsnKey: randomBytes(32), indexKey: randomBytes(32) };
  const registry = await openPostgresRegistry({ url: database.url, cipher });
  const close = async (): Promise<void> => {
    await registry.close();
    await database.drop();
  };
  return { registry, close };
});
