import { createHmac, createPublicKey, randomUUID } from 'node:crypto';
import { request as httpRequest } from 'node:http';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { createRemoteJWKSet, exportJWK, generateKeyPair, type JWK, jwtVerify } from 'jose';
import {
  allowInsecureRequests,
  clientCredentialsGrant,
  Configuration,
  customFetch,
  PrivateKeyJwt,
} from 'openid-client';
import { Failure } from '../../../src/core/failure.js';
import { MemoryRegistry } from '../../memory-registry.js';
import {
  askToken,
  type Instance,
  ISSUER,
  makeSigningKey,
  makeSystem,
  publicPart,
  RESOURCE,
  startInstance,
  type System,
  TOKEN_ENDPOINT,
  tokenRequest,
} from './make-system.js';

const now = (): number => Math.floor(Date.now() / 1000);
const base64url = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');

let registry: MemoryRegistry;
let signingKey: JWK;
let one: Instance;
let other: Instance;
let system: System;

beforeAll(async () => {
  registry = new MemoryRegistry();
  signingKey = await makeSigningKey('signing-key');
  one = await startInstance(registry, signingKey);
  other = await startInstance(registry, signingKey);
  system = await makeSystem(registry);
});

afterAll(async () => {
  await one.close();
  await other.close();
});

describe('what the token endpoint grants', () => {
  it('gives a system a short signed token for the provider door', async () => {
    const { status, body, headers } = await askToken(one.url, tokenRequest(await system.assertion()));

    expect(status).toBe(200);
    expect(body).toMatchObject({ token_type: 'Bearer', expires_in: 300, scope: 'consent:check' });
    expect(headers.get('cache-control')).toBe('no-store');
    expect(headers.get('x-kept')).toBe('yes');
    const keys = createRemoteJWKSet(new URL(`${one.url}/oauth/jwks`));
    const { payload, protectedHeader } = await jwtVerify(String(body['access_token']), keys, {
      issuer: ISSUER,
      audience: RESOURCE,
    });
    expect(protectedHeader).toEqual({ alg: 'ES256', typ: 'at+jwt', kid: 'signing-key' });
    expect(payload).toMatchObject({
      client_id: system.client.id,
      sub: system.client.id,
      scope: 'consent:check',
    });
    expect(String(payload.jti).length).toBeGreaterThanOrEqual(16);
    expect((payload.exp ?? 0) - (payload.iat ?? 0)).toBe(300);
  });

  it('gives several scopes at once, and takes the resource by name', async () => {
    const wish = { scope: 'consent:check provider:read', resource: RESOURCE };
    const { status, body } = await askToken(one.url, tokenRequest(await system.assertion(), wish));
    expect([status, body['scope']]).toEqual([200, 'consent:check provider:read']);
  });

  it.each([ISSUER, TOKEN_ENDPOINT])('takes an assertion for %s', async (aud) => {
    const { status } = await askToken(one.url, tokenRequest(await system.assertion({ claims: { aud } })));
    expect(status).toBe(200);
  });

  it.each(['ES256', 'ES384', 'PS256', 'PS384', 'RS384'])('takes assertions signed with %s', async (alg) => {
    const { privateKey } = await generateKeyPair(alg, { extractable: true });
    const key: JWK = { ...(await exportJWK(privateKey)), kid: randomUUID(), alg };
    const signer = await makeSystem(registry, { keys: [publicPart(key)] });
    const { status } = await askToken(one.url, tokenRequest(await signer.assertion({ key })));
    expect(status).toBe(200);
  });

  it('works with a stock client', async () => {
    const server = {
      issuer: ISSUER,
      token_endpoint: TOKEN_ENDPOINT,
      token_endpoint_auth_signing_alg_values_supported: ['ES256'],
    };
    const { privateKey } = await keyPairOf(system);
    const stock = new Configuration(
      server,
      system.client.id,
      {},
      PrivateKeyJwt({ key: privateKey, kid: String(system.key.kid) }),
    );
    allowInsecureRequests(stock);
    stock[customFetch] = (url, options) =>
      fetch(url.replace('https://registry.example', one.url), options as RequestInit);
    const tokens = await clientCredentialsGrant(stock, { scope: 'consent:check' });
    expect(tokens).toMatchObject({ token_type: 'bearer', expires_in: 300, scope: 'consent:check' });
  });
});

async function keyPairOf({ key }: System): Promise<{ privateKey: CryptoKey }> {
  const algorithm = { name: 'ECDSA', namedCurve: 'P-256' };
  return { privateKey: await crypto.subtle.importKey('jwk', key, algorithm, false, ['sign']) };
}

