import { importJWK, type JWK, SignJWT } from 'jose';
import type { Clock } from '../../core/clock.js';
import { isObject, PROVIDER_PATIENCE_MS, type ProviderMetadata } from './identity-provider.js';
import { kindOf, providerUnavailable, SignInRefusal } from './refusal.js';
import { newSecret } from './secrets.js';

/** Who the registry is to an identity provider: its client id and the private key that proves it. */
export interface RegistryAsClient {
  readonly clientId: string;
  /** A private JSON Web Key: EC P-256 or RSA. */
  readonly clientKey: JWK;
}

const ASSERTION_SECONDS = 60;

/**
 * A signed statement that the registry is this client (RFC 7523 §3, OpenID Connect Core §9 private_key_jwt): for one token
 * endpoint, one use, one minute.
 */
export async function clientAssertion(
  client: RegistryAsClient,
  audience: string,
  clock: Clock,
): Promise<string> {
  const { clientId, clientKey } = client;
  const algorithm = clientKey.alg ?? (clientKey.kty === 'RSA' ? 'PS256' : 'ES256');
  const now = Math.floor(clock.now().getTime() / 1000);
  return new SignJWT({})
    .setProtectedHeader({ alg: algorithm, ...(clientKey.kid === undefined ? {} : { kid: clientKey.kid }) })
    .setIssuer(clientId)
    .setSubject(clientId)
    .setAudience(audience)
    .setIssuedAt(now)
    .setExpirationTime(now + ASSERTION_SECONDS)
    .setJti(newSecret())
    .sign(await importJWK(clientKey, algorithm));
}

/** A code that came back with the person, with what proves that it is ours to redeem. */
export interface CodeToRedeem {
  readonly code: string;
  /** PKCE verifier (RFC 7636). */
  readonly verifier: string;
  readonly redirectUri: string;
}

/**
 * Redeems a code and gives back the raw ID token only: an access token or refresh token that comes along is dropped at once.
 * Does NOT verify the ID token. Refuses with SIGN_IN_REFUSED what the provider refuses, UNAVAILABLE when it fails.
 */
export async function redeem(
  { code, verifier, redirectUri }: CodeToRedeem,
  { client, provider, clock }: { client: RegistryAsClient; provider: ProviderMetadata; clock: Clock },
): Promise<string> {
  const answer = await post(provider.tokenEndpoint, {
    grant_type: 'authorization_code',
    code,
    redirect_uri: redirectUri,
    code_verifier: verifier,
    client_id: client.clientId,
    client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
    client_assertion: await clientAssertion(client, provider.tokenEndpoint, clock),
  });
  if (answer.status >= 500)
    throw providerUnavailable(`the token endpoint failed with status ${answer.status}`);
  const fields: unknown = await answer.json().catch(() => undefined);
  if (!isObject(fields) || !answer.ok) {
    throw new SignInRefusal(`the token endpoint refused the code: ${errorCodeOf(fields)}`);
  }
  if (typeof fields['id_token'] !== 'string') throw new SignInRefusal('the token endpoint gave no ID token');
  return fields['id_token'];
}

async function post(address: string, form: Record<string, string>): Promise<Response> {
  try {
    return await fetch(address, {
      method: 'POST',
      redirect: 'error',
      signal: AbortSignal.timeout(PROVIDER_PATIENCE_MS),
      headers: { accept: 'application/json' },
      body: new URLSearchParams(form),
    });
  } catch (error) {
    throw providerUnavailable(`the token endpoint does not answer: ${kindOf(error)}`);
  }
}

/** The provider's own error code when it is one; its free text might repeat what must not be logged. */
export function errorCodeOf(answer: unknown): string {
  const code = isObject(answer) ? answer['error'] : undefined;
  return typeof code === 'string' && /^[a-z_]{1,40}$/.test(code) ? code : 'no error code';
}
