import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * A migration in SQL that runs as `registry_owner`, so that everything it makes belongs to that role whoever connects.
 * It goes forward only: a new schema works with the previous release, so going back means starting that release again.
 */
export abstract class ForwardOnly implements MigrationInterface {
  /** Names the migration for ever; ends in the moment it was written (milliseconds). */
  abstract readonly name: string;
  protected abstract readonly sql: string;

  async up(runner: QueryRunner): Promise<void> {
    await runner.query('SET LOCAL ROLE registry_owner');
    await runner.query(this.sql);
    await runner.query('RESET ROLE');
  }

  /** Refuses. */
  async down(): Promise<void> {
    throw new Error(`${this.name} goes forward only; write a new migration instead.`);
  }
}

/** How many parts a table of persons has. More parts than one machine needs, so that they can be spread over several. */
const PARTS = 8;

/** SQL that makes the hash partitions of a table. PostgreSQL then itself insists that every unique key holds the partition key. */
export function hashParts(table: string): string {
  return Array.from(
    { length: PARTS },
    (_, part) =>
      `CREATE TABLE ${table}_p${part} PARTITION OF ${table} FOR VALUES WITH (MODULUS ${PARTS}, REMAINDER ${part});`,
  ).join('\n');
}
