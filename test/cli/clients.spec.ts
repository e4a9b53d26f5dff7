import { generateKeyPairSync, randomUUID } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { type JWK, SignJWT } from 'jose';
import type { Client } from '../../src/core/client/client.js';
import { askToken, makeSigningKey, startInstance, tokenRequest } from '../access/systems/make-system.js';
import { makeProvider } from '../make.js';
import { MemoryRegistry } from '../memory-registry.js';
import { ISSUER, Operator, RESOURCE, type Said } from './make-cli.js';

let operator: Operator;

beforeEach(() => {
  operator = new Operator(new MemoryRegistry());
});

afterEach(() => {
  operator.clearUp();
  expect(operator.closed).toBe(operator.opened);
});

const WISH = [
  'clients',
  'add',
  '--name',
  'Voorbeeld-HIS van Voorbeeld BV',
  '--ura',
  '12345678',
  '--scope',
  'consent:check',
];

interface Told {
  readonly clientId: string;
  readonly privateKey?: JWK;
}

async function addWithJson(...more: string[]): Promise<Told> {
  const { code, out } = await operator.run(...WISH, ...more, '--json');
  expect(code).toBe(0);
  return JSON.parse(out) as Told;
}

function kept(): Promise<readonly Client[]> {
  return operator.registry.inSnapshot((records) => records.clients.list());
}

