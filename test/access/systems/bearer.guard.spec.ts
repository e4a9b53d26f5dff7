import 'reflect-metadata';
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import {
  type ArgumentsHost,
  Body,
  Catch,
  Controller,
  type ExceptionFilter,
  Get,
  Post,
  Req,
  UseGuards,
} from '@nestjs/common';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { Test } from '@nestjs/testing';
import type { FastifyReply } from 'fastify';
import { type JWK, SignJWT } from 'jose';
import { AccessTokens } from '../../../src/access/systems/access-token.js';
import {
  askerOf,
  type KnockingRequest,
  Scopes,
  SystemDoor,
  SystemGuard,
} from '../../../src/access/systems/bearer.guard.js';
import type { Asker } from '../../../src/core/decision/question.js';
import { Failure } from '../../../src/core/failure.js';
import { clock, ISSUER, makeSigningKey, RESOURCE } from './make-system.js';

@Controller()
@UseGuards(SystemGuard)
class ProviderDoor {
  @Post('checks')
  @Scopes('consent:check')
  check(@Req() request: object, @Body() body: unknown): { asker: Asker; body: unknown } {
    return { asker: askerOf(request), body };
  }

  @Get('both')
  @Scopes('consent:check', 'localization:write')
  both(): string {
    return 'both';
  }

  @Get('unsaid')
  unsaid(): string {
    return 'open';
  }
}

@Catch()
class ShowFailures implements ExceptionFilter {
  catch(error: unknown, host: ArgumentsHost): void {
    const reply = host.switchToHttp().getResponse<FastifyReply>();
    void reply.status(418).send({ code: error instanceof Failure ? error.code : 'DEFECT' });
  }
}

let key: JWK;
let plain: NestFastifyApplication;
let behindProxy: NestFastifyApplication;

beforeAll(async () => {
  key = await makeSigningKey('signing-key');
  plain = await startDoor(new FastifyAdapter());
  behindProxy = await startDoor(new FastifyAdapter({ trustProxy: ['127.0.0.1', '10.0.0.0/8'] }));
});

afterAll(async () => {
  await plain.close();
  await behindProxy.close();
});

async function startDoor(adapter: FastifyAdapter): Promise<NestFastifyApplication> {
  const tokens = new AccessTokens({ issuer: ISSUER, resource: RESOURCE, keys: [key], clock });
  const parts = await Test.createTestingModule({
    controllers: [ProviderDoor],
    providers: [SystemGuard, { provide: SystemDoor, useValue: new SystemDoor(tokens) }],
  }).compile();
  const app = parts.createNestApplication<NestFastifyApplication>(adapter, { logger: false });
  app.useGlobalFilters(new ShowFailures());
  await app.init();
  await app.getHttpAdapter().getInstance().ready();
  return app;
}

function makeToken(scope = 'consent:check', exp = Math.floor(Date.now() / 1000) + 300): Promise<string> {
  return new SignJWT({ client_id: 'client-1', scope })
    .setProtectedHeader({ alg: 'ES256', typ: 'at+jwt', kid: 'signing-key' })
    .setIssuer(ISSUER)
    .setAudience(RESOURCE)
    .setIssuedAt()
    .setExpirationTime(exp)
    .setJti(randomUUID())
    .sign(key);
}

interface Knock {
  readonly url?: string;
  readonly method?: 'GET' | 'POST';
  readonly headers?: Record<string, string>;
  readonly body?: Record<string, unknown>;
}

interface Answer {
  readonly status: number;
  readonly challenge: unknown;
  readonly body: { readonly code?: string; readonly asker?: Asker };
}

async function knock(
  { url = '/checks', method = 'POST', headers = {}, body = {} }: Knock,
  app = plain,
): Promise<Answer> {
  const payload = method === 'POST' ? { payload: body } : {};
  const answer = await app.inject({ method, url, headers, ...payload });
  const read: unknown = answer.headers['content-type']?.toString().includes('json') ? answer.json() : {};
  return {
    status: answer.statusCode,
    challenge: answer.headers['www-authenticate'],
    body: read as Answer['body'],
  };
}

const bearing = (token: string, more: Record<string, string> = {}): Record<string, string> => ({
  authorization: `Bearer ${token}`,
  ...more,
});

