import { connect, type AddressInfo } from 'node:net';
import { Body, Controller, Delete, Get, Module, Param, Post, Query } from '@nestjs/common';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { ApiOkResponse } from '@nestjs/swagger';
import { IsInt, IsString, Max, ValidateNested } from 'class-validator';
import { Type } from 'class-transformer';
import request from 'supertest';
import { ExplainedFailure } from '../../../src/api/shared/explained-failure.js';
import type { DoorDescription } from '../../../src/api/shared/open-api.js';
import { ApiProblems } from '../../../src/api/shared/open-api.js';
import { LargestBody, Produces } from '../../../src/api/shared/route.js';
import { IsBsn, IsUra, MayBeLeftOut } from '../../../src/api/shared/validators.js';
import { Failure, FAILURE_CODES, type FailureCode } from '../../../src/core/failure.js';
import { MemoryRegistry } from '../../memory-registry.js';
import { makeBsn } from '../../make.js';
import { fieldsOf, openApp, type OpenedApp, problemOf, PUBLIC_URL } from './open-app.js';

class InnerDto {
  @IsUra()
  readonly ura!: string;
}

class SearchDto {
  @IsString()
  readonly text!: string;
}

class OuterDto {
  @IsBsn()
  readonly bsn!: string;

  @MayBeLeftOut()
  @IsInt({ message: 'Give a whole number.' })
  @Max(9, { message: 'Give at most 9.' })
  readonly count?: number;

  @ValidateNested({ message: 'Give an object.' })
  @Type(() => InnerDto)
  readonly inner!: InnerDto;
}

@Controller('trial/v1')
class TrialController {
  @Post('echoes')
  echo(@Body() body: OuterDto): object {
    return { count: body.count };
  }

  @Post('large')
  @LargestBody(200_000)
  large(@Body() body: Record<string, unknown>): object {
    return { length: JSON.stringify(body).length };
  }

  @Get('things/:id')
  @ApiOkResponse({ description: 'The thing.' })
  @ApiProblems('NOT_FOUND')
  find(@Param('id') id: string): object {
    return { id };
  }

  @Delete('things/:id')
  remove(@Param('id') id: string): object {
    return { id };
  }

  @Get('searches')
  search(@Query() query: SearchDto): object {
    return { length: query.text.length };
  }

  @Get('lines')
  @Produces('application/x-ndjson')
  lines(): string {
    return '{}\n';
  }

  @Get('failures/:code')
  fail(@Param('code') code: Failure['code']): never {
    throw new ExplainedFailure(new Failure(code, 'A sentence.', { retryAfterSeconds: 1.5 }), { current: 3 });
  }

  @Get('defects/:what')
  defect(@Param('what') what: string): never {
    throw new Error(`boom at ${what}`);
  }
}

@Module({ controllers: [TrialController] })
class TrialDoor {}

const TRIAL: DoorDescription = {
  name: 'trial',
  title: 'Trial door',
  description: 'For tests.',
  module: TrialDoor,
  admits: 'people',
};

/** A registry whose database is gone when told so. */
class FailingRegistry extends MemoryRegistry {
  isDown = false;

  override inSnapshot: MemoryRegistry['inSnapshot'] = (look) =>
    this.isDown ? Promise.reject(new Error('connection refused')) : super.inSnapshot(look);
}

interface TrialOperation {
  readonly security?: unknown;
  readonly responses: Record<
    string,
    | {
        readonly headers: Record<string, unknown>;
        readonly content?: Record<string, { readonly examples: Record<string, unknown> }>;
      }
    | undefined
  >;
}

interface TrialDocument {
  readonly openapi: string;
  readonly info: unknown;
  readonly servers: unknown;
  readonly paths: Record<string, Record<string, TrialOperation | undefined> | undefined>;
}

const registry = new FailingRegistry();
let opened: OpenedApp;

beforeAll(async () => {
  opened = await openApp({ doors: [TRIAL], registry, isUndocumented: true });
});
afterAll(() => opened.close());

/** What every refusal must look like, whoever made it. */
function expectProblem(answer: request.Response, status: number, code: string): void {
  expect(answer.status).toBe(status);
  expect(answer.headers['content-type']).toMatch(/^application\/problem\+json/);
  expect(answer.body).toMatchObject({ status, code, title: expect.any(String), detail: expect.any(String) });
  expect(problemOf(answer).type).toBe(`${PUBLIC_URL}/problems/${code.toLowerCase().replaceAll('_', '-')}`);
  expectHeaders(answer);
}

