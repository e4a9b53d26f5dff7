import { Failure } from '../core/failure.js';

/** SQLSTATE of a transaction that another one got in the way of. Running it again may well succeed. */
const CONFLICTS: ReadonlySet<string> = new Set(['40001', '40P01', '23505']);

/**
 * SQLSTATEs that say "not now": connection exceptions, lack of resources, operator intervention (shutdown, cancelled, timed
 * out), system errors, a lock that took too long, a transaction left idle, a server that became a standby.
 */
const NOT_NOW = /^(08|53|57|58|55P03|25P03|25006)/;

/** An SQLSTATE: the error is the server's own word. */
const SQLSTATE = /^[0-9A-Z]{5}$/;

/** What the network and its encryption say: the system's errors, and Node's own about streams, sockets and TLS. */
const NETWORK = /^(E(?!RR_)[A-Z][A-Z_]+|ERR_(STREAM|SOCKET|SSL|TLS)_.*)$/;

/** What the driver says, without any code, of connections that broke or took too long. */
const BROKEN =
  /Connection terminated|timeout exceeded|Query read timeout|not queryable|after calling end on the pool/;

/** The code of a database error (SQLSTATE) or of a network error, also where TypeORM wrapped it; undefined for anything else. */
export function codeOf(error: unknown): string | undefined {
  if (typeof error !== 'object' || error === null || error instanceof Failure) return undefined;
  if ('driverError' in error) return codeOf(error.driverError);
  return 'code' in error && typeof error.code === 'string' ? error.code : undefined;
}

/**
 * Whether the server itself said so, so that what it says is certain. Some of the system's codes (EPIPE) look like an
 * SQLSTATE; the server's errors also tell how severe they are.
 */
export function isWordOfServer(error: unknown): boolean {
  return SQLSTATE.test(codeOf(error) ?? '') && severityOf(error) !== undefined;
}

/** Whether running the whole transaction again may well succeed. */
export function isConflict(error: unknown): boolean {
  return CONFLICTS.has(codeOf(error) ?? '');
}

/** Whether the database is away, overloaded or cut us off: no defect of ours, and no answer either. */
export function isTrouble(error: unknown): boolean {
  const code = codeOf(error);
  if (code !== undefined) return isWordOfServer(error) ? NOT_NOW.test(code) : NETWORK.test(code);
  return error instanceof Error && !(error instanceof Failure) && BROKEN.test(error.message);
}

function severityOf(error: unknown): unknown {
  if (typeof error !== 'object' || error === null) return undefined;
  if ('driverError' in error) return severityOf(error.driverError);
  return 'severity' in error ? error.severity : undefined;
}

/** The refusal for a moment at which the records can't be reached. Says nothing about why. */
export function unavailable(
  message = 'The registry cannot answer at this moment. Try again shortly.',
): Failure {
  return new Failure('UNAVAILABLE', message, { retryAfterSeconds: 5 });
}
