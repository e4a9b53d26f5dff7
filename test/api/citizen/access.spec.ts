import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { AddressInfo } from 'node:net';
import request, { type Test } from 'supertest';
import { SESSION_COOKIE } from '../../../src/access/sign-in/cookies.js';
import { openCitizenDoor, type OpenedDoor, PUBLIC_URL } from './door.js';

type Method = 'get' | 'put' | 'post' | 'delete';

interface Operation {
  summary?: string;
  security?: object[];
  responses: Record<string, { description: string; content?: Record<string, { schema?: object }> }>;
  requestBody?: { content: Record<string, { examples?: Record<string, { value: object }> }> };
}

interface OpenApi {
  openapi: string;
  info: { contact: object; license: object };
  servers: object[];
  paths: Record<string, Partial<Record<Method, Operation>>>;
  components: { schemas: Record<string, { properties?: Record<string, object> }> };
}

interface Route {
  readonly method: Method;
  readonly path: string;
  readonly operation: Operation;
}

const PUBLIC = ['get /sign-in', 'get /sign-in/callback', 'get /session', 'get /catalogue'];
/** Signing out needs no session: it must work with one that has just ended. */
const WITHOUT_SESSION = [...PUBLIC, 'delete /session'];

/** Every route of the citizen door as its own document lists it, so that a new route can't be forgotten here. */
describe('every route of the citizen door', () => {
  let door: OpenedDoor;
  let address: string;
  let document: OpenApi;
  let routes: readonly Route[];

  beforeAll(async () => {
    door = await openCitizenDoor();
    address = `http://127.0.0.1:${(door.app.getHttpServer().address() as AddressInfo).port}`;
    document = (await request(address).get('/citizen/openapi.json').expect(200)).body as OpenApi;
    routes = Object.entries(document.paths).flatMap(([path, item]) =>
      (Object.entries(item) as [Method, Operation][]).map(([method, operation]) => ({
        method,
        path,
        operation,
      })),
    );
  });

  afterAll(() => door.close());

  const nameOf = ({ method, path }: Route): string => `${method} ${path}`;
  const send = ({ method, path }: Route): Test => {
    const filled = path.replace('{id}', '019a0000-0000-7000-8000-000000000001').replace('{number}', '1');
    return request(address)[method](`/citizen/v1${filled}`);
  };
  const changes = (): readonly Route[] => routes.filter(({ method }) => method !== 'get');

  it('is in the document', () => {
    expect(routes.map(nameOf).sort()).toEqual(
      [
        ...WITHOUT_SESSION,
        'post /session/extension',
        'get /me/details',
        'put /me/details',
        'get /me/choices',
        'put /me/choices',
        'post /me/choices/preview',
        'delete /me/choices/proposal',
        'get /me/versions',
        'get /me/versions/{number}',
        'post /me/versions/{number}/restoration',
        'get /me/providers',
        'get /me/activity',
        'post /me/pairing-code',
        'get /me/pairing-code',
        'post /guardian/reviews',
        'get /guardian/reviews',
        'get /guardian/reviews/{id}',
        'post /guardian/reviews/{id}/decision',
      ].sort(),
    );
  });

  it('says what it does, what it answers, and with which problems', () => {
    for (const route of routes) {
      const { operation } = route;
      expect([nameOf(route), operation.summary]).toEqual([nameOf(route), expect.stringMatching(/\S{2,}/)]);
      const statuses = Object.keys(operation.responses);
      expect([nameOf(route), statuses.some((status) => /^[23]/.test(status))]).toEqual([nameOf(route), true]);
      if (route.path.startsWith('/sign-in')) continue;
      const needed = WITHOUT_SESSION.includes(nameOf(route)) ? ['500', '503'] : ['401', '500', '503'];
      expect([nameOf(route), statuses]).toEqual([nameOf(route), expect.arrayContaining(needed)]);
      for (const [status, { content }] of Object.entries(operation.responses)) {
        if (Number(status) >= 400) expect(Object.keys(content ?? {})).toEqual(['application/problem+json']);
      }
    }
  });

  it('describes every field of every schema with an example or a type of its own', () => {
    for (const [name, { properties = {} }] of Object.entries(document.components.schemas)) {
      for (const [field, schema] of Object.entries(properties)) {
        const told = ['type', '$ref', 'allOf', 'enum', 'oneOf'].some((key) => key in schema);
        expect([name, field, told, JSON.stringify(schema).includes('"type":"object"')]).toEqual([
          name,
          field,
          true,
          false,
        ]);
      }
    }
  });

  it('gives examples of choices that it takes itself', async () => {
    const browser = await door.signIn(await door.addPerson());
    for (const [path, method] of [
      ['/me/choices', 'put'],
      ['/me/choices/preview', 'post'],
    ] as const) {
      const examples =
        document.paths[path]?.[method]?.requestBody?.content['application/json']?.examples ?? {};
      expect(Object.keys(examples)).toEqual(['all', 'certain', 'none']);
      for (const { value } of Object.values(examples)) {
        await browser.post('/me/choices/preview', value).expect(200);
        expect((await browser.choose(value)).status).toBe(200);
      }
    }
  });

  it('shows the present choices in the document of a change that came too late', () => {
    for (const operation of [
      document.paths['/me/choices']?.put,
      document.paths['/me/versions/{number}/restoration']?.post,
    ]) {
      const schema = operation?.responses['412']?.content?.['application/problem+json']?.schema;
      expect(schema).toEqual({ $ref: '#/components/schemas/ChoicesChangedProblem' });
    }
  });

  it('belongs to a document that names its publisher, licence and address', () => {
    expect(document).toMatchObject({
      openapi: expect.stringMatching(/^3\./),
      info: {
        contact: {
          name: 'Test operator',
          email: 'operator@example.org',
          url: 'https://operator.example.org',
        },
        license: { name: 'EUPL-1.2' },
      },
      servers: [{ url: `${PUBLIC_URL}/citizen/v1` }],
    });
  });

  it('refuses whoever is not signed in', async () => {
    for (const route of routes.filter((one) => !WITHOUT_SESSION.includes(nameOf(one)))) {
      const { status, body } = await send(route).set('X-Requested-By', 'consent-registry');
      expect([nameOf(route), status, body]).toEqual([
        nameOf(route),
        401,
        expect.objectContaining({ code: 'NOT_SIGNED_IN' }),
      ]);
      expect(route.operation.security ?? document).not.toEqual([]);
    }
  });

  it('refuses a session of an auditor', async () => {
    const auditor = { role: 'auditor', subject: 'auditor-1', name: 'Alex' } as const;
    const { secret } = await door.sessions.start(auditor, 'high');
    for (const route of routes.filter((one) => !WITHOUT_SESSION.includes(nameOf(one)))) {
      const { status } = await send(route)
        .set('Cookie', `${SESSION_COOKIE}=${secret}`)
        .set('X-Requested-By', 'consent-registry');
      expect([nameOf(route), status]).toEqual([nameOf(route), 401]);
    }
  });

  it.each([
    ['without the anti-forgery header', {}, 403],
    ['with another value in it', { 'X-Requested-By': 'other' }, 403],
    ['from another origin', { 'X-Requested-By': 'consent-registry', Origin: 'https://evil.example' }, 403],
    ['from no origin', { 'X-Requested-By': 'consent-registry', Origin: 'null' }, 403],
    ['from another site', { 'X-Requested-By': 'consent-registry', 'Sec-Fetch-Site': 'cross-site' }, 403],
    ['from a sister site', { 'X-Requested-By': 'consent-registry', 'Sec-Fetch-Site': 'same-site' }, 403],
    ['as a form sends it', { 'X-Requested-By': 'consent-registry', 'Content-Type': 'text/plain' }, 415],
  ])('refuses a change %s', async (_, headers, expected) => {
    const { cookie } = await door.signIn(await door.addPerson());
    for (const route of changes()) {
      const sent = send(route).set('Cookie', `${SESSION_COOKIE}=${cookie}`).set(headers);
      const { status } = await (expected === 415 ? sent.send('{}') : sent);
      expect([nameOf(route), status]).toEqual([nameOf(route), expected]);
    }
  });

  it('takes a change from this site itself', async () => {
    const { cookie } = await door.signIn(await door.addPerson());
    const { status } = await request(address)
      .put('/citizen/v1/me/choices')
      .set({ Cookie: `${SESSION_COOKIE}=${cookie}`, 'X-Requested-By': 'consent-registry' })
      .set({ Origin: PUBLIC_URL, 'Sec-Fetch-Site': 'same-origin', 'If-Match': '"0.0.0"' })
      .send({ option: 'all' });
    expect(status).toBe(200);
  });

  it('answers 405 to a method it does not have, and 404 beside its routes', async () => {
    const { body, headers } = await request(address).patch('/citizen/v1/me/choices').expect(405);
    expect(body).toMatchObject({ code: 'METHOD_NOT_ALLOWED' });
    expect(headers['allow']).toBe('GET, HEAD, PUT');
    await request(address).get('/citizen/v1/me/choices/').expect(404);
    await request(address).get('/citizen/me/choices').expect(404);
  });

  it('carries the version and the safety headers, and keeps answers out of caches', async () => {
    const { cookie } = await door.signIn(await door.addPerson());
    for (const route of routes) {
      const { headers, status } = await send(route).set('Cookie', `${SESSION_COOKIE}=${cookie}`);
      expect([nameOf(route), status, headers]).toEqual([
        nameOf(route),
        status,
        expect.objectContaining({
          'api-version': '1.0.0',
          'x-content-type-options': 'nosniff',
          'content-security-policy': expect.stringContaining("frame-ancestors 'none'"),
          'strict-transport-security': expect.stringContaining('max-age=31536000'),
          'cache-control': route.path === '/catalogue' ? 'public, max-age=3600' : 'no-store',
        }),
      ]);
    }
  });

  it('leaves neither cookie, query nor BSN in the log', async () => {
    const person = await door.addPerson();
    const { cookie = '' } = await door.signIn(person);
    await request(address)
      .get(`/citizen/v1/me/activity?kind=${person.bsn}`)
      .set('Cookie', `${SESSION_COOKIE}=${cookie}`)
      .expect(400);
    await new Promise((resolve) => setTimeout(resolve, 20));
    const log = door.logged.join('');
    expect(log).toContain('/citizen/v1/me/activity');
    for (const secret of [person.bsn, cookie, 'kind=']) expect(log).not.toContain(secret);
  });

  it('answers 503, and nothing about why, while the registry is away', async () => {
    const { cookie } = await door.signIn(await door.addPerson());
    Object.assign(door.registry, { unavailable: true });
    try {
      const { body } = await request(address)
        .get('/citizen/v1/me/choices')
        .set('Cookie', `${SESSION_COOKIE}=${cookie}`)
        .expect(503);
      expect(body).toMatchObject({ code: 'UNAVAILABLE' });
    } finally {
      Object.assign(door.registry, { unavailable: false });
    }
  });
});