describe('clients that get nothing', () => {
  it('an unknown one', async () => {
    const id = randomUUID();
    const assertion = await system.assertion({ claims: { iss: id, sub: id } });
    await expectRefused(assertion, 'client authentication failed');
  });

  it.each(['client\u0000', 'x'.repeat(201), 'cliënt'])(
    'one with an id that no client can have (%j)',
    async (id) => {
      const find = jest.spyOn(registry, 'inSnapshot');
      await expectRefused(await system.assertion({ claims: { iss: id, sub: id } }));
      expect(find).not.toHaveBeenCalled();
      find.mockRestore();
    },
  );

  it('a revoked one, from the moment it is revoked, told apart in nothing from an unknown one', async () => {
    const leaver = await makeSystem(registry);
    expect((await askToken(one.url, tokenRequest(await leaver.assertion()))).status).toBe(200);
    await registry.inTransaction((records) => records.clients.revoke(leaver.client.id, new Date()));
    const revoked = await askToken(one.url, tokenRequest(await leaver.assertion()));
    const id = randomUUID();
    const unknown = await askToken(
      one.url,
      tokenRequest(await system.assertion({ claims: { iss: id, sub: id } })),
    );
    expect(revoked.status).toBe(401);
    expect([revoked.status, revoked.body]).toEqual([unknown.status, unknown.body]);
  });

  it('one without any scope', async () => {
    const bare = await makeSystem(registry, { scopes: [] });
    await expectRefused(await bare.assertion(), undefined, { status: 400, error: 'invalid_scope' });
  });

  it('one with a secret in place of a key, in the body and in the header', async () => {
    const secret = {
      client_assertion: undefined,
      client_assertion_type: undefined,
      client_id: system.client.id,
    };
    const inBody = await askToken(one.url, tokenRequest('', { ...secret, client_secret: 'guess' }));
    expect([inBody.status, inBody.body['error']]).toEqual([401, 'invalid_client']);
    const basic = Buffer.from(`${system.client.id}:guess`).toString('base64');
    const inHeader = await askToken(one.url, tokenRequest('', secret), { Authorization: `Basic ${basic}` });
    expect([inHeader.status, inHeader.body['error']]).toEqual([401, 'invalid_client']);
    const nothing = await askToken(one.url, tokenRequest('', secret));
    expect([nothing.status, nothing.body['error']]).toEqual([401, 'invalid_client']);
  });
});

describe('assertions that are refused', () => {
  it('signed with another key', async () => {
    const stranger = await makeSigningKey(String(system.key.kid));
    await expectRefused(await system.assertion({ key: stranger }));
  });

  it('signed with a key that the assertion itself brings along', async () => {
    const stranger = await makeSigningKey(String(system.key.kid));
    const header = { jwk: publicPart(stranger), jku: 'http://127.0.0.1:1/keys' };
    await expectRefused(await system.assertion({ key: stranger, header }));
  });

  it('signed by nobody (alg none)', async () => {
    const [, claims] = (await system.assertion()).split('.');
    await expectRefused(`${base64url({ alg: 'none' })}.${String(claims)}.`);
  });

  it.each(['HS256', 'HS512'])('signed with %s and the public key as the secret', async (alg) => {
    const [, claims] = (await system.assertion()).split('.');
    const signed = `${base64url({ alg, kid: system.key.kid })}.${String(claims)}`;
    const secret = createPublicKey({ key: publicPart(system.key), format: 'jwk' }).export({
      type: 'spki',
      format: 'pem',
    });
    const signature = createHmac(alg === 'HS256' ? 'sha256' : 'sha512', secret)
      .update(signed)
      .digest('base64url');
    await expectRefused(`${signed}.${signature}`);
  });

  it('signed with RS256', async () => {
    const { privateKey } = await generateKeyPair('RS256', { extractable: true });
    const key: JWK = { ...(await exportJWK(privateKey)), kid: randomUUID(), alg: 'RS256' };
    const weak = await makeSystem(registry, { keys: [publicPart(key)] });
    await expectRefused(await weak.assertion({ key }));
  });

  it.each([
    ['somebody else', 'https://elsewhere.example/token'],
    ['the provider door', RESOURCE],
    ['us and somebody else', [TOKEN_ENDPOINT, 'https://elsewhere.example/token']],
    ['an address that only the Host header makes ours', 'http://evil.example/oauth/token'],
  ])('meant for %s', async (_whom, aud) => {
    await expectRefused(await system.assertion({ claims: { aud } }));
  });

  it('meant for the address in a forged Host header', async () => {
    const assertion = await system.assertion({ claims: { aud: 'http://evil.example/oauth/token' } });
    const forged = await sendWithHost(one.url, 'evil.example', tokenRequest(assertion).toString());
    expect(forged).toBe(401);
  });

  it.each([
    ['expiring more than five minutes ahead', (): number => now() + 320],
    ['expired', (): number => now() - 30],
  ])('%s', async (_what, exp) => {
    await expectRefused(await system.assertion({ claims: { exp: exp() } }));
  });

  it('not valid yet', async () => {
    await expectRefused(await system.assertion({ claims: { nbf: now() + 120 } }));
  });

  it.each(['exp', 'jti', 'iss', 'aud', 'sub'])('without %s', async (name) => {
    await expectRefused(await system.assertion({ without: [name] }));
  });

  it('with a jti of fewer than 16 characters', async () => {
    await expectRefused(await system.assertion({ claims: { jti: '123456789012345' } }));
  });

  it('made by one client in the name of another', async () => {
    const victim = await makeSystem(registry);
    const assertion = await system.assertion({ claims: { iss: victim.client.id, sub: victim.client.id } });
    await expectRefused(assertion);
    await expectRefused(await system.assertion({ claims: { iss: victim.client.id } }));
  });
});

