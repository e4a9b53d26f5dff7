import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ConfigError, readConfig, requireDurable } from './config.js';
import { isDemoKey, isDemoName, keepDemoKeys } from './demo/keys.js';

type Env = Record<string, string | undefined>;

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'config-'));
});
afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

function demo(change: Env = {}): Env {
  return { DATA_FOLDER: folder, ...change };
}

function jwk(kid = 'key-1', curve = 'P-256'): string {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: curve });
  return JSON.stringify({ ...privateKey.export({ format: 'jwk' }), kid });
}

function key(): string {
  return randomBytes(32).toString('base64');
}

function production(change: Env = {}): Env {
  return {
    MODE: 'production',
    PUBLIC_URL: 'https://registry.example',
    DATABASE_URL: 'postgres://app:s3cret@db.example:5432/registry',
    BSN_KEY: key(),
    BSN_INDEX_KEY: key(),
    AUDIT_KEY: key(),
    TOKEN_SIGNING_KEY: jwk('tokens-1'),
    CITIZEN_OIDC_ISSUER: 'https://sign-in.example/citizens/',
    CITIZEN_OIDC_CLIENT_ID: 'registry',
    CITIZEN_OIDC_CLIENT_KEY: jwk('citizen-1'),
    CITIZEN_OIDC_ACR: 'urn:level:substantial, urn:level:high',
    AUDITOR_OIDC_ISSUER: 'https://sign-in.example/staff',
    AUDITOR_OIDC_CLIENT_ID: 'registry-audit',
    AUDITOR_OIDC_CLIENT_KEY: jwk('auditor-1'),
    AUDITOR_OIDC_ACR: 'urn:level:high',
    OPERATOR_NAME: 'Example Care Registry',
    OPERATOR_EMAIL: 'registry@example.org',
    OPERATOR_URL: 'https://example.org/registry',
    ...change,
  };
}

function problemsOf(env: Env): readonly string[] {
  try {
    readConfig(env);
  } catch (error) {
    if (error instanceof ConfigError) return error.problems;
    throw error;
  }
  return [];
}

describe('without any setting', () => {
  it('is a demonstration on this machine only', () => {
    expect(readConfig(demo())).toMatchObject({
      mode: 'demo',
      host: '127.0.0.1',
      port: 3000,
      publicUrl: 'http://localhost:3000',
      database: { kind: 'embedded', folder: join(folder, 'postgres') },
      presumedConsent: 'allow',
      citizenIdentity: { issuer: 'http://localhost:3001', clientId: 'demo-citizen-door' },
      auditorIdentity: { issuer: 'http://localhost:3001', clientId: 'demo-auditor-door' },
      demo: { dataFolder: folder, identityPort: 3001 },
    });
  });

  it('takes an empty variable for an unset one', () => {
    expect(readConfig(demo({ MODE: '', PORT: ' ', DATABASE_URL: '' })).port).toBe(3000);
  });

  it('moves the identity provider along with the port and the public name', () => {
    const config = readConfig(demo({ PORT: '8080', PUBLIC_URL: 'http://registry.test:8080/' }));
    expect(config.publicUrl).toBe('http://registry.test:8080');
    expect(config.citizenIdentity.issuer).toBe('http://registry.test:8081');
  });

  it('makes keys once, which only their owner can read', () => {
    const first = readConfig(demo());
    expect(readConfig(demo()).keys).toEqual(first.keys);
    expect(statSync(join(folder, 'keys.json')).mode & 0o777).toBe(0o600);
    expect(new Set([first.keys.bsn, first.keys.bsnIndex, first.keys.audit].map(String)).size).toBe(3);
    expect(first.keys.tokenSigning).toMatchObject({ kty: 'EC', crv: 'P-256', alg: 'ES256' });
  });

  it('marks every key it makes', () => {
    const { keys, citizenIdentity, auditorIdentity } = readConfig(demo());
    expect([keys.bsn, keys.bsnIndex, keys.audit].map(isDemoKey)).toEqual([true, true, true]);
    const names = [keys.tokenSigning, citizenIdentity.clientKey, auditorIdentity.clientKey].map(
      (one) => one.kid,
    );
    expect(names.map(isDemoName)).toEqual([true, true, true]);
  });

  it('prefers the keys that are given, and makes none when all are', () => {
    const { BSN_KEY, BSN_INDEX_KEY, AUDIT_KEY, TOKEN_SIGNING_KEY, ...rest } = production();
    const { CITIZEN_OIDC_CLIENT_KEY, AUDITOR_OIDC_CLIENT_KEY } = rest;
    const given = { BSN_KEY, BSN_INDEX_KEY, AUDIT_KEY, TOKEN_SIGNING_KEY };
    const config = readConfig(demo({ ...given, CITIZEN_OIDC_CLIENT_KEY, AUDITOR_OIDC_CLIENT_KEY }));
    expect(config.keys.bsn.toString('base64')).toBe(BSN_KEY);
    expect(config.citizenIdentity.clientKey.kid).toBe('citizen-1');
    expect(existsSync(join(folder, 'keys.json'))).toBe(false);
  });

  it('says so when the data folder cannot be used', () => {
    const file = join(folder, 'a-file');
    writeFileSync(file, '');
    expect(problemsOf({ DATA_FOLDER: join(file, 'data') })).toEqual([
      expect.stringMatching(/^DATA_FOLDER is .* set it to a folder you may write in\.$/),
    ]);
  });

  it('uses a server that is named, with the same user for migrations unless told otherwise', () => {
    const url = 'postgresql://me:pw@localhost/registry';
    expect(readConfig(demo({ DATABASE_URL: url })).database).toEqual({ kind: 'server', url, ownerUrl: url });
    const ownerUrl = 'postgres://owner@localhost/registry';
    expect(readConfig(demo({ DATABASE_URL: url, OWNER_DATABASE_URL: ownerUrl })).database).toMatchObject({
      url,
      ownerUrl,
    });
  });
});

