import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import type { JWTPayload } from 'jose';
import { SignInRefusal } from '../../../src/access/sign-in/refusal.js';
import { IdentityProvider } from '../../../src/access/sign-in/identity-provider.js';
import { redeem } from '../../../src/access/sign-in/token-endpoint.js';
import { makeBsn } from '../../make.js';
import {
  Browser,
  type Door,
  freePort,
  makeDoorSettings,
  makeInstallation,
  makeKeyPair,
  MovedClock,
  openDoor,
  Reading,
} from './door.js';
import { HostileProvider } from './hostile-provider.js';

const BSN = makeBsn();
const TOKEN = 'eyJhbGciOiJFUzI1NiJ9.eyJzdWIiOiJzb21lYm9keSJ9.c2lnbmF0dXJl';
const BOTH = `${BSN}.${TOKEN}`;

/** Whatever part of the two would be enough to recognise a person, or to use the token. */
function expectNeither(text: string): void {
  for (const secret of [BSN, BSN.slice(0, 6), BSN.slice(-6), TOKEN, ...TOKEN.split('.')]) {
    expect(text).not.toContain(secret);
  }
}

type Bend = (provider: HostileProvider, answer: { change: (parameters: URLSearchParams) => void }) => void;

const claims = (change: JWTPayload): Bend => {
  return (provider) => (provider.claims = (honest) => ({ ...honest, ...change }));
};
const tokenAnswer = (status: number, body: string): Bend => {
  return (provider) => (provider.tokenAnswer = () => ({ status, body }));
};
const parameter = (name: string, value = BOTH): Bend => {
  return (_, answer) => (answer.change = (parameters) => parameters.set(name, value));
};
const idToken = (text: string): Bend => {
  return (provider) => (provider.idToken = () => text);
};
const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');

const PLACES: readonly (readonly [string, Bend])[] = [
  ['a discovery document that is no JSON', (provider) => (provider.discoveryText = BSN + BOTH)],
  ['the issuer of the discovery document', (provider) => (provider.discovery = { issuer: BOTH })],
  ['an address in the discovery document', (provider) => (provider.discovery = { jwks_uri: BOTH })],
  [
    'the address of the token endpoint',
    (provider) => (provider.discovery = { token_endpoint: `http://${BSN}:${TOKEN}@localhost:9/${BOTH}` }),
  ],
  [
    'the address of the keys',
    (provider) => (provider.discovery = { jwks_uri: `http://${BSN}:${TOKEN}@localhost:9/${BOTH}` }),
  ],
  ['keys that are no JSON', (provider) => (provider.keysText = BSN + BOTH)],
  ['keys that are none', (provider) => (provider.keysText = JSON.stringify({ keys: [{ kty: BOTH }] }))],
  ['the error of the token endpoint', tokenAnswer(400, JSON.stringify({ error: BOTH }))],
  [
    'the free text of the token endpoint',
    tokenAnswer(400, JSON.stringify({ error: 'invalid_grant', error_description: BOTH, error_uri: BOTH })),
  ],
  ['a page of the token endpoint', tokenAnswer(200, `<p>${BOTH}`)],
  ['a failure of the token endpoint', tokenAnswer(502, BSN + BOTH)],
  ['an answer with another token only', tokenAnswer(200, JSON.stringify({ access_token: BOTH }))],
  ['an ID token that is none', idToken(BOTH)],
  ['the algorithm of the ID token', idToken([part({ alg: BOTH }), part({ bsn: BSN }), 'x'].join('.'))],
  [
    'a critical header of the ID token',
    idToken([part({ alg: 'ES256', crit: [BOTH], [BOTH]: BOTH }), part({ bsn: BSN }), 'x'].join('.')),
  ],
  [
    'the key id of the ID token',
    idToken([part({ alg: 'ES256', kid: BOTH }), part({ bsn: BSN }), 'x'].join('.')),
  ],
  ['the type of the ID token', (provider) => (provider.header = (honest) => ({ ...honest, typ: BOTH }))],
  ...['iss', 'aud', 'azp', 'nonce', 'acr', 'bsn', 'represents', 'exp', 'nbf', 'iat'].map(
    (name) => [`claim ${name}`, claims({ [name]: BOTH })] as const,
  ),
  ['a subject that goes with a wrong nonce', claims({ sub: BOTH, nonce: 'x' })],
  ['a BSN that fails the 11-test', claims({ bsn: `${BSN}0` })],
  ...['state', 'iss', 'error'].map((name) => [`parameter ${name}`, parameter(name)] as const),
  [
    'the free text of a refusal',
    (_, answer) => {
      answer.change = (parameters) => {
        parameters.set('error', 'server_error');
        for (const name of ['error_description', 'error_uri', 'id_token', 'bsn']) parameters.set(name, BOTH);
      };
    },
  ],
];

