import { EntitySchema } from 'typeorm';
import type { IdempotencyRecords, Remembered } from '../core/registry.js';
import { column, keyColumn, type Sql } from './sql.js';

/** How a change under an Idempotency-Key is remembered. */
export const idempotencyTable = new EntitySchema<Remembered>({
  name: 'idempotency',
  columns: {
    personId: keyColumn('person_id', 'uuid'),
    key: keyColumn('key', 'text'),
    requestHash: column('request_hash', 'bytea'),
    version: column('version', 'integer'),
    at: column('at', 'timestamptz'),
  },
});

/** Changes by Idempotency-Key in PostgreSQL. */
export class PostgresIdempotency implements IdempotencyRecords {
  constructor(private readonly sql: Sql) {}

  async find(personId: string, key: string): Promise<Remembered | undefined> {
    return (await this.sql.manager.findOneBy(idempotencyTable, { personId, key })) ?? undefined;
  }

  async add(remembered: Remembered): Promise<void> {
    await this.sql.manager.insert(idempotencyTable, remembered);
  }

  forgetBefore(at: Date, most: number): Promise<number> {
    return this.sql.change(
      `DELETE FROM idempotency WHERE (person_id, key) IN
         (SELECT person_id, key FROM idempotency WHERE at < $1 LIMIT $2)`,
      [at, most],
    );
  }
}
