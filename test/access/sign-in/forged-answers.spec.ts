import { createPublicKey } from 'node:crypto';
import { afterEach, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { importJWK, type JWK, type JWTPayload, jwtVerify, SignJWT, UnsecuredJWT } from 'jose';
import { makeBsn } from '../../make.js';
import {
  Browser,
  type Door,
  entriesOf,
  freePort,
  type Installation,
  type KeyPair,
  makeDoorSettings,
  makeInstallation,
  makeKeyPair,
  openDoor,
  Reading,
} from './door.js';
import { HostileProvider } from './hostile-provider.js';

const CITIZEN = '/citizen/v1/sign-in';
const MINUTE = 60_000;

describe('an answer of the identity provider that is not what it should be', () => {
  let installation: Installation;
  let port: number;
  let clientKeys: KeyPair;
  let provider: HostileProvider;
  let door: Door;
  let browser: Browser;
  const reading = new Reading();

  beforeAll(async () => {
    port = await freePort();
    clientKeys = await makeKeyPair();
  });

  beforeEach(async () => {
    reading.lines.length = 0;
    provider = await HostileProvider.start(makeBsn());
    installation = makeInstallation();
    const settings = makeDoorSettings({ issuer: provider.issuer, clientKey: clientKeys.privateKey });
    door = await openDoor(installation, { doors: { citizen: settings, auditor: settings }, port });
    reading.start();
    browser = new Browser(door.url);
  });

  afterEach(async () => {
    await door.stop();
    await provider.stop();
  });

  /** Begins a sign-in: where the registry sends the browser. */
  async function begin(from = browser, path = CITIZEN): Promise<string> {
    const { status, location } = await from.go(path);
    expect(status).toBe(303);
    return location!;
  }

  /** Signs in through the provider as it is bent now; the registry's answer. */
  async function signIn(
    bend?: (parameters: URLSearchParams) => void,
    path = CITIZEN,
  ): ReturnType<Browser['go']> {
    return browser.go(provider.authorize(await begin(browser, path), bend));
  }

  async function expectRefused(
    answer: Awaited<ReturnType<Browser['go']>>,
    code = 'SIGN_IN_REFUSED',
  ): Promise<void> {
    expect({ status: answer.status, code: answer.body.code }).toEqual({ status: 403, code });
    expect(browser.session).toBeUndefined();
    expect(answer.headers.getSetCookie().join()).not.toContain('__Host-session');
    expect(await entriesOf(installation)).toEqual([]);
    expect(reading.lines.join('\n')).toContain(`refused (${code})`);
    expectNothingTold(answer.text + reading.lines.join('\n'));
  }

  /** Neither the person nor the log learns a token, a code, a secret or a BSN. */
  function expectNothingTold(text: string): void {
    const secrets = provider.requests.flatMap(({ form, asked }) => [
      form.get('code')!,
      form.get('code_verifier')!,
      form.get('client_assertion')!,
      asked.get('state')!,
      asked.get('nonce')!,
    ]);
    for (const secret of [...secrets, ...provider.tokens, provider.bsn, 'an-access-token']) {
      expect(text).not.toContain(secret);
    }
  }

  const claims = (change: (honest: JWTPayload) => JWTPayload) => (at: HostileProvider) => {
    at.claims = change;
  };
  const without = (name: string) =>
    claims((honest) => Object.fromEntries(Object.entries(honest).filter(([key]) => key !== name)));
  const seconds = (): number => Math.floor(Date.now() / 1000);
  const idToken = (forge: (honest: string) => string | Promise<string>) => (at: HostileProvider) => {
    at.idToken = forge;
  };
  const payloadOf = (token: string): JWTPayload =>
    JSON.parse(Buffer.from(token.split('.')[1]!, 'base64url').toString()) as JWTPayload;

  it('is not this one: an honest answer signs in (so the refusals below are due to what they name)', async () => {
    const answer = await signIn();
    expect(answer.status).toBe(303);
    expect(answer.location).toBe('/citizen/v1/session');
    expect((await browser.go('/citizen/v1/who')).status).toBe(200);
    expect((await entriesOf(installation)).map(({ kind }) => kind)).toEqual(['person.signed-in']);
    expectNothingTold(answer.text + [...answer.headers.values()].join() + reading.lines.join());
  });

  it('the registry proves itself with an assertion for this endpoint, once, for a minute, and with its PKCE verifier', async () => {
    await signIn();
    await signIn();
    const ids = new Set<unknown>();
    for (const { form, asked } of provider.requests) {
      const { payload } = await jwtVerify(
        form.get('client_assertion')!,
        await importJWK(clientKeys.publicKey, 'ES256'),
        {
          issuer: 'registry',
          subject: 'registry',
          audience: `${provider.issuer}/token`,
          algorithms: ['ES256'],
        },
      );
      expect(payload.exp! - payload.iat!).toBeLessThanOrEqual(60);
      ids.add(payload.jti);
      expect(form.get('client_secret')).toBeNull();
      expect(form.get('code_verifier')).toMatch(/^[\w-]{43}$/);
      expect(asked.get('code_challenge_method')).toBe('S256');
      expect(asked.get('state')).toMatch(/^[\w-]{43}$/);
      expect(asked.get('nonce')).toMatch(/^[\w-]{43}$/);
    }
    expect(ids.size).toBe(2);
  });

  it.each<[string, string, (at: HostileProvider) => void]>([
    ['a changed signature', 'SIGNATURE', idToken((honest) => `${honest.slice(0, -20)}${'A'.repeat(20)}`)],
    [
      'claims changed after signing',
      'SIGNATURE',
      idToken((honest) => {
        const [header, , signature] = honest.split('.');
        const changed = { ...payloadOf(honest), bsn: makeBsn() };
        return [header, Buffer.from(JSON.stringify(changed)).toString('base64url'), signature].join('.');
      }),
    ],
    [
      'no signature (alg none)',
      'ERR_JOSE_ALG',
      idToken((honest) => new UnsecuredJWT(payloadOf(honest)).encode()),
    ],
    ['another issuer', ': iss', claims((honest) => ({ ...honest, iss: 'https://elsewhere.example' }))],
    ['no issuer', ': iss', without('iss')],
    ['another audience', ': aud', claims((honest) => ({ ...honest, aud: 'somebody-else' }))],
    [
      'an audience besides us',
      ': aud',
      claims((honest) => ({ ...honest, aud: ['registry', 'x'], azp: 'registry' })),
    ],
    ['no audience', ': aud', without('aud')],
    [
      'an authorised party that is not us',
      ': azp',
      claims((honest) => ({ ...honest, azp: 'somebody-else' })),
    ],
    ['an expiry in the past', ': exp', claims((honest) => ({ ...honest, exp: seconds() - 60 }))],
    ['no expiry', ': exp', without('exp')],
    ['a start in the future', ': nbf', claims((honest) => ({ ...honest, nbf: seconds() + 120 }))],
    ['a time of issue in the future', ': iat', claims((honest) => ({ ...honest, iat: seconds() + 120 }))],
    [
      'a time of issue over ten minutes ago',
      ': iat',
      claims((honest) => ({ ...honest, iat: seconds() - 11 * 60 })),
    ],
    ['no time of issue', ': iat', without('iat')],
    ['no nonce', ': nonce', without('nonce')],
    ['another nonce', ': nonce', claims((honest) => ({ ...honest, nonce: 'A'.repeat(43) }))],
    ['no subject', ': sub', without('sub')],
    ['an empty subject', ': sub', claims((honest) => ({ ...honest, sub: '' }))],
    ['no BSN', ': no BSN', without('bsn')],
    ['a BSN that fails the 11-test', '11-test', claims((honest) => ({ ...honest, bsn: '999999999' }))],
    ['a BSN as a number', 'no BSN', claims((honest) => ({ ...honest, bsn: Number(honest['bsn']) }))],
    ['a BSN that is all zeroes', '11-test', claims((honest) => ({ ...honest, bsn: '000000000' }))],
    [
      'somebody who is represented',
      'represents',
      claims((honest) => ({ ...honest, represents: { sub: 'a-child' } })),
    ],
    ['nothing but dots', 'ERR_J', idToken(() => '..')],
    ['an arbitrary text', 'ERR_J', idToken(() => 'no-token-at-all')],
  ])('%s in the ID token is refused', async (_, reason, bend) => {
    bend(provider);
    await expectRefused(await signIn());
    expect(provider.requests).toHaveLength(1);
    expect(reading.lines.join('\n')).toContain(reason);
  });

  it('an ID token under a key that only claims to be the published one is refused', async () => {
    const other = await makeKeyPair();
    provider.signingKey = other.privateKey;
    await expectRefused(await signIn());
  });

  it('an ID token under a key it brings along itself (jwk, jku, x5u) or names anew (kid) is refused', async () => {
    const other = await makeKeyPair();
    provider.signingKey = other.privateKey;
    for (const header of [
      { jwk: other.publicKey },
      { jku: `${provider.issuer}/other-jwks` },
      { x5u: `${provider.issuer}/other-chain` },
      { kid: other.publicKey.kid! },
    ]) {
      provider.header = (honest) => ({ ...honest, ...header });
      await expectRefused(await signIn());
    }
  });

  it('an ID token signed with HS256, using what is public as the secret, is refused', async () => {
    const { publicKey } = provider.keys;
    const pem = createPublicKey({ key: publicKey, format: 'jwk' }).export({ type: 'spki', format: 'pem' });
    for (const secret of [
      Buffer.from(pem),
      Buffer.from(JSON.stringify(publicKey)),
      Buffer.from(publicKey.x!),
    ]) {
      provider.idToken = (honest) =>
        new SignJWT(payloadOf(honest)).setProtectedHeader({ alg: 'HS256', kid: publicKey.kid! }).sign(secret);
      await expectRefused(await signIn());
    }
  });

  it('another kind of token than an ID token (typ) is refused, and none at all is not', async () => {
    for (const typ of ['at+jwt', 'logout+jwt']) {
      provider.header = (honest) => ({ ...honest, typ });
      await expectRefused(await signIn());
    }
    provider.header = ({ alg, kid }) => ({ alg, kid: kid! });
    expect((await signIn()).status).toBe(303);
  });

  it('an ID token given for an earlier sign-in is refused at a later one', async () => {
    expect((await signIn()).status).toBe(303);
    const before = (await entriesOf(installation)).length;
    const [first] = provider.tokens;
    provider.idToken = () => first!;
    const other = new Browser(door.url);
    const again = await other.go(provider.authorize(await begin(other)));
    expect(again.body.code).toBe('SIGN_IN_REFUSED');
    expect(other.session).toBeUndefined();
    expect(await entriesOf(installation)).toHaveLength(before);
  });

  it.each([
    'urn:etoegang:core:assurance-class:loa2',
    'urn:etoegang:core:assurance-class:loa2plus',
    '',
    undefined,
    3,
  ])('a level of assurance that is not among those accepted (%s) is refused as too low', async (acr) => {
    provider.claims = (honest) => ({ ...honest, acr });
    await expectRefused(await signIn(), 'ASSURANCE_TOO_LOW');
  });

  it.each<[string, (parameters: URLSearchParams) => void]>([
    ['without the issuer', (parameters) => parameters.delete('iss')],
    ['with another issuer', (parameters) => parameters.set('iss', 'https://elsewhere.example')],
    ['with two issuers', (parameters) => parameters.append('iss', 'https://elsewhere.example')],
    ['without a code', (parameters) => parameters.delete('code')],
    ['with an empty code', (parameters) => parameters.set('code', '')],
    ['with two codes', (parameters) => parameters.append('code', 'another')],
    ['without a state', (parameters) => parameters.delete('state')],
    ['with a state of our shape that we never gave', (parameters) => parameters.set('state', 'A'.repeat(43))],
    ['with two states', (parameters) => parameters.append('state', 'A'.repeat(43))],
    ['with an error besides the code', (parameters) => parameters.set('error', 'server_error')],
  ])('an answer %s is refused before anything is redeemed', async (_, bend) => {
    await expectRefused(await signIn(bend));
    expect(provider.requests).toHaveLength(0);
  });

  it('an issuer that does not promise to name itself need not, but may not name another', async () => {
    provider.discovery = { authorization_response_iss_parameter_supported: undefined };
    await expectRefused(await signIn((parameters) => parameters.set('iss', 'https://elsewhere.example')));
    expect((await signIn((parameters) => parameters.delete('iss'))).status).toBe(303);
  });

  it('a state works once: the same answer again is refused', async () => {
    const back = provider.authorize(await begin());
    expect((await browser.go(back)).status).toBe(303);
    const again = await browser.go(back);
    expect(again.body.code).toBe('SIGN_IN_REFUSED');
    expect(again.headers.getSetCookie()).toEqual([]);
    expect(provider.requests).toHaveLength(1);
  });

  it('of fifty answers with one state at once, one signs in', async () => {
    const back = provider.authorize(await begin());
    const twin = (): Browser => {
      const made = new Browser(door.url);
      for (const [name, value] of browser.cookies) made.cookies.set(name, value);
      return made;
    };
    const answers = await Promise.all(Array.from({ length: 50 }, () => twin().go(back)));
    expect(answers.filter(({ status }) => status === 303)).toHaveLength(1);
    expect(await entriesOf(installation)).toHaveLength(1);
  });

  it('a state that another browser began with is refused, with and without a sign-in of its own under way', async () => {
    const attacker = new Browser(door.url);
    await expectRefused(await browser.go(provider.authorize(await begin(attacker))));
    await begin();
    await expectRefused(await browser.go(provider.authorize(await begin(attacker))));
    expect(provider.requests).toHaveLength(0);
  });

  it('a code that was given for another attempt is refused by PKCE, and by the nonce if the provider lets it pass', async () => {
    for (const checksPkce of [true, false]) {
      provider.checksPkce = checksPkce;
      const stolen = new URL(provider.authorize(await begin(new Browser(door.url)))).searchParams.get(
        'code',
      )!;
      await expectRefused(await signIn((parameters) => parameters.set('code', stolen)));
    }
    expect(reading.lines.join('\n')).toMatch(/invalid_grant[^]*nonce/);
  });

  it('two sign-ins begun in two tabs of one browser can both be completed', async () => {
    const first = provider.authorize(await begin());
    const second = provider.authorize(await begin());
    expect((await browser.go(second)).status).toBe(303);
    expect((await browser.go(first)).status).toBe(303);
    expect((await browser.go('/citizen/v1/who')).status).toBe(200);
  });

  it('what a browser keeps after signing in opens nothing: neither its own answer again nor that of another browser', async () => {
    const own = provider.authorize(await begin());
    await browser.go(own);
    expect(browser.cookies.has('__Host-sign-in')).toBe(true);
    const others = provider.authorize(await begin(new Browser(door.url)));
    for (const [back, reason] of [
      [own, 'used before'],
      [others, 'another browser'],
    ] as const) {
      browser.cookies.delete('__Host-session');
      expect((await browser.go(back)).body.code).toBe('SIGN_IN_REFUSED');
      expect(browser.session).toBeUndefined();
      expect(reading.lines.at(-1)).toContain(reason);
    }
    expect(provider.requests).toHaveLength(1);
  });

  it('an answer later than ten minutes is refused; just within is not', async () => {
    const late = provider.authorize(await begin());
    installation.clock.advance(10 * MINUTE);
    await expectRefused(await browser.go(late));
    expect(reading.lines.join('\n')).toContain('took too long');
    // The provider goes by the real time: its token would be old by now.
    provider.claims = (honest) => ({ ...honest, iat: seconds() + 19 * 60, exp: seconds() + 25 * 60 });
    const timely = provider.authorize(await begin());
    installation.clock.advance(10 * MINUTE - 2_000);
    expect((await browser.go(timely)).status).toBe(303);
  });

  it('an attempt begun at the citizens’ door does not open the auditors’, nor the other way round', async () => {
    const swap = (address: string, from: string, to: string): string =>
      address.replace(`/${from}/v1`, `/${to}/v1`);
    const toAuditors = swap(provider.authorize(await begin()), 'citizen', 'auditor');
    await expectRefused(await browser.go(toAuditors));
    const toCitizens = swap(
      provider.authorize(await begin(browser, '/auditor/v1/sign-in')),
      'auditor',
      'citizen',
    );
    await expectRefused(await browser.go(toCitizens));
  });

  it.each([undefined, [], ['operator'], 'auditor', ['AUDITOR'], { auditor: true }])(
    'an account with roles %j is no auditor',
    async (roles) => {
      provider.claims = (honest) => ({ ...honest, roles });
      await expectRefused(await signIn(undefined, '/auditor/v1/sign-in'));
    },
  );

  it.each([undefined, '', '   ', 7, 'x'.repeat(201)])(
    'an auditor without a sound name (%j) is refused',
    async (name) => {
      provider.claims = (honest) => ({ ...honest, name });
      await expectRefused(await signIn(undefined, '/auditor/v1/sign-in'));
    },
  );

  it('someone who cancels reads that; the sentence is not to be had without a state of their own', async () => {
    const cancel = (parameters: URLSearchParams): void => {
      parameters.delete('code');
      parameters.set('error', 'access_denied');
      parameters.set('error_description', `<b>${provider.bsn}</b>`);
    };
    const answer = await signIn(cancel);
    expect(answer.body.detail).toMatch(/^You cancelled/);
    await expectRefused(answer);
    const forged = await signIn((parameters) => {
      cancel(parameters);
      parameters.set('state', 'A'.repeat(43));
    });
    expect(forged.body.detail).not.toMatch(/cancelled/);
    await expectRefused(forged);
  });

  it('another error of the provider is refused, and its free text goes nowhere', async () => {
    const answer = await signIn((parameters) => {
      parameters.delete('code');
      parameters.set('error', `login_failed for ${provider.bsn}\nforged line`);
    });
    await expectRefused(answer);
    expect(reading.lines.join('|')).not.toContain('\n');
  });

  it.each<[string, { status: number; body: string; headers?: Record<string, string> }, string]>([
    ['refuses the code', { status: 400, body: '{"error":"invalid_grant"}' }, 'SIGN_IN_REFUSED'],
    ['does not know us', { status: 401, body: '{"error":"invalid_client"}' }, 'SIGN_IN_REFUSED'],
    ['says nothing', { status: 200, body: '' }, 'SIGN_IN_REFUSED'],
    ['answers with a page', { status: 200, body: '<html></html>' }, 'SIGN_IN_REFUSED'],
    ['answers with null', { status: 200, body: 'null' }, 'SIGN_IN_REFUSED'],
    ['gives no ID token', { status: 200, body: '{"access_token":"x"}' }, 'SIGN_IN_REFUSED'],
    [
      'gives something else as ID token',
      { status: 200, body: '{"id_token":{"bsn":"999"}}' },
      'SIGN_IN_REFUSED',
    ],
    ['fails', { status: 500, body: 'a stack trace' }, 'UNAVAILABLE'],
    ['sends us on', { status: 307, body: '', headers: { location: '/token' } }, 'UNAVAILABLE'],
  ])('when the token endpoint %s, nobody is signed in', async (_, answer, code) => {
    provider.tokenAnswer = () => answer;
    await expectRefused(await signIn(), code);
  });

  it.each<[string, (at: HostileProvider) => void]>([
    ['names another issuer', (at) => (at.discovery = { issuer: 'https://elsewhere.example' })],
    ['names this issuer with a slash', (at) => (at.discovery = { issuer: `${at.issuer}/` })],
    ['has no token endpoint', (at) => (at.discovery = { token_endpoint: undefined })],
    ['has an endpoint that is no address', (at) => (at.discovery = { jwks_uri: 'javascript:alert(1)' })],
    ['has moved', (at) => (at.discoveryMoved = true)],
  ])(
    'when the discovery document %s, nobody is sent there, and all is well once it is right',
    async (_, bend) => {
      bend(provider);
      const answer = await browser.go(CITIZEN);
      await expectRefused(answer, 'UNAVAILABLE');
      expect(browser.cookies.size).toBe(0);
      provider.discovery = {};
      provider.discoveryMoved = false;
      expect((await signIn()).status).toBe(303);
    },
  );

  it('a provider that is down means UNAVAILABLE, at either end of a sign-in, until it is back', async () => {
    const address = Number(new URL(provider.issuer).port);
    await provider.stop();
    await expectRefused(await browser.go(CITIZEN), 'UNAVAILABLE');
    provider = await HostileProvider.start(makeBsn(), address);
    const back = provider.authorize(await begin());
    await provider.stop();
    await expectRefused(await browser.go(back), 'UNAVAILABLE');
    provider = await HostileProvider.start(makeBsn(), address);
    expect((await signIn()).status).toBe(303);
  });

  it('keys that can not be fetched mean UNAVAILABLE, not a token believed', async () => {
    provider.keysStatus = 500;
    await expectRefused(await signIn(), 'UNAVAILABLE');
  });

  it('a registry that can not write signs nobody in, and the code is not redeemed', async () => {
    const back = provider.authorize(await begin());
    installation.registry.unavailable = true;
    const answer = await browser.go(back);
    installation.registry.unavailable = false;
    expect(answer.body.code).toBe('UNAVAILABLE');
    expect(browser.session).toBeUndefined();
    expect(await entriesOf(installation)).toEqual([]);
    expect(provider.requests).toHaveLength(0);
  });

  it('a sign-in whose entry can not be kept leaves no session and no person behind', async () => {
    const failing = jest.spyOn(installation.core.journal, 'write').mockRejectedValue(new Error('no'));
    const answer = await signIn();
    failing.mockRestore();
    expect(answer.status).toBe(500);
    expect(browser.session).toBeUndefined();
    const known = await installation.registry.inSnapshot((records) =>
      records.people.findByBsn(provider.bsn as never),
    );
    expect(known).toBeUndefined();
  });

  it('a client key of the RSA kind signs with PS256', async () => {
    const { clientAssertion } = await import('../../../src/access/sign-in/token-endpoint.js');
    const { generateKeyPair, exportJWK } = await import('jose');
    const pair = await generateKeyPair('PS256', { extractable: true });
    const clientKey: JWK = await exportJWK(pair.privateKey);
    const assertion = await clientAssertion(
      { clientId: 'registry', clientKey },
      'https://idp.example/token',
      installation.clock,
    );
    const { protectedHeader } = await jwtVerify(assertion, pair.publicKey, {
      audience: 'https://idp.example/token',
    });
    expect(protectedHeader).toEqual({ alg: 'PS256' });
  });
});
