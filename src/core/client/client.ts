import { Failure } from '../failure.js';
import type { Ura } from '../provider/ura.js';

/** What a provider system may do: one scope per interaction. */
export const SCOPES = ['consent:check', 'location:ask', 'localization:write', 'provider:read'] as const;

/** The name of a scope. */
export type Scope = (typeof SCOPES)[number];

/** Whether the text is a scope of this registry. */
export function isScope(text: string): text is Scope {
  return (SCOPES as readonly string[]).includes(text);
}

/** A public key as a JSON Web Key (RFC 7517), without private parts. */
export type PublicJwk = Readonly<Record<string, unknown>> & { readonly kty: string };

/** A provider system that may knock at the provider door. */
export interface Client {
  readonly id: string;
  /** The name of the system and its vendor, as a citizen will read it. */
  readonly name: string;
  /** The provider numbers it may act for. */
  readonly uras: readonly Ura[];
  readonly scopes: readonly Scope[];
  /** The public keys that its assertions are signed with. */
  readonly keys: readonly PublicJwk[];
  readonly createdAt: Date;
  readonly revokedAt?: Date | undefined;
}

/**
 * Refuses a client that is unknown (CLIENT_UNKNOWN), revoked (CLIENT_REVOKED) or not bound to this provider number
 * (NOT_YOUR_PROVIDER). To be called with what the same transaction read, so that revoking works at once.
 */
export function requireMayActFor(client: Pick<Client, 'uras' | 'revokedAt'> | undefined, ura: Ura): void {
  requireInService(client);
  if (!client.uras.includes(ura)) {
    throw new Failure('NOT_YOUR_PROVIDER', 'This system may not act for that provider number (URA).');
  }
}

/** Refuses a client that is unknown (CLIENT_UNKNOWN) or revoked (CLIENT_REVOKED). */
export function requireInService<C extends Pick<Client, 'revokedAt'>>(
  client: C | undefined,
): asserts client is C {
  if (!client) throw new Failure('CLIENT_UNKNOWN', 'This system is not registered here.');
  if (client.revokedAt) throw new Failure('CLIENT_REVOKED', 'The registration of this system has ended.');
}

/** Whether an error is a system being refused by the rules above, and not something going wrong. */
export function isRefusal(error: unknown): error is Failure {
  const codes: readonly string[] = ['CLIENT_UNKNOWN', 'CLIENT_REVOKED', 'NOT_YOUR_PROVIDER'];
  return error instanceof Failure && codes.includes(error.code);
}
