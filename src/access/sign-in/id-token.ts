import { errors, type JWTPayload, jwtVerify } from 'jose';
import type { ProviderMetadata } from './identity-provider.js';
import { SignInRefusal } from './refusal.js';

/** The only signatures accepted: a symmetric or absent one never is (RFC 8725 §3.1). */
export const ID_TOKEN_ALGORITHMS = ['ES256', 'PS256', 'RS256'] as const;

/** The oldest ID token that still counts, in seconds. */
const OLDEST_SECONDS = 600;

/** How far the provider's clock may run ahead of or behind ours, in seconds. */
const CLOCK_SKEW_SECONDS = 10;

/** What an ID token must match. */
export interface Expected {
  readonly provider: Pick<ProviderMetadata, 'issuer' | 'keys'>;
  readonly clientId: string;
  readonly nonce: string;
  /** The levels of assurance (acr) that are enough. */
  readonly assurances: readonly string[];
  readonly now: Date;
}

/** A verified ID token. */
export interface IdTokenClaims extends JWTPayload {
  readonly sub: string;
  readonly acr: string;
}

/**
 * Verifies an ID token (OpenID Connect Core §3.1.3.7, OIDC.NLGov): signature by the provider's own published key, issuer,
 * audience (this client alone), authorised party, times, nonce, type, level of assurance, and that nobody is represented.
 * Refuses with SIGN_IN_REFUSED, or ASSURANCE_TOO_LOW when all is well but the level. No refusal repeats a claim's value.
 */
export async function verifyIdToken(idToken: string, expected: Expected): Promise<IdTokenClaims> {
  const { payload, type } = await verified(idToken, expected);
  if (type !== undefined && type.toLowerCase() !== 'jwt') throw new SignInRefusal('ID token refused: typ');
  requireForUsAlone(payload, expected.clientId);
  if (payload['nonce'] !== expected.nonce) throw new SignInRefusal('ID token refused: nonce');
  if (payload['represents'] !== undefined) {
    throw new SignInRefusal(
      'ID token refused: represents',
      'SIGN_IN_REFUSED',
      'Signing in on behalf of someone else is not possible here. Sign in as yourself.',
    );
  }
  const { acr, sub } = payload;
  if (typeof sub !== 'string' || sub === '') throw new SignInRefusal('ID token refused: sub');
  if (typeof acr !== 'string' || !expected.assurances.includes(acr)) {
    throw new SignInRefusal(
      'ID token refused: acr',
      'ASSURANCE_TOO_LOW',
      'You signed in at too low a level of assurance. Sign in again at a higher level.',
    );
  }
  return { ...payload, sub, acr };
}

async function verified(
  idToken: string,
  { provider, clientId, now }: Expected,
): Promise<{ payload: JWTPayload; type: string | undefined }> {
  try {
    const { payload, protectedHeader } = await jwtVerify(idToken, provider.keys, {
      algorithms: [...ID_TOKEN_ALGORITHMS],
      issuer: provider.issuer,
      audience: clientId,
      requiredClaims: ['exp', 'iat', 'sub', 'nonce'],
      maxTokenAge: OLDEST_SECONDS,
      clockTolerance: CLOCK_SKEW_SECONDS,
      currentDate: now,
    });
    return { payload, type: protectedHeader.typ };
  } catch (error) {
    if (error instanceof errors.JWTClaimValidationFailed || error instanceof errors.JWTExpired) {
      throw new SignInRefusal(`ID token refused: ${error.claim}`);
    }
    if (error instanceof errors.JOSEError) throw new SignInRefusal(`ID token refused: ${error.code}`);
    throw error;
  }
}

/** A token that others may use as well, or that another party asked for, is not a sign-in here. */
function requireForUsAlone({ aud, azp }: JWTPayload & { azp?: unknown }, clientId: string): void {
  if (Array.isArray(aud) && aud.length !== 1) throw new SignInRefusal('ID token refused: aud');
  if (azp !== undefined && azp !== clientId) throw new SignInRefusal('ID token refused: azp');
}