function expectHeaders(answer: request.Response): void {
  expect(answer.headers).toMatchObject({
    'api-version': '1.0.0',
    'cache-control': 'no-store',
    'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
    'strict-transport-security': 'max-age=31536000; includeSubDomains',
    'x-content-type-options': 'nosniff',
    'x-frame-options': 'DENY',
    'referrer-policy': 'no-referrer',
  });
}

describe('what the transport refuses', () => {
  it.each([
    ['an unknown address', () => request(opened.server).get('/nothing'), 404, 'ROUTE_UNKNOWN'],
    ['an empty parameter', () => request(opened.server).get('/trial/v1/things/'), 404, 'ROUTE_UNKNOWN'],
    ['a trailing slash', () => request(opened.server).get('/trial/v1/lines/'), 404, 'ROUTE_UNKNOWN'],
    ['another method', () => request(opened.server).put('/trial/v1/things/1'), 405, 'METHOD_NOT_ALLOWED'],
    ['a malformed address', () => request(opened.server).get('/trial/v1/%E0%A4%A'), 400, 'REQUEST_MALFORMED'],
    [
      'an overlong parameter',
      () => request(opened.server).get(`/trial/v1/things/${'a'.repeat(300)}`),
      414,
      'ADDRESS_TOO_LONG',
    ],
    [
      'an overlong address',
      () => request(opened.server).get(`/trial/v1/things/1?q=${'a'.repeat(5000)}`),
      414,
      'ADDRESS_TOO_LONG',
    ],
    [
      'an unwanted answer',
      () => request(opened.server).get('/trial/v1/things/1').set('accept', 'text/html'),
      406,
      'NOT_ACCEPTABLE',
    ],
    [
      'JSON refused by q=0',
      () => request(opened.server).get('/trial/v1/things/1').set('accept', 'application/json;q=0'),
      406,
      'NOT_ACCEPTABLE',
    ],
    [
      'everything refused by q=0',
      () => request(opened.server).get('/trial/v1/things/1').set('accept', '*/*;q=0'),
      406,
      'NOT_ACCEPTABLE',
    ],
    [
      'everything but JSON',
      () => request(opened.server).get('/trial/v1/things/1').set('accept', 'application/json;q=0, */*'),
      406,
      'NOT_ACCEPTABLE',
    ],
    ['a name said twice', () => post('{"bsn":"1","bsn":"2"}'), 400, 'REQUEST_MALFORMED'],
    ['a name said twice, once escaped', () => post('{"bsn":"1","b\\u0073n":"2"}'), 400, 'REQUEST_MALFORMED'],
    [
      'a name said twice deep inside',
      () => post('{"inner":[{"ura":"1","ura":"2"}]}'),
      400,
      'REQUEST_MALFORMED',
    ],
    ['another charset', () => post('{}', 'application/json; charset=utf-16'), 415, 'MEDIA_TYPE_UNSUPPORTED'],
    ['a compressed body', () => post('{}').set('content-encoding', 'gzip'), 415, 'MEDIA_TYPE_UNSUPPORTED'],
    ['malformed JSON', () => post('{"bsn":'), 400, 'REQUEST_MALFORMED'],
    ['JSON with a prototype', () => post('{"__proto__":{"admin":true}}'), 400, 'REQUEST_MALFORMED'],
    ['a text', () => post('bsn', 'text/plain'), 415, 'MEDIA_TYPE_UNSUPPORTED'],
    ['a form', () => post('bsn=1', 'application/x-www-form-urlencoded'), 415, 'MEDIA_TYPE_UNSUPPORTED'],
    ['a body over 100 kB', () => post(JSON.stringify({ a: 'a'.repeat(100_000) })), 413, 'BODY_TOO_LARGE'],
  ])('%s is a problem', async (_, ask, status, code) => {
    expectProblem(await ask(), status, code);
  });

  function post(body: string, type = 'application/json'): request.Test {
    return request(opened.server).post('/trial/v1/echoes').set('content-type', type).send(body);
  }

  it('a wrong method is told which ones there are', async () => {
    const answer = await request(opened.server).put('/trial/v1/things/1');
    expect(answer.headers['allow']).toBe('DELETE, GET, HEAD');
  });

  it('a route that takes larger bodies takes them, up to its own limit', async () => {
    const body = (length: number): object => ({ a: 'a'.repeat(length) });
    expect((await request(opened.server).post('/trial/v1/large').send(body(150_000))).status).toBe(201);
    expectProblem(
      await request(opened.server).post('/trial/v1/large').send(body(200_001)),
      413,
      'BODY_TOO_LARGE',
    );
  });

  it('a route that answers another type is judged by that type', async () => {
    const ask = (accept: string): request.Test =>
      request(opened.server).get('/trial/v1/lines').set('accept', accept);
    expect((await ask('application/x-ndjson')).status).toBe(200);
    expect((await ask('application/*')).status).toBe(200);
    expectProblem(await ask('application/json'), 406, 'NOT_ACCEPTABLE');
  });
});

