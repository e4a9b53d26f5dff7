import { createHash } from 'node:crypto';
import type { OnceRecords } from '../core/registry.js';
import type { Sql } from './sql.js';

/** Values that may be used once, in PostgreSQL. Goes by the database's clock, which all instances share. */
export class PostgresOnce implements OnceRecords {
  constructor(private readonly sql: Sql) {}

  async use(value: string, until: Date): Promise<boolean> {
    const used = await this.sql.change(
      `INSERT INTO once_value AS o (value_hash, until) VALUES ($1, $2)
       ON CONFLICT (value_hash) DO UPDATE SET until = EXCLUDED.until WHERE o.until <= clock_timestamp()`,
      [createHash('sha256').update(value).digest(), until],
    );
    return used === 1;
  }

  /** An instance whose clock is ahead must not make a value fit for a second use. */
  forgetBefore(at: Date, most: number): Promise<number> {
    return this.sql.change(
      `DELETE FROM once_value WHERE value_hash IN
         (SELECT value_hash FROM once_value WHERE until < least($1, clock_timestamp()) LIMIT $2)
         AND until < least($1, clock_timestamp())`,
      [at, most],
    );
  }
}
