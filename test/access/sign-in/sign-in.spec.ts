import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { callbackPathOf } from '../../../src/access/sign-in/sign-in.js';
import { parseDay } from '../../../src/core/person/age.js';
import {
  type DemoAuditor,
  type DemoPerson,
  type RunningIdentity,
  startIdentityProvider,
} from '../../../src/demo/identity-provider.js';
import { pickAtIdentityProvider } from '../../../src/demo/identity-visitor.js';
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

const person: DemoPerson = {
  id: 'person-1',
  bsn: makeBsn(),
  name: 'Anna <de> Proef',
  bornOn: parseDay('1980-02-03'),
  story: { nl: 'Koos nog nooit.', en: 'Never chose.' },
};
const auditor: DemoAuditor = { id: 'auditor-1', name: 'B. Toezicht', roles: ['auditor'] };
const clerk: DemoAuditor = { id: 'clerk-1', name: 'C. Kantoor', roles: ['clerk'] };

describe('signing in through the demo identity provider', () => {
  let installation: Installation;
  let citizenKeys: KeyPair;
  let auditorKeys: KeyPair;
  let identity: RunningIdentity;
  let door: Door;
  let otherInstance: Door;
  let browser: Browser;
  const reading = new Reading();

  beforeAll(async () => {
    [citizenKeys, auditorKeys] = await Promise.all([makeKeyPair(), makeKeyPair()]);
    const port = await freePort();
    const url = `http://localhost:${port}`;
    identity = await startIdentityProvider({
      port: 0,
      people: [person],
      auditors: [auditor, clerk],
      clients: [
        {
          id: 'citizens',
          role: 'citizen',
          redirectUri: `${url}${callbackPathOf('citizen')}`,
          publicKey: citizenKeys.publicKey,
        },
        {
          id: 'auditors',
          role: 'auditor',
          redirectUri: `${url}${callbackPathOf('auditor')}`,
          publicKey: auditorKeys.publicKey,
        },
      ],
    });
    const { issuer } = identity;
    const doors = {
      citizen: makeDoorSettings({ issuer, clientId: 'citizens', clientKey: citizenKeys.privateKey }),
      auditor: makeDoorSettings({ issuer, clientId: 'auditors', clientKey: auditorKeys.privateKey }),
    };
    installation = makeInstallation();
    door = await openDoor(installation, { doors, port });
    otherInstance = await openDoor(installation, { doors, port: await freePort() });
    reading.start();
  });

  beforeEach(() => {
    browser = new Browser(door.url);
  });

  afterAll(async () => {
    await door.stop();
    await otherInstance.stop();
    await identity.stop();
  });

  async function signIn(
    pick: Parameters<typeof pickAtIdentityProvider>[1] = { person: person.id },
    path = '/citizen/v1/sign-in',
  ): ReturnType<Browser['go']> {
    const { location } = await browser.go(path);
    return browser.go(await pickAtIdentityProvider(location!, pick));
  }

  /** The same browser at the other instance. */
  function moved(secret = browser.session): Browser {
    const other = new Browser(otherInstance.url);
    if (secret !== undefined) other.cookies.set('__Host-session', secret);
    return other;
  }

  it('a citizen signs in, is known on every instance, and the log says so', async () => {
    const answer = await signIn();
    expect(answer.status).toBe(303);
    expect(answer.location).toBe('/citizen/v1/session');
    const { body } = await browser.go('/citizen/v1/who');
    expect(body).toMatchObject({ assurance: 'urn:etoegang:core:assurance-class:loa3' });
    expect((await moved().go('/citizen/v1/who')).body).toEqual(body);
    const known = await installation.registry.inSnapshot((records) => records.people.findByBsn(person.bsn));
    expect(body.personId).toBe(known?.id);
    const [entry] = await entriesOf(installation);
    expect(entry).toMatchObject({
      kind: 'person.signed-in',
      outcome: 'done',
      personId: known?.id,
      actor: { kind: 'citizen', personId: known?.id, as: 'self' },
      detail: { note: 'urn:etoegang:core:assurance-class:loa3', address: '127.0.0.1' },
    });
  });

  it('the same citizen is the same person next time, under another session secret; the one before is dead at once', async () => {
    await signIn();
    const first = { secret: browser.session, who: (await browser.go('/citizen/v1/who')).body.personId };
    await signIn();
    expect(browser.session).not.toBe(first.secret);
    expect((await browser.go('/citizen/v1/who')).body.personId).toBe(first.who);
    const old = await moved(first.secret).go('/citizen/v1/who');
    expect(old.body.code).toBe('NOT_SIGNED_IN');
  });

  it('a session secret that the browser brought along is not taken over', async () => {
    const planted = 'A'.repeat(43);
    browser.cookies.set('__Host-session', planted);
    await signIn();
    expect(browser.session).not.toBe(planted);
    expect((await moved(planted).go('/citizen/v1/who')).body.code).toBe('NOT_SIGNED_IN');
  });

  it('signing out ends the session on every instance', async () => {
    await signIn();
    const secret = browser.session;
    const headers = { 'x-requested-by': 'consent-registry' };
    expect((await browser.go('/citizen/v1/session', { method: 'DELETE', headers })).status).toBe(200);
    expect(browser.session).toBeUndefined();
    expect((await moved(secret).go('/citizen/v1/who')).body.code).toBe('NOT_SIGNED_IN');
    expect(await door.sessions.find(secret)).toBeUndefined();
  });

  it('the cookies are for this host, this site and no script; the answers are for nobody else to keep', async () => {
    const there = await browser.go('/citizen/v1/sign-in');
    const back = await browser.go(await pickAtIdentityProvider(there.location!, { person: person.id }));
    const [ticket] = there.headers.getSetCookie();
    expect(ticket).toMatch(
      /^__Host-sign-in=[\w-]{43}; Max-Age=600; Path=\/; HttpOnly; Secure; SameSite=Lax$/,
    );
    const session = back.headers.getSetCookie().find((line) => line.startsWith('__Host-session'));
    expect(session).toMatch(/^__Host-session=[\w-]{43}; Path=\/; HttpOnly; Secure; SameSite=Lax$/);
    // Another tab may still be under way, so the first cookie is left to its ten minutes.
    expect(back.headers.getSetCookie()).toEqual([session]);
    for (const { headers } of [there, back]) {
      expect(headers.get('cache-control')).toBe('no-store');
      expect(headers.get('referrer-policy')).toBe('no-referrer');
    }
  });

  it('no BSN and no token reaches the browser, the addresses or the log', async () => {
    const there = await browser.go('/citizen/v1/sign-in');
    const address = await pickAtIdentityProvider(there.location!, { person: person.id });
    const back = await browser.go(address);
    const who = await browser.go('/citizen/v1/who');
    const seen = [there, back, who].flatMap(({ text, headers }) => [
      text,
      ...headers.values(),
      ...headers.getSetCookie(),
    ]);
    const all = [...seen, there.location, address, ...reading.lines].join('\n');
    expect(all).not.toContain(person.bsn);
    expect(all).not.toMatch(/eyJ[\w-]+\.eyJ/);
  });

  it.each([
    ['/', '/'],
    ['/choices?group=GP#top', '/choices?group=GP#top'],
    [undefined, '/citizen/v1/session'],
    ['choices', '/citizen/v1/session'],
    ['//evil.example', '/citizen/v1/session'],
    ['/\\evil.example', '/citizen/v1/session'],
    ['/\t/evil.example', '/citizen/v1/session'],
    ['/\n/evil.example', '/citizen/v1/session'],
    ['https://evil.example/', '/citizen/v1/session'],
    ['javascript:alert(1)', '/citizen/v1/session'],
    ['', '/citizen/v1/session'],
    [`/${'x'.repeat(1_000)}`, '/citizen/v1/session'],
  ])('asked to return to %j, the browser goes to %s', async (returnTo, expected) => {
    const query = returnTo === undefined ? '' : `?${new URLSearchParams({ returnTo }).toString()}`;
    expect((await signIn(undefined, `/citizen/v1/sign-in${query}`)).location).toBe(expected);
  });

  it('two wishes to return somewhere are none', async () => {
    const answer = await signIn(undefined, '/citizen/v1/sign-in?returnTo=/a&returnTo=/b');
    expect(answer.location).toBe('/citizen/v1/session');
  });

  it.each([
    ['nl', 'nl'],
    ['en', 'en'],
    ['fr', null],
    [undefined, null],
  ])('asked for language %j, the identity provider hears %j', async (language, expected) => {
    const query = language === undefined ? '' : `?language=${language}`;
    const { location } = await browser.go(`/citizen/v1/sign-in${query}`);
    expect(new URL(location!).searchParams.get('ui_locales')).toBe(expected);
  });

  it('the identity provider is asked for a fresh sign-in at an accepted level, with PKCE', async () => {
    const { location } = await browser.go('/citizen/v1/sign-in');
    const asked = Object.fromEntries(new URL(location!).searchParams);
    expect(asked).toMatchObject({
      response_type: 'code',
      scope: 'openid bsn',
      prompt: 'login',
      code_challenge_method: 'S256',
      acr_values: 'urn:etoegang:core:assurance-class:loa3 urn:etoegang:core:assurance-class:loa4',
    });
    expect(Object.keys(asked)).toEqual(expect.arrayContaining(['state', 'nonce', 'code_challenge']));
  });

  it('someone who cancels is not signed in', async () => {
    const answer = await signIn('cancel');
    expect(answer.body).toEqual({ code: 'SIGN_IN_REFUSED', detail: expect.stringMatching(/^You cancelled/) });
    expect(browser.session).toBeUndefined();
  });

  it('a level of assurance below Substantieel is too low; one above is fine', async () => {
    for (const level of ['loa2', 'loa2plus'] as const) {
      const answer = await signIn({ person: person.id, level: `urn:etoegang:core:assurance-class:${level}` });
      expect(answer.body.code).toBe('ASSURANCE_TOO_LOW');
      expect(browser.session).toBeUndefined();
    }
    await signIn({ person: person.id, level: 'urn:etoegang:core:assurance-class:loa4' });
    expect((await browser.go('/citizen/v1/who')).body).toMatchObject({
      assurance: 'urn:etoegang:core:assurance-class:loa4',
    });
  });

  it('an auditor signs in at the auditors’ door, and the log says so', async () => {
    const answer = await signIn({ person: auditor.id }, '/auditor/v1/sign-in');
    expect(answer.location).toBe('/auditor/v1/session');
    expect((await browser.go('/auditor/v1/who')).body).toEqual({ subject: auditor.id, name: auditor.name });
    const [entry] = await entriesOf(installation);
    expect(entry).toMatchObject({
      kind: 'auditor.signed-in',
      personId: undefined,
      actor: { kind: 'auditor', subject: auditor.id, name: auditor.name },
    });
  });

  it('an account without the role of auditor stays outside', async () => {
    const answer = await signIn({ person: clerk.id }, '/auditor/v1/sign-in');
    expect(answer.body).toEqual({
      code: 'SIGN_IN_REFUSED',
      detail: expect.stringMatching(/role of auditor/),
    });
  });

  it('a citizen is not signed in at the auditors’ door, nor an auditor at the citizens’', async () => {
    await signIn();
    expect((await browser.go('/auditor/v1/who')).body.code).toBe('NOT_SIGNED_IN');
    await signIn({ person: auditor.id }, '/auditor/v1/sign-in');
    expect((await browser.go('/citizen/v1/who')).body.code).toBe('NOT_SIGNED_IN');
    // The same where the method itself does not ask who is signed in: the guard alone decides.
    const change = { method: 'POST', headers: { 'x-requested-by': 'consent-registry' } };
    expect((await browser.go('/citizen/v1/change', change)).body.code).toBe('NOT_SIGNED_IN');
    await signIn();
    expect((await browser.go('/citizen/v1/change', change)).status).toBe(201);
  });

  it('a route that forgot its guard gives nobody away, not even to someone signed in', async () => {
    await signIn();
    expect((await browser.go('/citizen/v1/unguarded')).body.code).toBe('NOT_SIGNED_IN');
  });

  it('at first use of one person in ten browsers at once, there is one person', async () => {
    const browsers = Array.from({ length: 10 }, () => new Browser(door.url));
    const people = await Promise.all(
      browsers.map(async (one) => {
        const { location } = await one.go('/citizen/v1/sign-in');
        await one.go(await pickAtIdentityProvider(location!, { person: person.id }));
        return (await one.go('/citizen/v1/who')).body.personId;
      }),
    );
    expect(new Set(people).size).toBe(1);
    expect(people[0]).toBeDefined();
  });
});

describe('the BSN behind a prefix in the subject, as brokers of DigiD write it', () => {
  it('is read when the settings say so, and only with that prefix', async () => {
    const { bsnFrom } = await import('../../../src/access/sign-in/identity.js');
    const bsn = makeBsn();
    const source = { claim: 'sub', prefix: 's00000000:' } as const;
    expect(bsnFrom({ sub: `s00000000:${bsn}`, acr: 'x' }, source)).toBe(bsn);
    expect(() => bsnFrom({ sub: `s00000001:${bsn}`, acr: 'x' }, source)).toThrow(/did not give a valid BSN/);
    expect(() => bsnFrom({ sub: bsn, acr: 'x' }, source)).toThrow(/did not give a valid BSN/);
    expect(() => bsnFrom({ sub: bsn, acr: 'x' })).toThrow(/did not give a valid BSN/);
  });
});