describe('clients add', () => {
  it('tells in JSON what the vendor needs, and keeps the public key only', async () => {
    const more = ['--ura', '87654321', '11112222', '--scope', 'provider:read'];
    const { code, out } = await operator.run(...WISH, ...more, '--json');
    const told = JSON.parse(out) as Told & { publicKeys: JWK[] };

    expect(code).toBe(0);
    expect(told).toMatchObject({
      name: 'Voorbeeld-HIS van Voorbeeld BV',
      issuer: ISSUER,
      tokenEndpoint: `${ISSUER}/token`,
      audience: RESOURCE,
      scopes: ['consent:check', 'provider:read'],
      uras: ['12345678', '87654321', '11112222'],
    });
    expect(told.privateKey).toMatchObject({
      kty: 'EC',
      crv: 'P-256',
      alg: 'ES256',
      kid: told.publicKeys[0]?.kid,
    });
    const [client] = await kept();
    expect(client).toMatchObject({ id: told.clientId, scopes: ['consent:check', 'provider:read'] });
    expect(client?.keys[0]).not.toHaveProperty('d');
    expect(JSON.stringify(client)).not.toContain(told.privateKey?.d);
  });

  it('tells the same to a reader', async () => {
    const { out, code } = await operator.run(...WISH);
    const [client] = await kept();
    expect(code).toBe(0);
    for (const fact of [
      client?.id,
      `${ISSUER}/token\n`,
      `${ISSUER}\n`,
      RESOURCE,
      'consent:check',
      '12345678',
      '"d":"',
    ]) {
      expect(out).toContain(fact);
    }
  });

  it('gives a key that gets tokens, until the client is revoked', async () => {
    const instance = await startInstance(operator.registry, await makeSigningKey());
    const { clientId, privateKey } = await addWithJson();
    const ask = async (): Promise<number> => {
      const now = Math.floor(Date.now() / 1000);
      const assertion = await new SignJWT({ jti: randomUUID(), exp: now + 60, iat: now })
        .setProtectedHeader({ alg: 'ES256', kid: String(privateKey?.kid) })
        .setIssuer(clientId)
        .setSubject(clientId)
        .setAudience(`${ISSUER}/token`)
        .sign(privateKey!);
      return (await askToken(instance.url, tokenRequest(assertion))).status;
    };
    expect(await ask()).toBe(200);
    expect((await operator.run('clients', 'revoke', clientId)).code).toBe(0);
    expect(await ask()).toBe(401);
    await instance.close();
  });

  it('leaves an entry of the operator about nobody', async () => {
    const { clientId } = await addWithJson();
    expect(operator.read(operator.registry.entries())).toMatchObject([
      {
        kind: 'client.created',
        outcome: 'done',
        actor: { kind: 'operator' },
        detail: { client: { id: clientId, name: 'Voorbeeld-HIS van Voorbeeld BV' } },
      },
    ]);
    expect(operator.read(operator.registry.entries())[0]?.personId).toBeUndefined();
  });

  it('says which URA numbers the register does not know', async () => {
    const provider = makeProvider();
    await operator.registry.inTransaction((records) => records.providers.putAll([provider]));
    const { err, code } = await operator.run(...WISH, '--ura', provider.ura);
    expect(code).toBe(0);
    expect(err).toContain('12345678');
    expect(err).not.toContain(provider.ura);
  });

  it.each([
    ['an EC P-256 key', () => publicJwk('ec', 'P-256')],
    ['an EC P-384 key', () => publicJwk('ec', 'P-384')],
    ['an RSA key of 2048 bits', () => publicJwk('rsa', 2048)],
    [
      'a key set',
      () => ({
        keys: [
          { ...publicJwk('ec', 'P-256'), kid: 'a' },
          { ...publicJwk('ec', 'P-384'), kid: 'b' },
        ],
      }),
    ],
  ])("takes the vendor's own public key: %s", async (_what, makeKey) => {
    const file = operator.file('key.jwk', JSON.stringify(makeKey()));
    const told = await addWithJson('--key', file);
    expect(told.privateKey).toBeUndefined();
    const [client] = await kept();
    for (const key of client?.keys ?? []) expect(key['kid']).toEqual(expect.stringMatching(/./));
  });

  it.each([
    ['a private key', () => privateJwk(), 'This key is secret'],
    ['a symmetric key', () => ({ kty: 'oct', k: 'c2VjcmV0' }), 'This key is secret'],
    ['an RSA key of 1024 bits', () => publicJwk('rsa', 1024), 'at least 2048 bits'],
    ['an Ed25519 key', () => publicJwk('ed25519'), 'ES256'],
    ['a P-521 key', () => publicJwk('ec', 'P-521'), 'ES256'],
    ['a key for another algorithm', () => ({ ...publicJwk('ec', 'P-256'), alg: 'ES384' }), 'ES256'],
    ['an RSA key for RS256', () => ({ ...publicJwk('rsa', 2048), alg: 'RS256' }), 'PS256'],
    ['a key for encryption', () => ({ ...publicJwk('ec', 'P-256'), use: 'enc' }), 'signatures'],
    ['half a key', () => ({ kty: 'EC', crv: 'P-256', x: 'AAAA' }), 'not a usable JSON Web Key'],
    ['no key', () => 'key', 'not a JSON Web Key'],
    ['an empty key set', () => ({ keys: [] }), 'empty'],
    [
      'two keys of one name',
      () => ({ keys: [publicJwk('ec', 'P-256', 'a'), publicJwk('ec', 'P-256', 'a')] }),
      'same kid',
    ],
  ])('refuses %s', async (_what, makeKey, sentence) => {
    const file = operator.file('key.jwk', JSON.stringify(makeKey()));
    await expectRefused(await operator.run(...WISH, '--key', file), sentence);
  });

  it('refuses a key file that is missing or not JSON', async () => {
    await expectRefused(await operator.run(...WISH, '--key', '/nowhere/key.jwk'), 'can not be read');
    const pem = operator.file('key.pem', '-----BEGIN PUBLIC KEY-----');
    await expectRefused(await operator.run(...WISH, '--key', pem), 'not JSON');
  });

  it('names everything that is wrong at once', async () => {
    const said = await operator.run(
      'clients',
      'add',
      '--name',
      ' ',
      '--ura',
      '1234',
      '--scope',
      'everything',
    );
    await expectRefused(said, '--name:');
    expect(said.err).toContain('--ura: A URA number has eight digits');
    expect(said.err).toContain('--scope: At least one scope is needed; there are consent:check');
  });

  it.each(['--name', '--ura', '--scope'])('does not work without %s', async (option) => {
    const at = WISH.indexOf(option);
    await expectRefused(await operator.run(...WISH.toSpliced(at, 2)), option);
  });

  it('keeps no client when its entry can not be kept', async () => {
    const { registry } = operator;
    const inTransaction = registry.inTransaction.bind(registry);
    const append = (): Promise<void> => Promise.reject(new Error('the log is full'));
    jest
      .spyOn(registry, 'inTransaction')
      .mockImplementation((act) =>
        inTransaction((records) => act({ ...records, audit: { ...records.audit, append } })),
      );
    await expect(operator.run(...WISH)).rejects.toThrow('the log is full');
    expect(await kept()).toEqual([]);
  });
});

