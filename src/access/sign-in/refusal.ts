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
