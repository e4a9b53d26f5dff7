import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import request from 'supertest';
import { makeClient, makeUra } from '../../make.js';
import { problemOf } from '../shared/open-app.js';
import { makeCheck, openProvider, type ProviderWorld } from './open-provider.js';

let world: ProviderWorld;

beforeAll(async () => {
  world = await openProvider();
});
afterAll(() => world.close());

const ID = '019aa7d2-6f3e-7c10-8a55-3f6f0a5b9c11';

/** Every route but the closed check, which has a matrix of its own. `body` is good for the GP's system. */
const ROUTES: readonly {
  readonly method: 'get' | 'post' | 'delete';
  readonly path: () => string;
  readonly body?: () => object;
  readonly scope: string;
}[] = [
  {
    method: 'post',
    path: () => '/location-questions',
    body: () => ({ bsn: world.person.bsn, requester: { ura: world.gp.ura, type: 'Z3' }, purpose: 'TREAT' }),
    scope: 'location:ask',
  },
  {
    method: 'post',
    path: () => '/localizations',
    body: () => ({ bsn: world.person.bsn, holder: { ura: world.gp.ura, type: 'Z3' } }),
    scope: 'localization:write',
  },
  { method: 'delete', path: () => `/localizations/${ID}`, scope: 'localization:write' },
  { method: 'get', path: () => '/providers', scope: 'provider:read' },
  { method: 'get', path: () => `/providers/${world.gp.ura}`, scope: 'provider:read' },
];

describe.each(ROUTES.map((route) => [`${route.method} ${route.path.toString().slice(6)}`, route] as const))(
  '%s refuses',
  (_, route) => {
    const ask = async (token?: string, body = route.body?.()): Promise<request.Response> => {
      const asked = request(world.server)[route.method](`/provider/v1${route.path()}`);
      if (token !== undefined) void asked.set('authorization', `Bearer ${token}`);
      return body === undefined ? asked : asked.send(body);
    };
    const refused = (answer: request.Response): unknown[] => [answer.status, problemOf(answer).code];

    it('a system without a token', async () => {
      const answer = await ask();
      expect(refused(answer)).toEqual([401, 'NOT_SIGNED_IN']);
      expect(answer.headers['www-authenticate']).toMatch(/^Bearer /);
    });

    it('a token in the address', async () => {
      const token = await world.token(world.gpSystem.id, ...world.gpSystem.scopes);
      const asked = request(world.server)[route.method](`/provider/v1${route.path()}?access_token=${token}`);
      expect((await asked).status).toBe(400);
    });

    it('a token with every scope but its own', async () => {
      const scopes = world.gpSystem.scopes.filter((scope) => scope !== route.scope);
      const answer = await ask(await world.token(world.gpSystem.id, ...scopes));
      expect(refused(answer)).toEqual([403, 'SCOPE_MISSING']);
    });

    it('a system that is unknown, and one from the moment it is revoked', async () => {
      const client = makeClient({ uras: [world.gp.ura] });
      const token = await world.token(client.id, ...client.scopes);
      expect(refused(await ask(token))).toEqual([401, 'CLIENT_UNKNOWN']);
      await world.registry.inTransaction((records) => records.clients.add(client));
      expect((await ask(token)).status).toBeLessThan(route.method === 'delete' ? 405 : 300);
      await world.revoke(client);
      expect(refused(await ask(token))).toEqual([401, 'CLIENT_REVOKED']);
    });

    if (route.body) {
      it('a stranger before reading what they send', async () => {
        const send = (type: string, body: string): request.Test =>
          request(world.server).post(`/provider/v1${route.path()}`).set('content-type', type).send(body);
        expect(refused(await send('application/json', '{"bsn":'))).toEqual([401, 'NOT_SIGNED_IN']);
        expect(refused(await send('text/plain', 'x'))).toEqual([401, 'NOT_SIGNED_IN']);
        expect(refused(await send('application/json', `"${'a'.repeat(200_000)}"`))).toEqual([
          401,
          'NOT_SIGNED_IN',
        ]);
      });

      it('another media type, a body that is too large and wrong fields', async () => {
        const token = await world.token(world.gpSystem.id, ...world.gpSystem.scopes);
        const plain = await request(world.server)
          .post(`/provider/v1${route.path()}`)
          .set('authorization', `Bearer ${token}`)
          .set('content-type', 'text/plain')
          .send('x');
        expect(refused(plain)).toEqual([415, 'MEDIA_TYPE_UNSUPPORTED']);
        expect(refused(await ask(token, { a: 'a'.repeat(100_001) }))).toEqual([413, 'BODY_TOO_LARGE']);
        const wrong = await ask(token, { ...route.body?.(), bsn: '123456789', more: 1 });
        expect(refused(wrong)).toEqual([400, 'INPUT_INVALID']);
        expect(problemOf(wrong).errors?.map(({ field }) => field)).toEqual(
          expect.arrayContaining(['bsn', 'more']),
        );
        expect(wrong.text).not.toContain('123456789');
      });

      it('a provider that the system may not act for', async () => {
        const token = await world.token(world.hospitalSystem.id, ...world.hospitalSystem.scopes);
        expect(refused(await ask(token))).toEqual([403, 'NOT_YOUR_PROVIDER']);
      });
    }
  },
);

