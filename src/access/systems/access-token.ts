import { createLocalJWKSet, errors, type JWK, jwtVerify, type JWTPayload } from 'jose';
import { isScope, type Scope } from '../../core/client/client.js';
import type { Clock } from '../../core/clock.js';
import { Failure } from '../../core/failure.js';
import { ACCESS_TOKEN_SECONDS } from './authorization-server.js';
import { RecentTokens } from './recent-tokens.js';

/** What a verified access token says. */
export interface AccessToken {
  readonly clientId: string;
  /** jti: names the token in the log without being it. */
  readonly tokenId: string;
  readonly scopes: ReadonlySet<Scope>;
  /** Milliseconds since 1970. */
  readonly expiresAt: number;
}

/** What access tokens are judged by. */
export interface AccessTokenRules {
  readonly issuer: string;
  /** The audience: the address of the provider door. */
  readonly resource: string;
  /** The authorization server's own keys; private parts are left out. */
  readonly keys: readonly JWK[];
  readonly clock: Clock;
}

/** How many verified tokens are remembered. */
export const MOST_REMEMBERED = 10_000;

const LONGEST_TOKEN = 4_096;

/** Between our own instances, whose clocks are kept together. */
const CLOCK_TOLERANCE_SECONDS = 5;

/**
 * Verifies JWT access tokens (RFC 9068) against our own keys, without any network. A token found good is remembered until it
 * expires. Does NOT look whether the client is still in service: the core does, in the transaction of the answer.
 */
export class AccessTokens {
  private readonly recent = new RecentTokens<AccessToken>(MOST_REMEMBERED);
  private readonly keys: ReturnType<typeof createLocalJWKSet>;

  constructor(private readonly rules: AccessTokenRules) {
    this.keys = createLocalJWKSet({ keys: rules.keys.map(publicPartOf) });
  }

  /** What the token says, or NOT_SIGNED_IN. */
  async verify(token: string): Promise<AccessToken> {
    const known = this.recent.find(token);
    if (known) {
      if (known.expiresAt > this.rules.clock.now().getTime()) return known;
      this.recent.forget(token);
      throw tokenRefused();
    }
    const read = readClaims(await this.claimsOf(token));
    this.recent.keep(token, read);
    return read;
  }

  private async claimsOf(token: string): Promise<JWTPayload> {
    if (token.length > LONGEST_TOKEN) throw tokenRefused();
    try {
      const { payload } = await jwtVerify(token, this.keys, {
        issuer: this.rules.issuer,
        audience: this.rules.resource,
        typ: 'at+jwt',
        algorithms: ['ES256'],
        requiredClaims: ['exp', 'iat', 'jti', 'client_id', 'scope'],
        // With it comes the check that a token is not from the future.
        maxTokenAge: ACCESS_TOKEN_SECONDS,
        clockTolerance: CLOCK_TOLERANCE_SECONDS,
        currentDate: this.rules.clock.now(),
      });
      return payload;
    } catch (error) {
      if (error instanceof errors.JOSEError) throw tokenRefused();
      throw error;
    }
  }
}

/** The refusal of a token, whatever is wrong with it. */
export function tokenRefused(): Failure {
  return new Failure(
    'NOT_SIGNED_IN',
    'This access token is not valid here, or not any more. Get a new one and send it along.',
  );
}

/** A token bound to a key (RFC 7800 `cnf`) is worth nothing without that key, which this door can't check yet. */
function readClaims(claims: JWTPayload): AccessToken {
  const { client_id: clientId, jti, exp, scope, cnf } = claims;
  if (typeof clientId !== 'string' || typeof scope !== 'string') throw tokenRefused();
  if (jti === undefined || exp === undefined || cnf !== undefined) throw tokenRefused();
  return { clientId, tokenId: jti, scopes: new Set(scope.split(' ').filter(isScope)), expiresAt: exp * 1000 };
}

function publicPartOf({ kty, crv, x, y, kid }: JWK): JWK {
  if (kty !== 'EC' || crv !== 'P-256' || x === undefined || y === undefined) {
    throw new Error('access tokens are signed with ES256 keys only');
  }
  return { kty, crv, x, y, alg: 'ES256', use: 'sig', ...(kid === undefined ? {} : { kid }) };
}