describe('what can not even be parsed', () => {
  let port: number;

  beforeAll(async () => {
    await opened.app.listen(0, '127.0.0.1');
    port = (opened.server.address() as AddressInfo).port;
  });

  function say(text: string): Promise<string> {
    return new Promise((resolve, reject) => {
      let heard = '';
      const socket = connect(port, '127.0.0.1', () => socket.write(text));
      socket.on('data', (part) => (heard += String(part)));
      socket.on('error', reject);
      socket.on('close', () => {
        resolve(heard);
      });
    });
  }

  it.each([
    ['HTTP/1.1 without Host', 'GET /health HTTP/1.1\r\nconnection: close\r\n\r\n', 400, 'REQUEST_MALFORMED'],
    [
      'an expectation that we do not know',
      'GET /health HTTP/1.1\r\nhost: a\r\nexpect: foo\r\n\r\n',
      417,
      'EXPECTATION_FAILED',
    ],
    ['no HTTP at all', 'hello\r\n\r\n', 400, 'REQUEST_MALFORMED'],
    [
      'overlong headers',
      `GET /health HTTP/1.1\r\nhost: a\r\nx: ${'a'.repeat(20_000)}\r\n\r\n`,
      431,
      'HEADERS_TOO_LARGE',
    ],
  ])('%s is a problem', async (_, text, status, code) => {
    const [head = '', body = ''] = (await say(text)).split('\r\n\r\n');
    expect(head).toMatch(new RegExp(`^HTTP/1.1 ${status} `));
    expect(head.toLowerCase()).toContain('content-type: application/problem+json');
    expect(head).toContain('x-content-type-options: nosniff');
    expect(head).toContain('cache-control: no-store');
    expect(JSON.parse(body)).toMatchObject({ status, code });
  });

  it('HTTP/1.0 needs no Host', async () => {
    expect(await say('GET /health HTTP/1.0\r\n\r\n')).toMatch(/^HTTP\/1\.1 200 /);
  });

  it('a client that waits for 100-continue is answered', async () => {
    const heard = await say(
      'GET /health HTTP/1.1\r\nhost: a\r\nexpect: 100-continue\r\nconnection: close\r\n\r\n',
    );
    expect(heard).toMatch(/HTTP\/1\.1 200 /);
  });

  it('a client that goes away in mid-request does no harm', async () => {
    const socket = connect(port, '127.0.0.1');
    socket.write('POST /trial/v1/echoes HTTP/1.1\r\nhost: a\r\ncontent-length: 1000\r\n\r\n{');
    await new Promise((resolve) => setTimeout(resolve, 20));
    socket.resetAndDestroy();
    expect((await request(opened.server).get('/health')).status).toBe(200);
  });
});

/** Part of the contract of every door: neither codes nor their statuses change within a major version. */
const STATUSES: Readonly<Record<FailureCode, number>> = {
  INPUT_INVALID: 400,
  BSN_INVALID: 400,
  NOT_SIGNED_IN: 401,
  SIGN_IN_REFUSED: 403,
  ASSURANCE_TOO_LOW: 403,
  NOT_ALLOWED: 403,
  CLIENT_UNKNOWN: 401,
  CLIENT_REVOKED: 401,
  NOT_YOUR_PROVIDER: 403,
  SCOPE_MISSING: 403,
  DETAILS_MISSING: 409,
  BIRTH_DATE_FIXED: 409,
  NOT_FOUND: 404,
  VERSION_NOT_FOUND: 404,
  VERSION_CHANGED: 412,
  PRECONDITION_MISSING: 428,
  CHOICES_CONFLICT: 409,
  IDEMPOTENCY_KEY_REUSED: 422,
  NOTHING_AWAITING: 409,
  PAIRING_CODE_REFUSED: 403,
  GUARDIAN_TOO_YOUNG: 403,
  GUARDIANSHIP_ENDED: 409,
  DECLARATION_MISSING: 400,
  REVIEW_CLOSED: 409,
  PROVIDER_UNKNOWN: 422,
  CASE_MISSING: 400,
  TOO_MANY_TRIES: 429,
  UNAVAILABLE: 503,
};