describe('an assertion works once', () => {
  it('not a second time, here or at another instance', async () => {
    const assertion = await system.assertion();
    expect((await askToken(one.url, tokenRequest(assertion))).status).toBe(200);
    await expectRefused(assertion);
    await expectRefused(assertion, undefined, { url: other.url });
  });

  it('gives exactly one token to 50 requests at once over two instances', async () => {
    const assertion = await system.assertion();
    const answers = await Promise.all(
      Array.from({ length: 50 }, (_, turn) =>
        askToken(turn % 2 ? one.url : other.url, tokenRequest(assertion)),
      ),
    );
    const statuses = answers.map(({ status }) => status);
    expect(statuses.filter((status) => status === 200)).toHaveLength(1);
    expect(statuses.filter((status) => status === 401)).toHaveLength(49);
  });

  it('lets two clients use the same jti', async () => {
    const neighbour = await makeSystem(registry);
    const jti = randomUUID();
    for (const each of [system, neighbour]) {
      const { status } = await askToken(one.url, tokenRequest(await each.assertion({ claims: { jti } })));
      expect(status).toBe(200);
    }
  });

  it('is not used up by one that is forged', async () => {
    const jti = randomUUID();
    const stranger = await makeSigningKey(String(system.key.kid));
    await expectRefused(await system.assertion({ claims: { jti }, key: stranger }));
    const { status } = await askToken(one.url, tokenRequest(await system.assertion({ claims: { jti } })));
    expect(status).toBe(200);
  });
});

describe('requests that are refused', () => {
  it.each<[string | undefined, string]>([
    ['location:ask', 'a scope that the client is not registered for'],
    ['consent:check location:ask', 'one good scope and one foreign'],
    ['everything', 'a scope that does not exist'],
    ['openid', 'a scope of another protocol'],
    [undefined, 'no scope'],
  ])('scope %s: %s', async (scope) => {
    const { status, body } = await askToken(one.url, tokenRequest(await system.assertion(), { scope }));
    expect([status, body['error'], body['access_token']]).toEqual([400, 'invalid_scope', undefined]);
  });

  it('a token for another door', async () => {
    const wish = { resource: 'https://registry.example/auditor' };
    const { status, body } = await askToken(one.url, tokenRequest(await system.assertion(), wish));
    expect([status, body['error']]).toEqual([400, 'invalid_target']);
  });

  it.each([
    'authorization_code',
    'refresh_token',
    'password',
    'implicit',
    'urn:ietf:params:oauth:grant-type:jwt-bearer',
  ])('grant %s', async (grant) => {
    const { status, body } = await askToken(
      one.url,
      tokenRequest(await system.assertion(), { grant_type: grant }),
    );
    expect([status, body['error']]).toEqual([400, 'unsupported_grant_type']);
  });

  it('a body in another form, in OAuth words', async () => {
    const response = await fetch(`${one.url}/oauth/token`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify(Object.fromEntries(tokenRequest(await system.assertion()))),
    });
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({ error: 'invalid_request' });
  });

  it('answers refusals as JSON and no-store, to a browser too', async () => {
    const { headers, status } = await askToken(one.url, tokenRequest('nonsense'), { Accept: 'text/html' });
    expect(status).toBe(400);
    expect(headers.get('content-type')).toMatch(/^application\/json/);
    expect(headers.get('cache-control')).toBe('no-store');
  });

  it('a page of another site', async () => {
    const origin = { Origin: 'https://elsewhere.example' };
    const { status, headers } = await askToken(one.url, tokenRequest(await system.assertion()), origin);
    expect([status, headers.get('access-control-allow-origin')]).toEqual([400, null]);
  });

  it.each([
    ['an assertion of nobody', tokenRequest('nonsense')],
    ['nothing at all', new URLSearchParams()],
    [
      'a client that is unknown',
      new URLSearchParams({ client_id: 'nobody', grant_type: 'client_credentials' }),
    ],
  ])('a page of another site can not read the refusal of %s', async (_, body) => {
    const { status, headers } = await askToken(one.url, body, { Origin: 'https://elsewhere.example' });
    expect(status).toBeGreaterThanOrEqual(400);
    expect([...headers.keys()].filter((name) => name.startsWith('access-control-'))).toEqual([]);
  });
});

