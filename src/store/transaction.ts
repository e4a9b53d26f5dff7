import { setTimeout as pause } from 'node:timers/promises';
import type { ClientBase } from 'pg';
import type { Failure } from '../core/failure.js';
import { isConflict, isTrouble, isWordOfServer, unavailable } from './trouble.js';

/** A warning (SQLSTATE class 01), as opposed to a notice (00). Its words depend on the server's language; its code does not. */
const WARNING = /^(?!00)/;

/** The refusal for a change of which nobody knows whether it was kept. */
export function uncertain(): Failure {
  return unavailable('It is not certain that this was kept. Look before you try again.');
}

/**
 * Commits, and resolves only when everything is durably kept. Refuses with UNAVAILABLE when the outcome is not known: only the
 * server's own word (an error with an SQLSTATE) makes it certain that nothing was kept. Also when the server warns: with
 * synchronous replication a cancelled wait is reported as a success with no more than a warning.
 */
export async function commit(client: ClientBase): Promise<void> {
  const warnings: string[] = [];
  const listen = (notice: { code?: string | undefined }): void => {
    if (WARNING.test(notice.code ?? '')) warnings.push(notice.code ?? '');
  };
  client.on('notice', listen);
  try {
    const done = await client.query('COMMIT').catch((error: unknown) => {
      throw certainOrNot(error);
    });
    if (warnings.length > 0) throw uncertain();
    // PostgreSQL answers COMMIT of a failed transaction with ROLLBACK and calls it a success.
    if (done.command !== 'COMMIT')
      throw new Error('a statement failed and was passed over; nothing was kept');
  } finally {
    client.off('notice', listen);
  }
}

/** What an error means once COMMIT was sent. A server in trouble may have ended before or after it kept the transaction. */
export function certainOrNot(error: unknown): unknown {
  return isWordOfServer(error) && !isTrouble(error) ? error : uncertain();
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

/**
 * Runs `look` in a transaction whose BEGIN travels together with its first statement. For reading only: a change must know that
 * its transaction has begun. Does NOT end it: how that ends matters to nobody, so who looked need not wait for it.
 */
export async function lookWithin<T>(client: ClientBase, begin: string, look: () => Promise<T>): Promise<T> {
  const begun = client.query(begin);
  // Heard below; unheard until then it would end the process.
  begun.catch(() => undefined);
  const seen = await look();
  await begun;
  return seen;
}

/** Ends a transaction without keeping anything. A connection that broke has ended it already. */
export async function rollBack(client: ClientBase): Promise<void> {
  await client.query('ROLLBACK').catch(() => undefined);
}

/**
 * Runs a whole transaction again after a conflict with another one, `most` times in all. A conflict is the server's own word
 * that nothing was kept, also on the check path, where COMMIT has been sent by then behind the entries. Never after an outcome
 * that is not known: that is no conflict but UNAVAILABLE.
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
