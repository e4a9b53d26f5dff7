import { EntitySchema } from 'typeorm';
import { type KeptPairingCode, MOST_TRIES_PER_CODE } from '../core/guardianship/pairing-code.js';
import type { Review, ReviewState } from '../core/guardianship/review.js';
import type { GuardianshipRecords } from '../core/registry.js';
import { column, isUuid, keyColumn, optionalColumn, type Sql } from './sql.js';

/** How a review is kept. */
export const reviewTable = new EntitySchema<Review>({
  name: 'review',
  columns: {
    childId: keyColumn('child_id', 'uuid'),
    id: keyColumn('review_id', 'uuid'),
    guardianId: column('guardian_id', 'uuid'),
    version: column('version', 'integer'),
    state: column('state', 'text'),
    openedAt: column('opened_at', 'timestamptz'),
    expiresAt: column('expires_at', 'timestamptz'),
    decidedAt: optionalColumn('decided_at', 'timestamptz'),
  },
});

interface CodeRow {
  readonly child_id: string;
  readonly selector: string;
  readonly salt: Buffer;
  readonly hash: Buffer;
  readonly version: number;
  readonly made_at: Date;
  readonly expires_at: Date;
}

const CODE_COLUMNS = 'child_id, selector, salt, hash, version, made_at, expires_at';

/** Ends codes and frees their selectors; `condition` says which, and the count of those ended comes back. */
const endCodesWhere = (condition: string): string => `
  WITH ended AS (DELETE FROM pairing_code WHERE ${condition} RETURNING child_id, selector),
       freed AS (DELETE FROM pairing_selector s USING ended e WHERE s.selector = e.selector AND s.child_id = e.child_id)
  SELECT child_id FROM ended`;

/**
 * The later of a moment by the service's clock and now by the database's, which all instances share. A code that either
 * of them calls expired is dead, so a clock that lags behind keeps none alive.
 */
const laterOf = (at: string): string => `greatest(${at}::timestamptz, clock_timestamp())`;

/**
 * Pairing codes and reviews in PostgreSQL. A child has one code at most; using or ending it deletes the row, so that of many
 * callers at once exactly one finds it.
 */
export class PostgresGuardianship implements GuardianshipRecords {
  constructor(private readonly sql: Sql) {}

  async addCode(code: KeptPairingCode): Promise<boolean> {
    const reserved = await this.sql.change(
      `INSERT INTO pairing_selector AS s (selector, child_id, expires_at) VALUES ($1, $2, $3)
       ON CONFLICT (selector) DO UPDATE SET child_id = EXCLUDED.child_id, expires_at = EXCLUDED.expires_at
       WHERE s.expires_at <= ${laterOf('$4')}`,
      [code.selector, code.childId, code.expiresAt, code.madeAt],
    );
    if (reserved === 0) return false;
    await this.sql.change(
      `DELETE FROM pairing_selector s USING pairing_code c
       WHERE c.child_id = $1 AND s.child_id = $1 AND s.selector = c.selector AND s.selector <> $2`,
      [code.childId, code.selector],
    );
    await this.sql.change(
      `INSERT INTO pairing_code (${CODE_COLUMNS}) VALUES ($1, $2, $3, $4, $5, $6, $7)
       ON CONFLICT (child_id) DO UPDATE SET selector = EXCLUDED.selector, salt = EXCLUDED.salt, hash = EXCLUDED.hash,
         version = EXCLUDED.version, made_at = EXCLUDED.made_at, expires_at = EXCLUDED.expires_at, tries = 0`,
      [code.childId, code.selector, code.salt, code.hash, code.version, code.madeAt, code.expiresAt],
    );
    return true;
  }

  async endCodes(childId: string): Promise<void> {
    await this.sql.rows(endCodesWhere('child_id = $1'), [childId]);
  }