describe('what else it opens', () => {
  it.each(['/oauth/.well-known/oauth-authorization-server', '/.well-known/oauth-authorization-server/oauth'])(
    'its metadata at %s, made from its own name whatever the Host header says',
    async (path) => {
      const response = await fetch(`${one.url}${path}`, { headers: { 'X-Forwarded-Host': 'evil.example' } });
      expect(await response.json()).toEqual({
        issuer: ISSUER,
        token_endpoint: TOKEN_ENDPOINT,
        jwks_uri: `${ISSUER}/jwks`,
        scopes_supported: ['consent:check', 'location:ask', 'localization:write', 'provider:read'],
        grant_types_supported: ['client_credentials'],
        response_types_supported: [],
        token_endpoint_auth_methods_supported: ['private_key_jwt'],
        token_endpoint_auth_signing_alg_values_supported: ['ES256', 'ES384', 'PS256', 'PS384', 'RS384'],
      });
    },
  );

  it('its public keys, without a private part', async () => {
    const { keys } = (await (await fetch(`${one.url}/oauth/jwks`)).json()) as { keys: JWK[] };
    expect(keys).toHaveLength(1);
    expect(keys[0]).toMatchObject({ kid: 'signing-key', kty: 'EC', alg: 'ES256' });
    expect(keys[0]).not.toHaveProperty('d');
  });

  it.each([
    ['GET', '/oauth/auth'],
    ['GET', '/oauth/auth/abc'],
    ['GET', '/oauth/me'],
    ['POST', '/oauth/token/introspection'],
    ['POST', '/oauth/token/revocation'],
    ['POST', '/oauth/session/end/confirm'],
    ['POST', '/oauth/reg'],
    ['GET', '/oauth/token'],
    ['GET', '/oauth/interaction/abc'],
  ])('nothing at %s %s', async (method, path) => {
    expect((await fetch(`${one.url}${path}`, { method })).status).toBe(404);
  });
});

describe('when something is down', () => {
  it('says so, gives no token, tells its owner and stays off the console', async () => {
    const quiet = (['log', 'info', 'warn', 'error'] as const).map((name) =>
      jest.spyOn(console, name).mockImplementation(() => undefined),
    );
    const down = new MemoryRegistry();
    const outage = new Failure('UNAVAILABLE', 'The registry can not be reached.');
    jest.spyOn(down, 'inTransaction').mockRejectedValue(outage);
    const stuck = await startInstance(
      Object.assign(down, { inSnapshot: registry.inSnapshot.bind(registry) }),
      signingKey,
    );
    const { status, body, headers } = await askToken(stuck.url, tokenRequest(await system.assertion()));
    await stuck.close();

    expect([status, body['error'], body['access_token']]).toEqual([
      503,
      'temporarily_unavailable',
      undefined,
    ]);
    expect(headers.get('retry-after')).toBe('1');
    expect(stuck.reported).toEqual([outage]);
    for (const spy of quiet) expect(spy).not.toHaveBeenCalled();
    jest.restoreAllMocks();
  });

  it('answers a defect with nothing revealing', async () => {
    const broken = new MemoryRegistry();
    jest.spyOn(broken, 'inSnapshot').mockRejectedValue(new Error('password of the database'));
    const stuck = await startInstance(broken, signingKey);
    const { status, body } = await askToken(stuck.url, tokenRequest(await system.assertion()));
    await stuck.close();
    expect([status, body['error']]).toEqual([500, 'server_error']);
    expect(JSON.stringify(body)).not.toContain('password');
    expect(stuck.reported).toHaveLength(1);
  });
});

async function expectRefused(
  assertion: string,
  description?: string,
  {
    url = one.url,
    status = 401,
    error = 'invalid_client',
  }: { url?: string; status?: number; error?: string } = {},
): Promise<void> {
  const answer = await askToken(url, tokenRequest(assertion));
  expect([answer.status, answer.body['error'], answer.body['access_token']]).toEqual([
    status,
    error,
    undefined,
  ]);
  if (description !== undefined) expect(answer.body['error_description']).toBe(description);
}

function sendWithHost(url: string, host: string, body: string): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    const headers = { Host: host, 'Content-Type': 'application/x-www-form-urlencoded' };
    const sent = httpRequest(`${url}/oauth/token`, { method: 'POST', headers }, (response) => {
      response.resume();
      resolve(response.statusCode);
    });
    sent.on('error', reject);
    sent.end(body);
  });
}