describe('what the rules refuse', () => {
  it.each([...FAILURE_CODES])('%s has its own problem', async (code) => {
    const answer = await request(opened.server).get(`/trial/v1/failures/${code}`);
    expectProblem(answer, STATUSES[code], code);
    expect(answer.body).toMatchObject({ detail: 'A sentence.', current: 3 });
    expect(answer.headers['retry-after']).toBe('2');
    expect(answer.headers['www-authenticate'] !== undefined).toBe(answer.status === 401);
  });

  it('a defect reveals nothing but a trace, which the log knows', async () => {
    const bsn = makeBsn();
    const answer = await request(opened.server).get(`/trial/v1/defects/${bsn}`);
    expectProblem(answer, 500, 'DEFECT');
    expect(JSON.stringify(answer.body)).not.toContain('boom');
    await new Promise((resolve) => setImmediate(resolve));
    const told = opened.lines.filter((line) => line.includes(problemOf(answer).trace ?? 'none'));
    expect(told).toHaveLength(1);
    expect(told[0]).toContain('boom at [bsn]');
    expect(opened.lines.join('\n')).not.toContain(bsn);
  });

  it('the access log has neither query nor body', async () => {
    await request(opened.server).get('/trial/v1/things/7?secret=sesame');
    await new Promise((resolve) => setImmediate(resolve));
    expect(opened.lines.join('\n')).toContain('"path":"/trial/v1/things/7"');
    expect(opened.lines.join('\n')).not.toContain('sesame');
  });
});

describe('the token endpoint', () => {
  const ask = (): request.Test =>
    request(opened.server)
      .post('/oauth/token?secret=sesame')
      .set('origin', 'https://elsewhere.example')
      .type('form')
      .send({ grant_type: 'client_credentials' });

  it('stands in the access log under its own address', async () => {
    const { status } = await ask();
    await new Promise((resolve) => setImmediate(resolve));
    expect(opened.lines.join('\n')).toContain(`"path":"/oauth/token","status":${status}`);
    expect(opened.lines.join('\n')).not.toContain('sesame');
  });

  it('takes forms, has the headers of every answer, and lets no web page read it', async () => {
    const answer = await ask();
    expect(answer.status).toBeLessThan(415);
    expectHeaders(answer);
    expect(
      Object.keys(answer.headers as object).filter((name) => name.startsWith('access-control-')),
    ).toEqual([]);
  });
});

describe('input', () => {
  const ask = (body: unknown): request.Test =>
    request(opened.server)
      .post('/trial/v1/echoes')
      .set('content-type', 'application/json')
      .send(JSON.stringify(body));

  it('all errors of all fields come at once, and no value is repeated', async () => {
    const answer = await ask({ bsn: '123456789', count: 12, inner: { ura: 'x' }, stranger: 1 });
    expectProblem(answer, 400, 'INPUT_INVALID');
    expect(problemOf(answer).errors).toEqual(
      expect.arrayContaining([
        { field: 'bsn', message: 'A BSN is a text of nine digits that passes the 11-test.' },
        { field: 'count', message: 'Give at most 9.' },
        { field: 'inner.ura', message: 'A URA number is a text of eight digits.' },
        { field: 'stranger', message: 'This field is not known here; leave it out.' },
      ]),
    );
    expect(problemOf(answer).errors).toHaveLength(4);
    expect(answer.text).not.toContain('123456789');
  });

  it('a name that is a BSN is not told back', async () => {
    const bsn = makeBsn();
    const answer = await ask({ [bsn]: 1 });
    expect(answer.text).toContain('[bsn]');
    expect(answer.text).not.toContain(bsn);
  });

  it.each([[null], [[]], ['text'], [3]])('the body %j is refused', async (body) => {
    expectProblem(await ask(body), 400, 'INPUT_INVALID');
  });

  it('a field named like what every object has is refused too', async () => {
    const answer = await ask({ bsn: makeBsn(), inner: { ura: '00000001', toString: 1 }, constructor: {} });
    expect(
      problemOf(answer)
        .errors?.map(({ field }) => field)
        .sort(),
    ).toEqual(['constructor', 'inner.toString']);
  });

  it('a body nested very deeply is refused, and no defect', async () => {
    const text = `{"a":${'['.repeat(40_000)}${']'.repeat(40_000)}}`;
    const answer = await request(opened.server)
      .post('/trial/v1/echoes')
      .set('content-type', 'application/json')
      .send(text);
    expectProblem(answer, 400, 'INPUT_INVALID');
  });

  it('a text that no database keeps is refused', async () => {
    const answer = await ask({ bsn: makeBsn(), inner: { ura: '0000000\u0000' }, more: 'half \ud800' });
    expect(fieldsOf(answer)).toEqual(['inner.ura', 'more']);
    expect((await request(opened.server).get('/trial/v1/searches?text=a%00b')).status).toBe(400);
    expect((await request(opened.server).get('/trial/v1/searches?text=ab')).status).toBe(200);
  });

  it('names within texts are no names', async () => {
    const answer = await ask({ bsn: makeBsn(), inner: { ura: '00000001' }, said: '"a":1,"a\\":2,"' });
    expect([answer.status, fieldsOf(answer)]).toEqual([400, ['said']]);
  });

  it('good input passes', async () => {
    const answer = await ask({ bsn: makeBsn(), count: 9, inner: { ura: '00000001' } });
    expect([answer.status, answer.body]).toEqual([201, { count: 9 }]);
    expectHeaders(answer);
  });
});

