import type { JWK } from 'jose';
import Provider, {
  type Adapter,
  type AdapterFactory,
  type ClientMetadata,
  type Configuration,
  errors,
  type KoaContextWithOIDC,
} from 'oidc-provider';
import { SCOPES, type Client } from '../../core/client/client.js';
import type { Clock } from '../../core/clock.js';
import { Failure } from '../../core/failure.js';
import type { Registry } from '../../core/registry.js';

/** How long an access token lasts: the most that SMART Backend Services 2.2 advises. */
export const ACCESS_TOKEN_SECONDS = 300;

/** How far ahead an assertion may expire (SMART Backend Services 2.2: at most five minutes). */
export const LONGEST_ASSERTION_SECONDS = 300;

/** The least length of an assertion's jti; NL GOV OAuth asks for 128 bits. */
export const SHORTEST_JTI = 16;

/** How much a vendor's clock may differ from ours. */
const CLOCK_TOLERANCE_SECONDS = 10;

/** How much longer than an assertion can live its use is remembered: the database may have a clock of its own. */
const REPLAY_MARGIN_SECONDS = 60;

/**
 * What an assertion may be signed with: what NL GOV OAuth recommends (PS256, ES256), what SMART Backend Services makes every
 * server take (RS384, ES384), and PS384. Weaker or symmetric algorithms are unknown here.
 */
export const ASSERTION_ALGORITHMS = ['ES256', 'ES384', 'PS256', 'PS384', 'RS384'] as const;

/** What the authorization server stands on. */
export interface AuthorizationServerParts {
  /** Its name, and the address under which it is mounted: the public address of the registry followed by /oauth. */
  readonly issuer: string;
  /** Private keys for ES256; the first signs, all are published. */
  readonly signingKeys: readonly JWK[];
  readonly registry: Registry;
  readonly clock: Clock;
  /** The one audience of its tokens: the address of the provider door. */
  readonly resource: string;
  /** Hears of defects and outages, once each. Must not pass on what a request held. */
  readonly report?: (error: unknown) => void;
}

/**
 * The OAuth 2 authorization server for care-provider systems: client credentials (RFC 6749 §4.4) with `private_key_jwt`
 * (RFC 7523) and nothing else, giving JWT access tokens (RFC 9068) for the provider door. An assertion works once, across every
 * instance on the same registry; a revoked client is unknown at once. Does NOT end tokens given before a revocation: the
 * core refuses these with every answer.
 */
export function makeAuthorizationServer(parts: AuthorizationServerParts): Provider {
  const server = new Provider(parts.issuer, configurationOf(parts));
  const report = parts.report ?? ((): void => undefined);
  server.use(catchDefects(report));
  server.use(pinAddress(parts.issuer));
  server.use(trimDiscovery);
  server.use(closeToPages);
  server.on('server_error', (ctx, error) => {
    report(error);
    answerOutage(ctx, error);
  });
  // Defects go to `report`; the framework stays off the console.
  server.silent = true;
  return server;
}