describe('clients list', () => {
  it('says when there is none', async () => {
    expect(await operator.run('clients', 'list')).toMatchObject({
      code: 0,
      out: 'No system is registered.\n',
    });
  });

  it('shows those in service and those revoked, without keys', async () => {
    const first = await addWithJson();
    const second = await addWithJson();
    await operator.run('clients', 'revoke', first.clientId);
    const { out } = await operator.run('clients', 'list');
    expect(out).toMatch(
      new RegExp(`${first.clientId} +revoked \\d{4}-\\d\\d-\\d\\d +12345678 +consent:check`),
    );
    expect(out).toMatch(new RegExp(`${second.clientId} +in service`));
    const listed = JSON.parse((await operator.run('clients', 'list', '--json')).out) as Record<
      string,
      unknown
    >[];
    expect(listed).toHaveLength(2);
    for (const each of listed) expect(each).not.toHaveProperty('keys');
  });
});

describe('clients revoke', () => {
  it('ends a client at once and leaves an entry', async () => {
    const { clientId } = await addWithJson();
    const { code, out } = await operator.run('clients', 'revoke', clientId);
    expect([code, out]).toEqual([0, `Revoked: ${clientId}. Its very next question is refused.\n`]);
    expect((await kept())[0]?.revokedAt).toBeInstanceOf(Date);
    expect(operator.read(operator.registry.entries()).map(({ kind }) => kind)).toEqual([
      'client.created',
      'client.revoked',
    ]);
  });

  it('refuses an id that is unknown or revoked before, and leaves no entry', async () => {
    const { clientId } = await addWithJson();
    await operator.run('clients', 'revoke', clientId);
    for (const id of [clientId, randomUUID()]) {
      const { code, err } = await operator.run('clients', 'revoke', id);
      expect([code, err]).toEqual([1, expect.stringContaining('No system in service')]);
    }
    expect(operator.read(operator.registry.entries())).toHaveLength(2);
  });
});

async function expectRefused(said: Said, sentence: string): Promise<void> {
  expect(said.code).toBe(1);
  expect(said.err).toContain(sentence);
  expect(said.out).toBe('');
  expect(await kept()).toEqual([]);
}

function publicJwk(kind: 'ec' | 'rsa' | 'ed25519', size?: number | string, kid?: string): JWK {
  return {
    ...(keyPair(kind, size).publicKey.export({ format: 'jwk' }) as JWK),
    ...(kid === undefined ? {} : { kid }),
  };
}

function privateJwk(): JWK {
  return keyPair('ec', 'P-256').privateKey.export({ format: 'jwk' });
}

function keyPair(
  kind: 'ec' | 'rsa' | 'ed25519',
  size?: number | string,
): ReturnType<typeof generateKeyPairSync> {
  if (kind === 'ec') return generateKeyPairSync('ec', { namedCurve: String(size) });
  return kind === 'rsa'
    ? generateKeyPairSync('rsa', { modulusLength: Number(size) })
    : generateKeyPairSync('ed25519');
}