describe('the document', () => {
  interface Document {
    readonly servers: unknown;
    readonly security: unknown;
    readonly paths: Record<
      string,
      Record<string, { readonly summary?: string; readonly security?: unknown; readonly responses: object }>
    >;
  }

  it('describes every route that is open, and no other', async () => {
    const { paths, security } = (await request(world.server).get('/provider/openapi.json')).body as Document;
    const described = Object.entries(paths).flatMap(([path, item]) =>
      Object.keys(item).map((method) => `${method} ${path}`),
    );
    expect(described.sort()).toEqual([
      'delete /localizations/{id}',
      'get /providers',
      'get /providers/{ura}',
      'post /consent-checks',
      'post /consent-checks/batch',
      'post /localizations',
      'post /location-questions',
    ]);
    expect(security).toEqual([{ system: [] }]);
    const scopes = Object.entries(paths).flatMap(([path, item]) =>
      Object.entries(item).map(([method, operation]) => [`${method} ${path}`, operation.security]),
    );
    expect(Object.fromEntries(scopes)).toEqual({
      'delete /localizations/{id}': [{ system: ['localization:write'] }],
      'get /providers': [{ system: ['provider:read'] }],
      'get /providers/{ura}': [{ system: ['provider:read'] }],
      'post /consent-checks': [{ system: ['consent:check'] }],
      'post /consent-checks/batch': [{ system: ['consent:check'] }],
      'post /localizations': [{ system: ['localization:write'] }],
      'post /location-questions': [{ system: ['location:ask'] }],
    });
  });

  it('tells of every route what it is for, what good comes of it and what may go wrong', async () => {
    const { paths } = (await request(world.server).get('/provider/openapi.json')).body as Document;
    for (const [path, item] of Object.entries(paths)) {
      for (const [method, operation] of Object.entries(item)) {
        const statuses = Object.keys(operation.responses).map(Number);
        const complete = {
          summary: operation.summary !== undefined,
          good: statuses.some((status) => status < 300),
          problems: [401, 403, 406, 500, 503].every((status) => statuses.includes(status)),
        };
        expect([method, path, complete]).toEqual([
          method,
          path,
          { summary: true, good: true, problems: true },
        ]);
      }
    }
    expect(JSON.stringify(paths)).not.toMatch(/\{bsn\}|"in":"(?:query|path)","name":"bsn"/);
  });

  it('gives examples that the routes take', async () => {
    const { paths } = (await request(world.server).get('/provider/openapi.json')).body as {
      paths: Record<string, { post?: { requestBody: { content: Record<string, { examples: object }> } } }>;
    };
    const examples = Object.entries(paths).flatMap(([path, { post }]) =>
      Object.values(post?.requestBody.content['application/json']?.examples ?? {}).map(
        (example: { value: object }) => [path, example.value] as const,
      ),
    );
    expect(examples.length).toBeGreaterThanOrEqual(4);
    for (const [path, body] of examples) {
      // The example's provider is not ours: only that is wrong with it.
      const answer = await world.post(path, body);
      expect([path, problemOf(answer).code]).toEqual([path, 'NOT_YOUR_PROVIDER']);
    }
  });
});

describe('what is not the caller’s fault', () => {
  it('a defect on the check path is answered without revealing anything, and without an answer', async () => {
    const broken = await openProvider();
    broken.registry.answerTogether = () => Promise.reject(new Error('secret table is gone'));
    const answer = await broken.post('/consent-checks', makeCheck(broken), broken.gpSystem);
    expect([answer.status, problemOf(answer).code]).toEqual([500, 'DEFECT']);
    expect(answer.text).not.toMatch(/secret|permit|deny/);
    await broken.close();
  });

  it('an address with a URA that is no URA is refused', async () => {
    expect((await world.get(`/providers/${makeUra().slice(1)}`)).status).toBe(400);
  });
});