function configurationOf(parts: AuthorizationServerParts): Configuration {
  return {
    adapter: adaptersOver(parts.registry),
    jwks: { keys: parts.signingKeys.map((key) => ({ ...key, alg: 'ES256', use: 'sig' })) },
    scopes: [...SCOPES],
    claims: {},
    clientAuthMethods: ['private_key_jwt'],
    enabledJWA: { clientAuthSigningAlgValues: [...ASSERTION_ALGORITHMS] },
    clientDefaults: { id_token_signed_response_alg: 'ES256', grant_types: ['client_credentials'] },
    responseTypes: [],
    clockTolerance: CLOCK_TOLERANCE_SECONDS,
    assertJwtClientAuthClaimsAndHeader: (_ctx, claims) => {
      requireGoodAssertion(claims, parts);
    },
    clientBasedCORS: () => false,
    renderError: (ctx, out) => {
      ctx.body = out;
    },
    ttl: { ClientCredentials: ACCESS_TOKEN_SECONDS },
    features: {
      clientCredentials: { enabled: true },
      devInteractions: { enabled: false },
      // Tokens bound to a key come with mutual TLS; until the doors check the binding, none is promised.
      dPoP: { enabled: false },
      pushedAuthorizationRequests: { enabled: false },
      requestObjects: { enabled: false },
      rpInitiatedLogout: { enabled: false },
      userinfo: { enabled: false },
      resourceIndicators: {
        enabled: true,
        defaultResource: () => parts.resource,
        getResourceServerInfo: (ctx, resource, client) => {
          if (resource !== parts.resource)
            throw new errors.InvalidTarget(`only tokens for ${parts.resource} are given`);
          requireGrantedScopes(ctx.oidc.params?.['scope'], client.scope);
          return {
            audience: parts.resource,
            scope: client.scope ?? '',
            accessTokenFormat: 'jwt' as const,
            accessTokenTTL: ACCESS_TOKEN_SECONDS,
            jwt: { sign: { alg: 'ES256' as const } },
          };
        },
      },
    },
  };
}

/**
 * Scopes are asked for by name and given whole or not at all (RFC 6749 §3.3, §5.2). The library itself passes over scopes it does
 * not know, and takes a client without scopes for one that may have them all.
 */
function requireGrantedScopes(asked: unknown, registered: string | undefined): void {
  const scopes = typeof asked === 'string' ? asked.split(' ').filter((scope) => scope !== '') : [];
  if (scopes.length === 0) throw new errors.InvalidScope('name the scopes that are needed', '');
  const granted = (registered ?? '').split(' ');
  const foreign = scopes.find((scope) => !granted.includes(scope));
  if (foreign !== undefined) throw new errors.InvalidScope('requested scope is not allowed', foreign);
}

/**
 * What RFC 7523 leaves to us, checked after the signature: a short life, a jti that can't be guessed or hit by chance, and exactly
 * us as audience (the library would also take an address made from the Host header).
 */
function requireGoodAssertion(
  claims: Record<string, unknown>,
  { clock, issuer }: AuthorizationServerParts,
): void {
  const { exp, jti, aud } = claims;
  const now = clock.now().getTime() / 1000;
  if (typeof exp !== 'number' || exp > now + LONGEST_ASSERTION_SECONDS + CLOCK_TOLERANCE_SECONDS) {
    throw new errors.InvalidClientAuth('client assertion expires too far ahead');
  }
  if (typeof jti !== 'string' || jti.length < SHORTEST_JTI) {
    throw new errors.InvalidClientAuth(
      `jti of the client assertion has fewer than ${String(SHORTEST_JTI)} characters`,
    );
  }
  const audience: unknown = Array.isArray(aud) && aud.length === 1 ? aud[0] : aud;
  if (audience !== issuer && audience !== tokenEndpointOf(issuer)) {
    throw new errors.InvalidClientAuth('client assertion is meant for somebody else');
  }
}

/** Where an authorization server of this name gives tokens. */
export function tokenEndpointOf(issuer: string): string {
  return `${issuer}/token`;
}

function adaptersOver(registry: Registry): AdapterFactory {
  return (model) => {
    if (model === 'Client') return adapter({ find: (id) => findClient(registry, id) });
    if (model === 'ReplayDetection') return adapter({ upsert: (id, { exp }) => useOnce(registry, id, exp) });
    return adapter({});
  };
}

/** A client_id is of printable ASCII (RFC 6749 appendix A.1); whatever else a stranger writes there never reaches the records. */
const CLIENT_ID = /^[\x20-\x7e]{1,200}$/;

/** A revoked client is as unknown as one that never was. */
async function findClient(registry: Registry, id: string): Promise<ClientMetadata | undefined> {
  if (!CLIENT_ID.test(id)) return undefined;
  const client = await registry.inSnapshot((records) => records.clients.find(id));
  return client && !client.revokedAt ? metadataOf(client) : undefined;
}

