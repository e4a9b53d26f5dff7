import type { SessionRecords } from '../core/registry.js';
import type { Principal, Session, SignInAttempt } from '../core/session/session.js';
import type { Sql } from './sql.js';

interface SessionRow {
  readonly secret_hash: Buffer;
  readonly role: Principal['role'];
  readonly person_id: string | null;
  readonly subject: string | null;
  readonly name: string | null;
  readonly assurance: string;
  readonly started_at: Date;
  readonly seen_at: Date;
}

interface AttemptRow {
  readonly state_hash: Buffer;
  readonly browser_hash: Buffer;
  readonly role: Principal['role'];
  readonly nonce: string;
  readonly verifier: string;
  readonly return_to: string;
  readonly started_at: Date;
}

/** Visits in PostgreSQL. */
export class PostgresSessions implements SessionRecords {
  constructor(private readonly sql: Sql) {}

  async add({ secretHash, principal, assurance, startedAt, seenAt }: Session): Promise<void> {
    const isCitizen = principal.role === 'citizen';
    await this.sql.change(
      `INSERT INTO session (secret_hash, role, person_id, subject, name, assurance, started_at, seen_at)
       VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`,
      [
        secretHash,
        principal.role,
        isCitizen ? principal.personId : null,
        isCitizen ? null : principal.subject,
        isCitizen ? null : principal.name,
        assurance,
        startedAt,
        seenAt,
      ],
    );
  }

  async find(secretHash: Buffer): Promise<Session | undefined> {
    const row = await this.sql.first<SessionRow>('SELECT * FROM session WHERE secret_hash = $1', [
      secretHash,
    ]);
    return row && readSession(row);
  }

  async seen(secretHash: Buffer, at: Date): Promise<void> {
    await this.sql.change('UPDATE session SET seen_at = $2 WHERE secret_hash = $1', [secretHash, at]);
  }

  async end(secretHash: Buffer): Promise<void> {
    await this.sql.change('DELETE FROM session WHERE secret_hash = $1', [secretHash]);
  }

  async addAttempt(attempt: SignInAttempt): Promise<void> {
    await this.sql.change(
      `INSERT INTO sign_in_attempt (state_hash, browser_hash, role, nonce, verifier, return_to, started_at)
       VALUES ($1, $2, $3, $4, $5, $6, $7)`,
      [
        attempt.stateHash,
        attempt.browserHash,
        attempt.role,
        attempt.nonce,
        attempt.verifier,
        attempt.returnTo,
        attempt.startedAt,
      ],
    );
  }

  async takeAttempt(stateHash: Buffer): Promise<SignInAttempt | undefined> {
    const row = await this.sql.first<AttemptRow>(
      'DELETE FROM sign_in_attempt WHERE state_hash = $1 RETURNING *',
      [stateHash],
    );
    return row && readAttempt(row);
  }

  /** Looks again at the moment of deleting: a session may have been seen meanwhile. */
  forgetBefore(seenBefore: Date, most: number): Promise<number> {
    return this.sql.change(
      `DELETE FROM session WHERE seen_at < $1 AND secret_hash IN
         (SELECT secret_hash FROM session WHERE seen_at < $1 LIMIT $2)`,
      [seenBefore, most],
    );
  }

  forgetAttemptsBefore(startedBefore: Date, most: number): Promise<number> {
    return this.sql.change(
      `DELETE FROM sign_in_attempt WHERE state_hash IN
         (SELECT state_hash FROM sign_in_attempt WHERE started_at < $1 LIMIT $2)`,
      [startedBefore, most],
    );
  }
}

function readSession(row: SessionRow): Session {
  return {
    secretHash: row.secret_hash,
    principal: readPrincipal(row),
    assurance: row.assurance,
    startedAt: row.started_at,
    seenAt: row.seen_at,
  };
}

function readPrincipal({ person_id, subject, name }: SessionRow): Principal {
  if (person_id !== null) return { role: 'citizen', personId: person_id };
  if (subject !== null && name !== null) return { role: 'auditor', subject, name };
  throw new Error('a session of nobody');
}

function readAttempt(row: AttemptRow): SignInAttempt {
  return {
    stateHash: row.state_hash,
    browserHash: row.browser_hash,
    role: row.role,
    nonce: row.nonce,
    verifier: row.verifier,
    returnTo: row.return_to,
    startedAt: row.started_at,
  };
}