describe('in demo mode one sentence refuses', () => {
  it.each([
    [{ MODE: 'prod' }, 'MODE is "prod": set it to demo or production.'],
    [{ PORT: 'http' }, 'PORT is "http": set it to a port number from 1 to 65535.'],
    [{ PORT: '0' }, 'PORT is "0": set it to a port number from 1 to 65535.'],
    [{ PORT: '65535' }, 'DEMO_IDENTITY_PORT is "65536": set it to a port number from 1 to 65535.'],
    [{ DEMO_IDENTITY_PORT: '3000' }, 'DEMO_IDENTITY_PORT is the same as PORT: set it to another port.'],
    [
      { PUBLIC_URL: 'registry.example' },
      'PUBLIC_URL is not a web address: set it to the address of this registry, such as http://localhost:3000.',
    ],
    [
      { PUBLIC_URL: 'http://registry.example/path' },
      'PUBLIC_URL holds a path: set it to scheme, host and port only.',
    ],
    [
      { CITIZEN_OIDC_ISSUER: 'http://localhost:9/?a=b' },
      'CITIZEN_OIDC_ISSUER holds more than an address: leave out user, password, query and fragment.',
    ],
    [
      { OWNER_DATABASE_URL: 'postgres://o@h/d' },
      'OWNER_DATABASE_URL is set without DATABASE_URL: set both, or neither.',
    ],
    [{ PRESUMED_CONSENT: 'maybe' }, 'PRESUMED_CONSENT is "maybe": set it to allow or deny.'],
    [
      { CITIZEN_OIDC_ACR: ' , ' },
      'CITIZEN_OIDC_ACR is empty: set it to the assurance levels (acr values) to accept, with commas between them.',
    ],
    [
      { OPERATOR_EMAIL: 'registry' },
      'OPERATOR_EMAIL is not an e-mail address: set it to the e-mail address of the operator.',
    ],
    [{ BSN_KEY: 'c2hvcnQ=' }, 'BSN_KEY is not 32 bytes in base64: make one with openssl rand -base64 32.'],
    [
      { AUDIT_KEY: Buffer.alloc(32, 7).toString('base64') },
      'AUDIT_KEY is not random: make one with openssl rand -base64 32.',
    ],
    [
      { TOKEN_SIGNING_KEY: '{"kty":"EC"}' },
      'TOKEN_SIGNING_KEY is not usable: set it to a private key for ES256 as JWK, one line of JSON.',
    ],
    [
      { TOKEN_SIGNING_KEY: jwk('k', 'P-384') },
      'TOKEN_SIGNING_KEY is not usable: set it to a private key for ES256 as JWK, one line of JSON.',
    ],
    [{ TOKEN_SIGNING_KEY: jwk('') }, 'TOKEN_SIGNING_KEY has no name: add a "kid" to the JWK.'],
  ])('%j', (change, sentence) => {
    expect(problemsOf(demo(change))).toEqual([sentence]);
  });

  it.each(['registry', 'mysql://u:pw-in-here@h/d', 'postgres://u:pw-in-here@h', 'postgres:///d'])(
    'a DATABASE_URL that is not one, without repeating it: %s',
    (value) => {
      const problems = problemsOf(demo({ DATABASE_URL: value }));
      expect(problems).toEqual([
        expect.stringMatching(/^DATABASE_URL is not a PostgreSQL address: write it as /),
      ]);
      expect(problems.join()).not.toContain('pw-in-here');
    },
  );
});

