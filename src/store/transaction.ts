import { setTimeout as pause } from 'node:timers/promises';
import type { ClientBase } from 'pg';
import { isConflict, isTrouble, unavailable } from './trouble.js';

/** A warning (SQLSTATE class 01), as opposed to a notice (00). Its words depend on the server's language; its code does not. */
const WARNING = /^(?!00)/;

const UNCERTAIN = 'It is not certain that this was kept. Look before you try again.';

/**
 * Commits, and resolves only when everything is durably kept. Refuses with UNAVAILABLE when the server warns: with
 * synchronous replication a cancelled wait is reported as a success with no more than a warning.
 */
export async function commit(client: ClientBase): Promise<void> {
  const warnings: string[] = [];
  const listen = (notice: { code?: string | undefined }): void => {
    if (WARNING.test(notice.code ?? '')) warnings.push(notice.code ?? '');
  };
  client.on('notice', listen);
  try {
    const done = await client.query('COMMIT');
    if (warnings.length > 0) throw unavailable(UNCERTAIN);
    // PostgreSQL answers COMMIT of a failed transaction with ROLLBACK and calls it a success.
    if (done.command !== 'COMMIT')
      throw new Error('a statement failed and was passed over; nothing was kept');
  } catch (error) {
    throw isTrouble(error) ? unavailable(UNCERTAIN) : error;
  } finally {
    client.off('notice', listen);
  }
}

/** Runs `act` between BEGIN and COMMIT; rolls back and passes the error on when it throws. */
export async function transact<T>(client: ClientBase, begin: string, act: () => Promise<T>): Promise<T> {
  let result: T;
  try {
    await client.query(begin);
    result = await act();
  } catch (error) {
    await rollBack(client);
    throw error;
  }
  await commit(client);
  return result;
}

/** Ends a transaction without keeping anything. A connection that broke has ended it already. */
export async function rollBack(client: ClientBase): Promise<void> {
  await client.query('ROLLBACK').catch(() => undefined);
}

/**
 * Runs a whole transaction again after a conflict with another one, `most` times in all. Never after COMMIT was sent: a
 * refusal of COMMIT is no conflict but UNAVAILABLE.
 */
export async function withRetries<T>(most: number, run: () => Promise<T>): Promise<T> {
  for (let round = 1; ; round++) {
    try {
      return await run();
    } catch (error) {
      if (round >= most || !isConflict(error)) throw error;
      await pause(Math.random() * 10 * round);
    }
  }
}
