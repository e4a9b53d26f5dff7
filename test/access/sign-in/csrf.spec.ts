import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { SESSION_COOKIE } from '../../../src/access/sign-in/cookies.js';
import { Site } from '../../../src/access/sign-in/site.js';
import { type Door, makeDoorSettings, makeInstallation, makeKeyPair, openDoor } from './door.js';

const MARK = { 'x-requested-by': 'consent-registry' };
const JSON_BODY = { 'content-type': 'application/json' };

describe('a change that another site makes a signed-in browser send', () => {
  let door: Door;
  let cookie: string;

  beforeAll(async () => {
    const settings = makeDoorSettings({ clientKey: (await makeKeyPair()).privateKey });
    door = await openDoor(makeInstallation(), { doors: { citizen: settings, auditor: settings } });
    const { secret } = await door.sessions.start({ role: 'citizen', personId: 'p' }, 'high');
    cookie = `${SESSION_COOKIE}=${secret}`;
  });

  afterAll(() => door.stop());

  type Method = 'GET' | 'HEAD' | 'OPTIONS' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';

  async function ask(
    method: Method,
    headers: Record<string, string>,
    payload?: string,
    path = '/citizen/v1/change',
  ): Promise<number> {
    const answer = await door.app.inject({
      method,
      url: path,
      headers: { host: 'localhost:3000', cookie, ...headers },
      ...(payload === undefined ? {} : { payload }),
    });
    return answer.statusCode;
  }

  const CHANGES = ['POST', 'PUT', 'PATCH'] as const;
  const done = (method: Method): number => (method === 'POST' ? 201 : 200);

  it.each(CHANGES)('is not this one: %s from our own pages goes through', async (method) => {
    expect(await ask(method, { ...MARK, ...JSON_BODY }, '{}')).toBe(done(method));
    expect(await ask(method, { ...MARK, 'content-type': 'application/json; charset=utf-8' }, '{}')).toBe(
      done(method),
    );
    expect(await ask(method, MARK)).toBe(done(method));
    const browser = { origin: 'http://localhost:3000', 'sec-fetch-site': 'same-origin' };
    expect(await ask(method, { ...MARK, ...JSON_BODY, ...browser }, '{}')).toBe(done(method));
  });

  it.each(CHANGES)('%s without the header of our own client is refused', async (method) => {
    expect(await ask(method, JSON_BODY, '{}')).toBe(403);
    expect(await ask(method, { ...JSON_BODY, 'x-requested-by': 'XMLHttpRequest' }, '{}')).toBe(403);
    expect(await ask(method, { ...JSON_BODY, 'x-requested-by': '' }, '{}')).toBe(403);
    expect(await ask(method, { ...JSON_BODY, 'x-requested-with': 'consent-registry' }, '{}')).toBe(403);
  });

  const ORIGINS = [
    'https://evil.example',
    'null',
    'http://localhost:3001',
    'https://localhost:3000',
    'http://localhost:3000.evil.example',
    'http://localhost',
    'http://LOCALHOST:3000/',
    '',
  ];

  it.each(CHANGES.flatMap((method) => ORIGINS.map((origin) => [method, origin] as const)))(
    '%s from origin %j is refused, with the header too',
    async (method, origin) => {
      expect(await ask(method, { ...MARK, ...JSON_BODY, origin }, '{}')).toBe(403);
    },
  );

  it.each(['cross-site', 'same-site', 'CROSS-SITE', 'anything'])(
    'that the browser says comes from a %s page is refused',
    async (place) => {
      expect(await ask('POST', { ...MARK, ...JSON_BODY, 'sec-fetch-site': place }, '{}')).toBe(403);
    },
  );

  it.each([
    'text/plain',
    'application/x-www-form-urlencoded',
    'multipart/form-data; boundary=x',
    'application/jsonp',
    'text/json',
  ])('with a body of type %s, as a form could send it, is refused', async (type) => {
    expect(await ask('POST', { ...MARK, 'content-type': type }, '{"a":1}')).toBe(415);
  });

  it('with a body of no stated type is refused', async () => {
    expect(await ask('POST', { ...MARK, 'content-type': '' }, '{}')).toBe(415);
  });

  it('is refused for signing out as well', async () => {
    expect(await ask('DELETE', {}, undefined, '/citizen/v1/session')).toBe(403);
    expect(
      await ask('DELETE', { ...MARK, origin: 'https://evil.example' }, undefined, '/citizen/v1/session'),
    ).toBe(403);
    expect(await ask('GET', {}, undefined, '/citizen/v1/who')).toBe(200);
  });

  it('can not be had by reading: GET works from a link on any site, and changes nothing', async () => {
    const elsewhere = { origin: 'https://evil.example', 'sec-fetch-site': 'cross-site' };
    expect(await ask('GET', elsewhere, undefined, '/citizen/v1/who')).toBe(200);
    expect(await ask('GET', elsewhere)).toBe(404);
  });

  it('is no more allowed without a session: the header does not sign anybody in', async () => {
    const answer = await door.app.inject({
      method: 'POST',
      url: '/citizen/v1/change',
      headers: { ...MARK, ...JSON_BODY },
      payload: '{}',
    });
    expect(answer.json()).toMatchObject({ code: 'NOT_SIGNED_IN' });
  });
});

describe('the site', () => {
  it('is an origin without a path, whatever way its address is written', () => {
    expect(new Site('HTTPS://Registry.Example:443/').origin).toBe('https://registry.example');
    expect(new Site('http://localhost:3000').addressOf('/x')).toBe('http://localhost:3000/x');
    for (const address of [
      'https://registry.example/app',
      'https://registry.example/?a=1',
      'https://registry.example/#a',
    ]) {
      expect(() => new Site(address)).toThrow('PUBLIC_URL has no path of its own');
    }
  });

  it('knows its own paths, and takes no whole address for one, not even its own', () => {
    const site = new Site('http://localhost:3000');
    expect(site.isOwnPath('/a?b=c#d')).toBe(true);
    for (const text of [
      '//localhost:3000/a',
      'http://localhost:3000/a',
      '/a b',
      '/\\a',
      'a',
      '',
      undefined,
      7,
    ]) {
      expect(site.isOwnPath(text)).toBe(false);
    }
  });
});