  async countTry(selector: string, at: Date, mostTries: number): Promise<KeptPairingCode | undefined> {
    const owner = await this.sql.first<{ child_id: string }>(
      'SELECT child_id FROM pairing_selector WHERE selector = $1',
      [selector],
    );
    if (!owner) return undefined;
    const row = await this.sql.first<CodeRow>(
      `UPDATE pairing_code SET tries = tries + 1
       WHERE child_id = $1 AND selector = $2 AND expires_at > ${laterOf('$3')} AND tries < $4 RETURNING ${CODE_COLUMNS}`,
      [owner.child_id, selector, at, mostTries],
    );
    return row && readCode(row);
  }

  async countGuardianTry(guardianId: string, day: string): Promise<number> {
    await this.sql.change('DELETE FROM guardian_try WHERE guardian_id = $1 AND day < $2', [guardianId, day]);
    const row = await this.sql.first<{ tries: number }>(
      `INSERT INTO guardian_try AS t (guardian_id, day, tries) VALUES ($1, $2, 1)
       ON CONFLICT (guardian_id, day) DO UPDATE SET tries = t.tries + 1 RETURNING tries`,
      [guardianId, day],
    );
    return row?.tries ?? 0;
  }

  async forgiveGuardianTry(guardianId: string, day: string): Promise<void> {
    await this.sql.change(
      'UPDATE guardian_try SET tries = tries - 1 WHERE guardian_id = $1 AND day = $2 AND tries > 0',
      [guardianId, day],
    );
  }

  async useCode(selector: string, childId: string, at: Date): Promise<boolean> {
    // The try that opens it has been counted already, so the last one allowed is right.
    const condition = `child_id = $1 AND selector = $2 AND expires_at > ${laterOf('$3')} AND tries <= $4`;
    const used = await this.sql.rows(endCodesWhere(condition), [childId, selector, at, MOST_TRIES_PER_CODE]);
    return used.length === 1;
  }

  async liveCode(childId: string, at: Date, mostTries: number): Promise<KeptPairingCode | undefined> {
    const row = await this.sql.first<CodeRow>(
      `SELECT ${CODE_COLUMNS} FROM pairing_code WHERE child_id = $1 AND expires_at > ${laterOf('$2')} AND tries < $3`,
      [childId, at, mostTries],
    );
    return row && readCode(row);
  }

  async addReview(review: Review): Promise<void> {
    await this.sql.manager.insert(reviewTable, review);
  }

  async findReview(reviewId: string): Promise<Review | undefined> {
    if (!isUuid(reviewId)) return undefined;
    return (await this.sql.manager.findOneBy(reviewTable, { id: reviewId })) ?? undefined;
  }

  async closeReview(reviewId: string, state: Exclude<ReviewState, 'open'>, at: Date): Promise<boolean> {
    if (!isUuid(reviewId)) return false;
    const open = { id: reviewId, state: 'open' } as const;
    const closed = await this.sql.manager.update(reviewTable, open, { state, decidedAt: at });
    return closed.affected === 1;
  }

  reviewsOf(guardianId: string): Promise<readonly Review[]> {
    return this.sql.manager.find(reviewTable, {
      where: { guardianId },
      order: { openedAt: 'DESC', id: 'DESC' },
    });
  }

  /** Selectors whose code another one replaced expire with nobody left to free them, and go too. */
  async forgetBefore(at: Date, most: number): Promise<number> {
    const expired = 'expires_at <= least($1, clock_timestamp())';
    const ended = await this.sql.rows(
      endCodesWhere(
        `${expired} AND child_id IN (SELECT child_id FROM pairing_code WHERE ${expired} LIMIT $2)`,
      ),
      [at, most],
    );
    const freed = await this.sql.change(
      `DELETE FROM pairing_selector WHERE ${expired} AND selector IN
         (SELECT selector FROM pairing_selector WHERE ${expired} LIMIT $2)`,
      [at, most],
    );
    return Math.max(ended.length, freed);
  }
}

function readCode(row: CodeRow): KeptPairingCode {
  return {
    selector: row.selector,
    salt: row.salt,
    hash: row.hash,
    childId: row.child_id,
    version: row.version,
    madeAt: row.made_at,
    expiresAt: row.expires_at,
  };
}
