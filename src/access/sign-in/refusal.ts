import { Failure, type FailureCode } from '../../core/failure.js';

/** Why a sign-in came to nothing. The sentence is for the person; `reason` is for the operator's log and holds no personal data. */
export class SignInRefusal extends Failure {
  constructor(
    readonly reason: string,
    code: FailureCode = 'SIGN_IN_REFUSED',
    sentence = 'Signing in did not succeed. Start again.',
    retryAfterSeconds?: number,
  ) {
    super(code, sentence, retryAfterSeconds === undefined ? {} : { retryAfterSeconds });
  }
}

/** The identity provider does not answer, or answers so that nobody can be signed in through it now. */
export function providerUnavailable(reason: string): SignInRefusal {
  return new SignInRefusal(
    reason,
    'UNAVAILABLE',
    'The identity provider can not be used at this moment. Try again in a minute.',
    60,
  );
}

/**
 * What the operator may read of an error in talking to an identity provider: its code, such as ECONNREFUSED, or else its class.
 * Never its message: that may quote an address or a body, and so a BSN or a token.
 */
export function kindOf(error: unknown): string {
  if (!isError(error)) return 'unknown';
  return codeOf(error.cause) ?? codeOf(error) ?? error.name;
}

/** By its looks, not its class: errors of fetch come from outside when this runs in a context of its own. */
function isError(value: unknown): value is Error {
  return typeof value === 'object' && value !== null && 'name' in value && typeof value.name === 'string';
}

function codeOf(error: unknown): string | undefined {
  const code = typeof error === 'object' && error !== null && 'code' in error ? error.code : undefined;
  return typeof code === 'string' ? code : undefined;
}
