import { randomUUID } from 'node:crypto';
import type { AddressInfo } from 'node:net';
import Fastify, { type FastifyInstance } from 'fastify';
import { exportJWK, generateKeyPair, type JWK, type JWTPayload, SignJWT } from 'jose';
import { makeAuthorizationServer } from '../../../src/access/systems/authorization-server.js';
import { mountAuthorizationServer } from '../../../src/access/systems/mount.js';
import type { Client, PublicJwk } from '../../../src/core/client/client.js';
import type { Registry } from '../../../src/core/registry.js';
import { makeClient } from '../../make.js';

export const ISSUER = 'https://registry.example/oauth';
export const RESOURCE = 'https://registry.example/provider';
export const TOKEN_ENDPOINT = `${ISSUER}/token`;
export const clock = { now: (): Date => new Date() };

/** A private ES256 key with its name. */
export async function makeSigningKey(kid: string = randomUUID()): Promise<JWK> {
  const { privateKey } = await generateKeyPair('ES256', { extractable: true });
  return { ...(await exportJWK(privateKey)), kid, alg: 'ES256' };
}

export function publicPart({ kty, crv, x, y, n, e, kid }: JWK): PublicJwk {
  const parts = { kty: kty ?? '', crv, x, y, n, e, kid };
  return JSON.parse(JSON.stringify(parts)) as PublicJwk;
}

/** A registered system with its private key. */
export interface System {
  readonly client: Client;
  readonly key: JWK;
  /** An assertion as it should be, but for what is given. */
  assertion(given?: AssertionWish): Promise<string>;
}

export interface AssertionWish {
  readonly claims?: JWTPayload;
  /** Claims to leave out. */
  readonly without?: readonly string[];
  readonly header?: Record<string, unknown>;
  readonly key?: JWK;
}

export async function makeSystem(registry: Registry, given: Partial<Client> = {}): Promise<System> {
  const key = await makeSigningKey();
  const client = makeClient({
    keys: [publicPart(key)],
    scopes: ['consent:check', 'provider:read'],
    ...given,
  });
  await registry.inTransaction((records) => records.clients.add(client));
  return { client, key, assertion: (wish = {}) => signAssertion(client.id, key, wish) };
}

async function signAssertion(clientId: string, own: JWK, wish: AssertionWish): Promise<string> {
  const now = Math.floor(Date.now() / 1000);
  const claims: JWTPayload = {
    iss: clientId,
    sub: clientId,
    aud: TOKEN_ENDPOINT,
    iat: now,
    exp: now + 60,
    jti: randomUUID(),
    ...wish.claims,
  };
  const signed = Object.fromEntries(Object.entries(claims).filter(([name]) => !wish.without?.includes(name)));
  const key = wish.key ?? own;
  const header = { alg: key.alg ?? 'ES256', typ: 'JWT', ...(key.kid === undefined ? {} : { kid: key.kid }) };
  return new SignJWT(signed).setProtectedHeader({ ...header, ...wish.header }).sign(key);
}

/** One running instance of the authorization server. */
export interface Instance {
  readonly url: string;
  readonly fastify: FastifyInstance;
  readonly reported: unknown[];
  close(): Promise<void>;
}

export async function startInstance(registry: Registry, signingKey: JWK): Promise<Instance> {
  const reported: unknown[] = [];
  const fastify = Fastify();
  const server = makeAuthorizationServer({
    issuer: ISSUER,
    signingKeys: [signingKey],
    registry,
    clock,
    resource: RESOURCE,
    report: (error) => reported.push(error),
  });
  fastify.addHook('onRequest', (_request, reply, done) => {
    void reply.header('X-Kept', 'yes');
    done();
  });
  mountAuthorizationServer(fastify, server);
  await fastify.listen({ port: 0, host: '127.0.0.1' });
  const { port } = fastify.server.address() as AddressInfo;
  return { url: `http://127.0.0.1:${String(port)}`, fastify, reported, close: () => fastify.close() };
}

export const ASSERTION_TYPE = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer';

/** What a request for a token holds, but for what is given; undefined leaves a parameter out. */
export function tokenRequest(
  assertion: string,
  given: Record<string, string | undefined> = {},
): URLSearchParams {
  const parameters: Record<string, string | undefined> = {
    grant_type: 'client_credentials',
    client_assertion_type: ASSERTION_TYPE,
    client_assertion: assertion,
    scope: 'consent:check',
    ...given,
  };
  return new URLSearchParams(
    Object.entries(parameters).filter((pair): pair is [string, string] => pair[1] !== undefined),
  );
}

export interface TokenAnswer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: Record<string, unknown>;
}

export async function askToken(
  url: string,
  body: URLSearchParams,
  headers: Record<string, string> = {},
): Promise<TokenAnswer> {
  const response = await fetch(`${url}/oauth/token`, { method: 'POST', body, headers });
  const text = await response.text();
  return {
    status: response.status,
    headers: response.headers,
    body: JSON.parse(text) as Record<string, unknown>,
  };
}
