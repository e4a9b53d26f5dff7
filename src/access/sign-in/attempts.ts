import { timingSafeEqual } from 'node:crypto';
import type { Clock } from '../../core/clock.js';
import type { Registry } from '../../core/registry.js';
import { type Principal, SIGN_IN_ATTEMPT_MS, type SignInAttempt } from '../../core/session/session.js';
import { SignInRefusal } from './refusal.js';
import { hashOf, isSecret, newSecret } from './secrets.js';

/** An attempt with the state that will bring the person back to it; the state itself is not kept. */
export interface AttemptUnderWay {
  readonly state: string;
  readonly attempt: SignInAttempt;
}

/** Sign-ins under way at an identity provider. */
export class Attempts {
  constructor(
    private readonly registry: Registry,
    private readonly clock: Clock,
  ) {}

  /** A new attempt bound to one browser: state, nonce and PKCE verifier of 256 random bits each. Not kept yet. */
  draft(of: { role: Principal['role']; browserSecret: string; returnTo: string }): AttemptUnderWay {
    const state = newSecret();
    return {
      state,
      attempt: {
        stateHash: hashOf(state),
        browserHash: hashOf(of.browserSecret),
        role: of.role,
        nonce: newSecret(),
        verifier: newSecret(),
        returnTo: of.returnTo,
        startedAt: this.clock.now(),
      },
    };
  }

  /** Keeps an attempt until the person comes back. */
  keep(attempt: SignInAttempt): Promise<void> {
    return this.registry.inTransaction((records) => records.sessions.addAttempt(attempt));
  }

  /**
   * Takes the attempt with this state: whatever comes of it, nobody gets it again. Refuses one that is unknown, used, older than
   * ten minutes, of another door or of another browser, all with the same sentence.
   */
  async take(role: Principal['role'], state: unknown, browserSecret: unknown): Promise<AttemptUnderWay> {
    if (!isSecret(state)) throw refused('there is no sound state');
    const attempt = await this.registry.inTransaction((records) =>
      records.sessions.takeAttempt(hashOf(state)),
    );
    if (!attempt) throw refused('the state is unknown or was used before');
    const age = this.clock.now().getTime() - attempt.startedAt.getTime();
    if (age >= SIGN_IN_ATTEMPT_MS) throw refused('the attempt took too long');
    if (attempt.role !== role) throw refused('the attempt was started at another door');
    if (!isSecret(browserSecret) || !timingSafeEqual(attempt.browserHash, hashOf(browserSecret))) {
      throw refused('the attempt was started in another browser');
    }
    return { state, attempt };
  }
}

function refused(reason: string): SignInRefusal {
  return new SignInRefusal(
    reason,
    'SIGN_IN_REFUSED',
    'This sign-in was used before, was begun in another browser or took longer than ten minutes. Start again.',
  );
}
