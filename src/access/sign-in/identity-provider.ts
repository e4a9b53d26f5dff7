import { createRemoteJWKSet, errors, type JWTVerifyGetKey } from 'jose';
import type { Clock } from '../../core/clock.js';
import { kindOf, providerUnavailable, SignInRefusal } from './refusal.js';

/** What the registry needs to know of an identity provider (OpenID Connect Discovery 1.0 §3). */
export interface ProviderMetadata {
  readonly issuer: string;
  readonly authorizationEndpoint: string;
  readonly tokenEndpoint: string;
  /** Whether the provider promises to name itself in every answer (RFC 9207 §3). */
  readonly namesItself: boolean;
  /** The keys of the provider, fetched when first needed and again, at most twice a minute, for an unknown key. */
  readonly keys: JWTVerifyGetKey;
}

/** How long to wait for an answer of the identity provider. */
export const PROVIDER_PATIENCE_MS = 5_000;

const METADATA_LIFE_MS = 60 * 60_000;
const KEY_COOLDOWN_MS = 30_000;
const KEY_LIFE_MS = 10 * 60_000;

/**
 * An identity provider, known by its issuer address. Reads the discovery document at first use, and again after an hour or a
 * failure, so that the registry starts while the provider is down. Follows no redirects.
 */
export class IdentityProvider {
  private known: { readonly until: number; readonly metadata: ProviderMetadata } | undefined;
  private reading: Promise<ProviderMetadata> | undefined;

  constructor(
    private readonly issuer: string,
    private readonly clock: Clock,
  ) {}

  /** The metadata, or UNAVAILABLE. Callers at the same time share one request. */
  async metadata(): Promise<ProviderMetadata> {
    if (this.known && this.clock.now().getTime() < this.known.until) return this.known.metadata;
    this.reading ??= this.read().finally(() => (this.reading = undefined));
    return this.reading;
  }

  private async read(): Promise<ProviderMetadata> {
    const metadata = this.parse(await this.fetchDocument());
    this.known = { until: this.clock.now().getTime() + METADATA_LIFE_MS, metadata };
    return metadata;
  }

  private async fetchDocument(): Promise<unknown> {
    const address = `${this.issuer.replace(/\/$/, '')}/.well-known/openid-configuration`;
    const unreadable = (why: string): SignInRefusal =>
      providerUnavailable(`the discovery document of ${this.issuer} can not be read: ${why}`);
    try {
      const answer = await fetch(address, {
        redirect: 'error',
        signal: AbortSignal.timeout(PROVIDER_PATIENCE_MS),
        headers: { accept: 'application/json' },
      });
      if (!answer.ok) throw unreadable(`status ${answer.status}`);
      return await answer.json();
    } catch (error) {
      throw error instanceof SignInRefusal ? error : unreadable(kindOf(error));
    }
  }

  private parse(document: unknown): ProviderMetadata {
    const fields = isObject(document) ? document : {};
    if (fields['issuer'] !== this.issuer) {
      throw providerUnavailable(`the discovery document of ${this.issuer} names another issuer`);
    }
    return {
      issuer: this.issuer,
      authorizationEndpoint: this.endpoint(fields, 'authorization_endpoint'),
      tokenEndpoint: this.endpoint(fields, 'token_endpoint'),
      namesItself: fields['authorization_response_iss_parameter_supported'] === true,
      keys: this.keysAt(this.endpoint(fields, 'jwks_uri')),
    };
  }

  /** An issuer on https can't send us, or the person, to a place without it. */
  private endpoint(fields: Record<string, unknown>, name: string): string {
    const address = fields[name];
    const sound =
      typeof address === 'string' &&
      URL.canParse(address) &&
      (address.startsWith('https://') ||
        (address.startsWith('http://') && this.issuer.startsWith('http://')));
    if (!sound) throw providerUnavailable(`the discovery document of ${this.issuer} has no sound ${name}`);
    return address;
  }

  /** The address is a text of the provider: no refusal repeats it. */
  private keysAt(address: string): JWTVerifyGetKey {
    const remote = createRemoteJWKSet(new URL(address), {
      timeoutDuration: PROVIDER_PATIENCE_MS,
      cooldownDuration: KEY_COOLDOWN_MS,
      cacheMaxAge: KEY_LIFE_MS,
    });
    return async (header, token) => {
      try {
        return await remote(header, token);
      } catch (error) {
        // No such key is the token's fault; keys that can't be fetched are the provider's.
        if (error instanceof errors.JWKSNoMatchingKey || error instanceof errors.JWKSMultipleMatchingKeys)
          throw error;
        throw providerUnavailable(`the keys of ${this.issuer} can not be read: ${kindOf(error)}`);
      }
    };
  }
}

/** Whether the value is an object with named fields. */
export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