describe('the provider door', () => {
  it('admits a system with the scope, and says who asks', async () => {
    const { status, body, challenge } = await knock({ headers: bearing(await makeToken()) });
    expect(status).toBe(201);
    expect(challenge).toBeUndefined();
    expect(body.asker).toMatchObject({ clientId: 'client-1', address: '127.0.0.1' });
    expect(body.asker?.tokenId).toMatch(/^[0-9a-f-]{36}$/);
  });

  it('takes the scheme in any case', async () => {
    const headers = { authorization: `bearer ${await makeToken()}` };
    expect((await knock({ headers })).status).toBe(201);
  });

  it.each([
    ['nothing', {}],
    ['another scheme', { authorization: 'Basic Y2xpZW50OnNlY3JldA==' }],
    ['an empty token', { authorization: 'Bearer ' }],
    ['two tokens', { authorization: 'Bearer a b' }],
  ])('asks for a token when there is %s', async (_what, headers) => {
    const { status, body, challenge } = await knock({ headers });
    expect([status, body.code]).toEqual([418, 'NOT_SIGNED_IN']);
    expect(challenge).toBe('Bearer realm="provider"');
  });

  it('refuses a bad token as RFC 6750 says', async () => {
    const { body, challenge } = await knock({ headers: bearing('bad.bad.bad') });
    expect(body.code).toBe('NOT_SIGNED_IN');
    expect(challenge).toBe('Bearer realm="provider", error="invalid_token"');
  });

  it('refuses an expired token', async () => {
    const expired = await makeToken('consent:check', Math.floor(Date.now() / 1000) - 60);
    expect((await knock({ headers: bearing(expired) })).body.code).toBe('NOT_SIGNED_IN');
  });

  it('refuses a token without the scope, and names the scopes needed', async () => {
    const { body, challenge } = await knock({ headers: bearing(await makeToken('provider:read')) });
    expect(body.code).toBe('SCOPE_MISSING');
    expect(challenge).toBe('Bearer realm="provider", error="insufficient_scope", scope="consent:check"');
  });

  it('wants every scope where a route names more than one', async () => {
    const one = await knock({ method: 'GET', url: '/both', headers: bearing(await makeToken()) });
    expect(one.body.code).toBe('SCOPE_MISSING');
    const token = await makeToken('consent:check localization:write');
    expect((await knock({ method: 'GET', url: '/both', headers: bearing(token) })).status).toBe(200);
  });

  it.each([
    ['in the address', true, false],
    ['in the body', false, true],
    ['in the address as well as the header', true, true],
  ])('refuses a token %s', async (_where, inAddress, inHeader) => {
    const token = await makeToken();
    const { body, challenge } = await knock({
      url: inAddress ? `/checks?access_token=${token}` : '/checks',
      body: inAddress ? {} : { access_token: token },
      headers: inHeader ? bearing(token) : {},
    });
    expect(body.code).toBe('INPUT_INVALID');
    expect(challenge).toBe('Bearer realm="provider", error="invalid_request"');
  });

  it('stays shut where a route does not say its scopes', async () => {
    const token = await makeToken('consent:check location:ask localization:write provider:read');
    const { status, body } = await knock({ method: 'GET', url: '/unsaid', headers: bearing(token) });
    expect([status, body.code]).toEqual([418, 'DEFECT']);
  });
});

describe('the address of who asks', () => {
  it('is not what a stranger claims in X-Forwarded-For', async () => {
    const headers = bearing(await makeToken(), { 'x-forwarded-for': '203.0.113.9' });
    expect((await knock({ headers })).body.asker?.address).toBe('127.0.0.1');
  });

  it.each([
    ['203.0.113.9', '203.0.113.9'],
    ['198.51.100.1, 203.0.113.9', '203.0.113.9'],
    ['203.0.113.9, 10.1.2.3', '203.0.113.9'],
    ['2001:db8::7', '2001:db8::7'],
    ['<script>', undefined],
  ])('behind our own proxies "%s" is %s', async (forwarded, address) => {
    const headers = bearing(await makeToken(), { 'x-forwarded-for': forwarded });
    expect((await knock({ headers }, behindProxy)).body.asker?.address).toBe(address);
  });
});

describe('the trace of who asks', () => {
  const traceId = '4bf92f3577b34da6a3ce929d0e0e4736';

  it.each([
    [`00-${traceId}-00f067aa0ba902b7-01`, traceId],
    [`cc-${traceId}-00f067aa0ba902b7-01-what-the-future-will-be-like`, traceId],
    [`00-${traceId}-00f067aa0ba902b7-01-more`, undefined],
    [`ff-${traceId}-00f067aa0ba902b7-01`, undefined],
    [`00-${'0'.repeat(32)}-00f067aa0ba902b7-01`, undefined],
    [`00-${traceId}-${'0'.repeat(16)}-01`, undefined],
    [`00-${traceId.toUpperCase()}-00f067aa0ba902b7-01`, undefined],
    ['123456782', undefined],
  ])('%s is %s', async (traceparent, expected) => {
    const headers = bearing(await makeToken(), { traceparent });
    expect((await knock({ headers })).body.asker?.traceId).toBe(expected);
  });
});

describe('a token that is looked at before the body', () => {
  const request = async (): Promise<KnockingRequest> => ({
    headers: bearing(await makeToken()),
    ip: '127.0.0.1',
  });
  const reply = { header: () => undefined };

  it('is verified once per request', async () => {
    const tokens = new AccessTokens({ issuer: ISSUER, resource: RESOURCE, keys: [key], clock });
    const verified = jest.spyOn(tokens, 'verify');
    const door = new SystemDoor(tokens);
    const knocking = await request();
    await door.identify(knocking, reply);
    await door.admit(knocking, reply, ['consent:check']);
    expect(verified).toHaveBeenCalledTimes(1);
    await door.admit(await request(), reply, ['consent:check']);
    expect(verified).toHaveBeenCalledTimes(2);
  });

  it('admits nobody by itself', async () => {
    const door = new SystemDoor(new AccessTokens({ issuer: ISSUER, resource: RESOURCE, keys: [key], clock }));
    const knocking = await request();
    await door.identify(knocking, reply);
    expect(() => askerOf(knocking)).toThrow('not admitted');
    await expect(door.admit(knocking, reply, ['provider:read'])).rejects.toMatchObject({
      code: 'SCOPE_MISSING',
    });
  });
});

it('knows nobody behind a request that was not admitted', () => {
  expect(() => askerOf({})).toThrow('not admitted');
});