describe('several wrong settings', () => {
  it('are all told at once', () => {
    const problems = problemsOf(demo({ PORT: 'x', PRESUMED_CONSENT: 'y', OPERATOR_EMAIL: 'z' }));
    expect(problems.map((sentence) => sentence.split(' ')[0])).toEqual([
      'PORT',
      'PRESUMED_CONSENT',
      'OPERATOR_EMAIL',
    ]);
  });

  it('make up the message, a line each', () => {
    expect(() => readConfig(demo({ PORT: 'x', OPERATOR_EMAIL: 'z' }))).toThrow(
      /^PORT .*\nOPERATOR_EMAIL .*$/,
    );
  });
});

describe('in production', () => {
  it('a complete configuration is accepted as it is', () => {
    const env = production();
    const config = readConfig(env);
    expect(config).toMatchObject({
      mode: 'production',
      host: '0.0.0.0',
      port: 3000,
      publicUrl: 'https://registry.example',
      citizenIdentity: {
        issuer: 'https://sign-in.example/citizens/',
        acceptedAcr: ['urn:level:substantial', 'urn:level:high'],
        clientKey: { kid: 'citizen-1', alg: 'ES256' },
      },
      operator: { name: 'Example Care Registry', url: 'https://example.org/registry' },
    });
    expect(config.keys.audit.toString('base64')).toBe(env['AUDIT_KEY']);
    expect(config.demo).toBeUndefined();
  });

  it('nothing is made up: every missing setting is named', () => {
    const missing = problemsOf({ MODE: 'production' });
    const names = missing.map((sentence) => /^([A-Z_]+) is missing: set it to .+\.$/.exec(sentence)?.[1]);
    const optional = ['MODE'];
    expect([...names].sort()).toEqual(
      Object.keys(production())
        .filter((name) => !optional.includes(name))
        .sort(),
    );
  });

  it.each(Object.keys(production()).filter((name) => name !== 'MODE'))('%s cannot be left out', (name) => {
    expect(problemsOf(production({ [name]: undefined }))).toEqual([
      expect.stringContaining(`${name} is missing: set it to `),
    ]);
  });

  it.each([
    [
      { PUBLIC_URL: 'http://registry.example' },
      'PUBLIC_URL is plain http: set it to an address that begins with https://.',
    ],
    [
      { CITIZEN_OIDC_ISSUER: 'http://sign-in.example' },
      'CITIZEN_OIDC_ISSUER is plain http: set it to an address that begins with https://.',
    ],
    [{ DATA_FOLDER: '/data' }, 'DATA_FOLDER is for the demonstration only: remove it.'],
    [{ DEMO_IDENTITY_PORT: '3001' }, 'DEMO_IDENTITY_PORT is for the demonstration only: remove it.'],
    [
      { AUDITOR_OIDC_CLIENT_ID: 'demo-auditor-door' },
      "AUDITOR_OIDC_CLIENT_ID is the demo's: set it to our name at a real provider.",
    ],
  ])('one sentence refuses %j', (change, sentence) => {
    expect(problemsOf(production(change))).toEqual([sentence]);
  });

  it.each([
    'localhost',
    'LOCALHOST.',
    'sign-in.localhost',
    '127.0.0.1',
    '127.8.9.1',
    '[::1]',
    '0.0.0.0',
    '[::ffff:127.0.0.1]',
  ])('an identity provider on this machine is refused: %s', (host) => {
    expect(problemsOf(production({ AUDITOR_OIDC_ISSUER: `https://${host}:3001` }))).toEqual([
      'AUDITOR_OIDC_ISSUER is on this machine, as the demo provider is: set it to a real provider.',
    ]);
  });

  it('every demo key is refused', () => {
    const made = keepDemoKeys(folder);
    const problems = problemsOf(
      production({
        BSN_KEY: made.bsnKey,
        BSN_INDEX_KEY: made.bsnIndexKey,
        AUDIT_KEY: made.auditKey,
        TOKEN_SIGNING_KEY: JSON.stringify(made.tokenSigningKey),
        CITIZEN_OIDC_CLIENT_KEY: JSON.stringify(made.citizenClientKey),
        AUDITOR_OIDC_CLIENT_KEY: JSON.stringify(made.auditorClientKey),
      }),
    );
    expect(problems.map((sentence) => sentence.replace(/ is a demo key: .*/, ''))).toEqual([
      'BSN_KEY',
      'BSN_INDEX_KEY',
      'AUDIT_KEY',
      'TOKEN_SIGNING_KEY',
      'CITIZEN_OIDC_CLIENT_KEY',
      'AUDITOR_OIDC_CLIENT_KEY',
    ]);
  });

  it('one key for two purposes is refused', () => {
    const same = key();
    expect(problemsOf(production({ BSN_KEY: same, AUDIT_KEY: same }))).toEqual([
      'BSN_KEY and AUDIT_KEY are the same key: make each its own.',
    ]);
    const signing = jwk();
    expect(problemsOf(production({ TOKEN_SIGNING_KEY: signing, CITIZEN_OIDC_CLIENT_KEY: signing }))).toEqual([
      'TOKEN_SIGNING_KEY also serves at an identity provider: make each its own key.',
    ]);
  });

  it('a client key may be RSA, but not a short one, and never the public half', () => {
    const rsa = (bits: number): string => {
      const { privateKey } = generateKeyPairSync('rsa', { modulusLength: bits });
      return JSON.stringify({ ...privateKey.export({ format: 'jwk' }), kid: 'rsa-1' });
    };
    const config = readConfig(production({ CITIZEN_OIDC_CLIENT_KEY: rsa(2048) }));
    expect(config.citizenIdentity.clientKey.alg).toBe('PS256');
    const { d: secret, ...open } = JSON.parse(jwk()) as { d: string };
    expect(secret).not.toBe('');
    for (const wrong of [rsa(1024), JSON.stringify(open)]) {
      expect(problemsOf(production({ CITIZEN_OIDC_CLIENT_KEY: wrong }))).toEqual([
        expect.stringContaining('CITIZEN_OIDC_CLIENT_KEY is not usable'),
      ]);
    }
  });

  it('no sentence repeats a secret', () => {
    const secret = 'a-secret-that-must-not-show';
    const names = [
      'BSN_KEY',
      'BSN_INDEX_KEY',
      'AUDIT_KEY',
      'TOKEN_SIGNING_KEY',
      'DATABASE_URL',
      'OWNER_DATABASE_URL',
    ];
    names.push('CITIZEN_OIDC_CLIENT_KEY', 'AUDITOR_OIDC_CLIENT_KEY', 'PUBLIC_URL', 'CITIZEN_OIDC_ISSUER');
    const problems = problemsOf(production(Object.fromEntries(names.map((name) => [name, secret]))));
    expect(problems).toHaveLength(names.length);
    expect(problems.join()).not.toContain(secret);
  });
});