describe('what is open to everyone', () => {
  it('/health is up while the registry answers, and 503 when not', async () => {
    const up = await request(opened.server).get('/health');
    expect([up.status, up.body]).toEqual([200, { status: 'up' }]);
    registry.isDown = true;
    expectProblem(await request(opened.server).get('/health'), 503, 'UNAVAILABLE');
    registry.isDown = false;
  });

  it('the type of a problem can be opened', async () => {
    const page = await request(opened.server).get('/problems/version-changed');
    expect(page.body).toEqual({
      code: 'VERSION_CHANGED',
      status: 412,
      title: 'The choices changed meanwhile',
    });
    expectProblem(await request(opened.server).get('/problems/nonsense'), 404, 'ROUTE_UNKNOWN');
  });

  it('the document describes this door only, and may be read from any page', async () => {
    const answer = await request(opened.server).get('/trial/openapi.json');
    expect(answer.headers['access-control-allow-origin']).toBe('*');
    expect(answer.headers['cache-control']).toBe('public, max-age=300');
    const refused = await request(opened.server).get('/trial/openapi.json').set('accept', 'text/html');
    expect([refused.status, refused.headers['cache-control']]).toEqual([406, 'no-store']);
    const missing = await request(opened.server).get('/trial/docs/nothing.js');
    expect([missing.status, missing.headers['cache-control']]).toEqual([404, 'no-store']);
    const { openapi, info, servers, paths } = answer.body as TrialDocument;
    expect(openapi).toBe('3.0.3');
    expect(info).toMatchObject({
      version: '1.0.0',
      license: { name: 'EUPL-1.2' },
      contact: { name: 'Test operator', email: 'operator@example.org', url: 'https://operator.example.org' },
    });
    expect(servers).toEqual([{ url: `${PUBLIC_URL}/trial/v1` }]);
    expect(Object.keys(paths)).toContain('/things/{id}');
    const get = paths['/things/{id}']?.['get'];
    expect(get?.responses['404']?.content?.['application/problem+json']?.examples['NOT_FOUND']).toMatchObject(
      {
        value: { status: 404, code: 'NOT_FOUND' },
      },
    );
    expect(get?.responses['200']?.headers['API-Version']).toBeDefined();
    expect(paths['/things/{id}']?.['delete']?.security).toEqual([{ session: [], antiForgery: [] }]);
  });

  it('the page and all it loads come from this server', async () => {
    const page = await request(opened.server).get('/trial/docs').set('accept', 'text/html');
    expect(page.status).toBe(200);
    expect(page.headers['content-security-policy']).toContain("script-src 'self'");
    expect(page.text).not.toMatch(/(?:src|href)=["']https?:/);
    const parts = [...page.text.matchAll(/(?:src|href)=["']\.?\/?([^"']+)["']/g)].map(
      ([, path]) => path ?? '',
    );
    expect(parts.length).toBeGreaterThanOrEqual(4);
    for (const part of parts) {
      const answer = await request(opened.server).get(`/trial/${part}`);
      expect([part, answer.status]).toEqual([part, 200]);
    }
    // Scripts must not stand in the page itself, or its own policy would stop them.
    expect(page.text).not.toMatch(/<script(?![^>]*\bsrc=)[^>]*>/);
  });
});