describe('the line in the log about a sign-in that was refused', () => {
  const reading = new Reading();
  let provider: HostileProvider;
  let door: Door;
  let browser: Browser;

  beforeEach(async () => {
    reading.lines.length = 0;
    provider = await HostileProvider.start(BSN);
    const settings = makeDoorSettings({
      issuer: provider.issuer,
      clientKey: (await makeKeyPair()).privateKey,
    });
    const doors = { citizen: settings, auditor: settings };
    door = await openDoor(makeInstallation(), { doors, port: await freePort() });
    reading.start();
    browser = new Browser(door.url);
  });

  afterEach(async () => {
    await door.stop();
    await provider.stop();
  });

  /** What a browser hears in the end, be it sent to the provider at all or not. */
  async function signIn(bend: Bend): ReturnType<Browser['go']> {
    const answer: Parameters<Bend>[1] = { change: () => undefined };
    bend(provider, answer);
    const there = await browser.go('/citizen/v1/sign-in');
    return there.location === null ? there : browser.go(provider.authorize(there.location, answer.change));
  }

  it.each(PLACES)('repeats no BSN and no token from %s', async (_, bend) => {
    const answer = await signIn(bend);
    expect(answer.body.code).toMatch(/^(SIGN_IN_REFUSED|ASSURANCE_TOO_LOW|UNAVAILABLE)$/);
    const [line = '', ...more] = reading.lines;
    expect(more).toEqual([]);
    expect(line).toContain(`sign-in as citizen refused (${answer.body.code ?? ''}): `);
    expectNeither(line);
    for (const token of provider.tokens) expect(line).not.toContain(token);
    expectNeither(answer.text + [...answer.headers.values()].join('\n'));
  });

  it('repeats none from an auditor’s account either', async () => {
    provider.claims = (honest) => ({ ...honest, sub: BOTH, roles: [BOTH], name: BOTH });
    const { location } = await browser.go('/auditor/v1/sign-in');
    expect((await browser.go(provider.authorize(location!))).body.code).toBe('SIGN_IN_REFUSED');
    expect(reading.lines).toEqual([expect.stringContaining('ID token refused: roles')]);
    expectNeither(reading.lines.join());
  });
});

describe('the reason for the operator when the identity provider can not be reached', () => {
  const ISSUER = 'https://idp.example';

  afterEach(() => void jest.restoreAllMocks());

  async function reasonOf(act: Promise<unknown>): Promise<string> {
    const error: unknown = await act.catch((reason: unknown) => reason);
    if (error instanceof SignInRefusal) return error.reason;
    throw new Error(`not refused as expected: ${String(error)}`);
  }

  /** Errors of fetch and of JSON.parse quote what they got; these carry both secrets. */
  const QUOTING = Object.assign(new TypeError(`can not fetch ${BOTH}`), {
    cause: Object.assign(new Error(BOTH), { code: 'ECONNREFUSED' }),
  });

  it('names the kind of failure of the discovery document, and quotes nothing', async () => {
    jest.spyOn(globalThis, 'fetch').mockRejectedValueOnce(QUOTING);
    const reason = await reasonOf(new IdentityProvider(ISSUER, new MovedClock()).metadata());
    expect(reason).toBe(`the discovery document of ${ISSUER} can not be read: ECONNREFUSED`);
    const page = { ok: true, json: async () => JSON.parse(`<${BSN}`) as unknown } as Response;
    jest.spyOn(globalThis, 'fetch').mockResolvedValueOnce(page);
    const other = await reasonOf(new IdentityProvider(ISSUER, new MovedClock()).metadata());
    expect(other).toBe(`the discovery document of ${ISSUER} can not be read: SyntaxError`);
  });

  it('says with which status it was answered instead', async () => {
    jest.spyOn(globalThis, 'fetch').mockResolvedValueOnce(new Response(BOTH, { status: 503 }));
    const reason = await reasonOf(new IdentityProvider(ISSUER, new MovedClock()).metadata());
    expect(reason).toBe(`the discovery document of ${ISSUER} can not be read: status 503`);
  });

  it('names the kind of failure of the token endpoint, and quotes nothing', async () => {
    const client = { clientId: 'registry', clientKey: (await makeKeyPair()).privateKey };
    const keys = (): never => {
      throw new Error('not asked for');
    };
    const provider = {
      issuer: ISSUER,
      authorizationEndpoint: ISSUER,
      tokenEndpoint: `${ISSUER}/token`,
      namesItself: true,
      keys,
    };
    jest.spyOn(globalThis, 'fetch').mockRejectedValueOnce(QUOTING);
    const code = { code: TOKEN, verifier: 'v'.repeat(43), redirectUri: 'https://registry.example/back' };
    const reason = await reasonOf(redeem(code, { client, provider, clock: new MovedClock() }));
    expect(reason).toBe('the token endpoint does not answer: ECONNREFUSED');
  });
});