describe('a database', () => {
  const durable = { fsync: 'on', full_page_writes: 'on', synchronous_commit: 'on' };

  it('that keeps what it acknowledged is accepted', () => {
    expect(() => {
      requireDurable(durable);
      requireDurable({ ...durable, synchronous_commit: 'remote_apply' });
    }).not.toThrow();
  });

  it.each([
    [{ fsync: 'off' }, 'fsync = off'],
    [{ full_page_writes: 'off' }, 'full_page_writes = off'],
    [{ synchronous_commit: 'off' }, 'synchronous_commit = off'],
    [{ synchronous_commit: 'local' }, 'synchronous_commit = local'],
  ])('that could forget is refused: %j', (change, told) => {
    expect(() => {
      requireDurable({ ...durable, ...change });
    }).toThrow(
      `The database has ${told} and could forget what was acknowledged: set ${told.split(' ')[0] ?? ''} to on.`,
    );
  });

  it('that does not tell is refused', () => {
    expect(() => {
      requireDurable({});
    }).toThrow(/fsync = unknown.*\n.*full_page_writes = unknown.*\n.*synchronous_commit = unknown/);
  });
});

describe('the file of demo keys', () => {
  it('holds nothing that production would take', () => {
    keepDemoKeys(folder);
    const kept = Object.values(JSON.parse(readFileSync(join(folder, 'keys.json'), 'utf8')) as object);
    expect(kept).toHaveLength(6);
    expect(
      kept.every((one: unknown) =>
        typeof one === 'string'
          ? isDemoKey(Buffer.from(one, 'base64'))
          : JSON.stringify(one).includes('"kid":"demo-'),
      ),
    ).toBe(true);
  });
});
