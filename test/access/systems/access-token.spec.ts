import { createHmac, createPublicKey, randomUUID } from 'node:crypto';
import { beforeAll, describe, expect, it } from '@jest/globals';
import { type JWK, type JWTPayload, SignJWT } from 'jose';
import { AccessTokens } from '../../../src/access/systems/access-token.js';
import { Failure } from '../../../src/core/failure.js';
import { MemoryRegistry } from '../../memory-registry.js';
import {
  askToken,
  ISSUER,
  makeSigningKey,
  makeSystem,
  publicPart,
  RESOURCE,
  startInstance,
  tokenRequest,
} from './make-system.js';

const now = (): number => Math.floor(Date.now() / 1000);
const base64url = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');

let key: JWK;
let tokens: AccessTokens;
let moment: Date | undefined;

beforeAll(async () => {
  key = await makeSigningKey('signing-key');
  tokens = new AccessTokens({
    issuer: ISSUER,
    resource: RESOURCE,
    keys: [key],
    clock: { now: () => moment ?? new Date() },
  });
});

interface TokenWish {
  readonly claims?: JWTPayload;
  readonly without?: readonly string[];
  readonly header?: Record<string, unknown>;
  readonly key?: JWK;
}

/** An access token as it should be, but for what is given. */
function makeToken(wish: TokenWish = {}): Promise<string> {
  const claims: JWTPayload = {
    iss: ISSUER,
    aud: RESOURCE,
    sub: 'client-1',
    client_id: 'client-1',
    scope: 'consent:check provider:read',
    iat: now(),
    exp: now() + 300,
    jti: randomUUID(),
    ...wish.claims,
  };
  const signed = Object.fromEntries(Object.entries(claims).filter(([name]) => !wish.without?.includes(name)));
  const header = { alg: 'ES256', typ: 'at+jwt', kid: 'signing-key', ...wish.header };
  return new SignJWT(signed).setProtectedHeader(header).sign(wish.key ?? key);
}

describe('an access token is taken', () => {
  it('when the authorization server made it', async () => {
    const registry = new MemoryRegistry();
    const instance = await startInstance(registry, key);
    const system = await makeSystem(registry);
    const { body } = await askToken(instance.url, tokenRequest(await system.assertion()));
    await instance.close();
    const token = await tokens.verify(String(body['access_token']));
    expect(token.clientId).toBe(system.client.id);
    expect([...token.scopes]).toEqual(['consent:check']);
    expect(token.expiresAt).toBeGreaterThan(Date.now() + 290_000);
  });

  it('with what it says, leaving out scopes that we do not know', async () => {
    const token = await makeToken({ claims: { jti: 'the-name-of-it', scope: 'consent:check root' } });
    const read = await tokens.verify(token);
    expect(read).toMatchObject({ clientId: 'client-1', tokenId: 'the-name-of-it' });
    expect([...read.scopes]).toEqual(['consent:check']);
  });

  it('again and again from memory, until it expires', async () => {
    const token = await makeToken();
    const first = await tokens.verify(token);
    expect(await tokens.verify(token)).toBe(first);
    moment = new Date(Date.now() + 301_000);
    await expectRefused(token);
    moment = undefined;
  });
});

describe('an access token is refused', () => {
  it('unsigned (alg none)', async () => {
    const [, claims] = (await makeToken()).split('.');
    await expectRefused(`${base64url({ alg: 'none', typ: 'at+jwt' })}.${String(claims)}.`);
    await expectRefused(
      `${base64url({ alg: 'none', typ: 'at+jwt', kid: 'signing-key' })}.${String(claims)}.`,
    );
  });

  it('signed with HS256 and the public key as the secret', async () => {
    const [, claims] = (await makeToken()).split('.');
    const signed = `${base64url({ alg: 'HS256', typ: 'at+jwt', kid: 'signing-key' })}.${String(claims)}`;
    const publicKey = createPublicKey({ key: publicPart(key), format: 'jwk' });
    for (const secret of [
      publicKey.export({ type: 'spki', format: 'pem' }),
      JSON.stringify(publicPart(key)),
    ]) {
      await expectRefused(`${signed}.${createHmac('sha256', secret).update(signed).digest('base64url')}`);
    }
  });

  it('signed by another key under our name', async () => {
    await expectRefused(await makeToken({ key: await makeSigningKey('signing-key') }));
  });

  it('naming a foreign key, or bringing one along', async () => {
    const stranger = await makeSigningKey('stranger');
    const jwk = publicPart(stranger);
    await expectRefused(await makeToken({ header: { kid: 'stranger' } }));
    await expectRefused(await makeToken({ key: stranger, header: { kid: 'stranger' } }));
    await expectRefused(await makeToken({ key: stranger, header: { jwk } }));
    await expectRefused(await makeToken({ key: stranger, header: { jku: 'http://127.0.0.1:1/keys' } }));
  });

  it('changed by a single letter', async () => {
    const [header, , signature] = (await makeToken()).split('.');
    const [, claims] = (await makeToken({ claims: { client_id: 'client-2' } })).split('.');
    await expectRefused(`${String(header)}.${String(claims)}.${String(signature)}`);
  });

  it.each([
    ['from another issuer', { claims: { iss: 'https://elsewhere.example' } }],
    ['for another door', { claims: { aud: 'https://registry.example/auditor' } }],
    ['of another kind (an ID token)', { header: { typ: 'JWT' } }],
    ['of no kind', { header: { typ: undefined } }],
    ['expired', { claims: { iat: now() - 400, exp: now() - 100 } }],
    ['not valid yet', { claims: { nbf: now() + 60 } }],
    ['from the future', { claims: { iat: now() + 60, exp: now() + 360 } }],
    ['older than tokens get, whatever it says', { claims: { iat: now() - 400, exp: now() + 100 } }],
    ['bound to a key that was not shown', { claims: { cnf: { jkt: 'thumbprint' } } }],
    ['longer than tokens are', { claims: { more: 'x'.repeat(5_000) } }],
  ] satisfies [string, TokenWish][])('%s', async (_what, wish) => {
    await expectRefused(await makeToken(wish));
  });

  it.each(['iss', 'aud', 'exp', 'iat', 'jti', 'client_id', 'scope'])('without %s', async (name) => {
    await expectRefused(await makeToken({ without: [name] }));
  });

  it.each(['', 'x', 'a.b.c', '..', 'e30.e30.e30'])('that is no token: "%s"', async (nonsense) => {
    await expectRefused(nonsense);
  });

  it('and is not remembered as good', async () => {
    const bad = await makeToken({ claims: { aud: 'https://elsewhere.example' } });
    await expectRefused(bad);
    await expectRefused(bad);
  });
});

it('refuses to start with anything but ES256 keys', () => {
  const rules = { issuer: ISSUER, resource: RESOURCE, clock: { now: () => new Date() } };
  expect(() => new AccessTokens({ ...rules, keys: [{ kty: 'oct', k: 'c2VjcmV0' }] })).toThrow('ES256');
});

async function expectRefused(token: string): Promise<void> {
  const error = await tokens.verify(token).then(
    () => undefined,
    (refusal: unknown) => refusal,
  );
  expect(error).toBeInstanceOf(Failure);
  expect((error as Failure).code).toBe('NOT_SIGNED_IN');
}