function metadataOf(client: Client): ClientMetadata {
  return {
    client_id: client.id,
    token_endpoint_auth_method: 'private_key_jwt',
    grant_types: ['client_credentials'],
    response_types: [],
    redirect_uris: [],
    ...(client.scopes.length > 0 ? { scope: client.scopes.join(' ') } : {}),
    jwks: { keys: client.keys },
  };
}

/**
 * The library looks whether a jti was used and then keeps it, which two requests at once can both pass. Keeping it is one act in the
 * registry, so the refusal comes from here: of any number of callers, one passes.
 */
async function useOnce(registry: Registry, id: string, exp: number | undefined): Promise<void> {
  const until = new Date(((exp ?? 0) + REPLAY_MARGIN_SECONDS) * 1000);
  const first = await registry.inTransaction((records) => records.once.use(`assertion:${id}`, until));
  if (!first) throw new errors.InvalidClientAuth('client assertion tokens must only be used once');
}

function adapter(acts: Partial<Pick<Adapter, 'find' | 'upsert'>>): Adapter {
  const nothing = (): Promise<undefined> => Promise.resolve(undefined);
  const never = (): Promise<never> =>
    Promise.reject(new Error('this authorization server keeps nothing of the kind'));
  return {
    find: nothing,
    upsert: never,
    ...acts,
    findByUid: nothing,
    findByUserCode: nothing,
    consume: never,
    destroy: never,
    revokeByGrantId: never,
  };
}

type Middleware = (ctx: KoaContextWithOIDC, next: () => Promise<void>) => Promise<void>;

/** What the library's own handlers let through is a defect: told once, answered with nothing revealing. */
function catchDefects(report: (error: unknown) => void): Middleware {
  return async (ctx, next) => {
    try {
      await next();
    } catch (error) {
      report(error);
      ctx.status = 500;
      ctx.body = { error: 'server_error' };
    }
  };
}

/** Every address the server names is made from its issuer, never from what the request claims as Host. */
function pinAddress(issuer: string): Middleware {
  const mountPath = new URL(issuer).pathname.replace(/\/$/, '');
  return async (ctx, next) => {
    Object.defineProperty(ctx.request, 'href', { value: issuer });
    ctx['mountPath'] = mountPath;
    await next();
  };
}

/** Metadata (RFC 8414) of what is really offered here. */
async function trimDiscovery(ctx: KoaContextWithOIDC, next: () => Promise<void>): Promise<void> {
  await next();
  const body: unknown = ctx.body;
  if (typeof body !== 'object' || body === null || !('token_endpoint' in body)) return;
  const told: Record<string, unknown> = { ...body };
  const offered = [
    'issuer',
    'token_endpoint',
    'jwks_uri',
    'grant_types_supported',
    'response_types_supported',
    'token_endpoint_auth_methods_supported',
    'token_endpoint_auth_signing_alg_values_supported',
  ];
  ctx.body = { ...Object.fromEntries(offered.map((name) => [name, told[name]])), scopes_supported: SCOPES };
}

/** Systems are no web pages; the library lets every page read what it refuses before it knows the client. */
async function closeToPages(ctx: KoaContextWithOIDC, next: () => Promise<void>): Promise<void> {
  await next();
  for (const name of Object.keys(ctx.response.headers)) {
    if (name.startsWith('access-control-')) ctx.remove(name);
  }
}

/** An outage is told as one, so that a system tries again instead of giving up. */
function answerOutage(ctx: KoaContextWithOIDC, error: unknown): void {
  if (!(error instanceof Failure) || error.code !== 'UNAVAILABLE') return;
  ctx.status = 503;
  ctx.set('Retry-After', String(error.facts.retryAfterSeconds ?? 1));
  ctx.body = { error: 'temporarily_unavailable', error_description: 'no tokens can be given at this moment' };
}
