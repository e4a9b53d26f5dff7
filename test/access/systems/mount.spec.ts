import 'reflect-metadata';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { Body, Controller, Post } from '@nestjs/common';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { Test } from '@nestjs/testing';
import { makeAuthorizationServer } from '../../../src/access/systems/authorization-server.js';
import { mountAuthorizationServer } from '../../../src/access/systems/mount.js';
import { HEADERS } from '../../../src/api/shared/headers.js';
import { MemoryRegistry } from '../../memory-registry.js';
import {
  askToken,
  clock,
  ISSUER,
  makeSigningKey,
  makeSystem,
  RESOURCE,
  tokenRequest,
} from './make-system.js';

@Controller()
class Echo {
  @Post('echo')
  echo(@Body() body: unknown): unknown {
    return body;
  }
}

const registry = new MemoryRegistry();
let app: NestFastifyApplication;
let url: string;

beforeAll(async () => {
  const parts = await Test.createTestingModule({ controllers: [Echo] }).compile();
  app = parts.createNestApplication<NestFastifyApplication>(new FastifyAdapter(), { logger: false });
  app
    .getHttpAdapter()
    .getInstance()
    .addHook('onRequest', (_request, reply, done) => {
      reply.headers(HEADERS);
      done();
    });
  const server = makeAuthorizationServer({
    issuer: ISSUER,
    signingKeys: [await makeSigningKey()],
    registry,
    clock,
    resource: RESOURCE,
  });
  mountAuthorizationServer(app.getHttpAdapter().getInstance(), server);
  await app.listen(0, '127.0.0.1');
  url = await app.getUrl();
});

afterAll(async () => {
  await app.close();
});

it('gives tokens beside the doors of the same HTTP server, under its security headers', async () => {
  const system = await makeSystem(registry);
  const { status, headers } = await askToken(url, tokenRequest(await system.assertion()));
  expect(status).toBe(200);
  expect(headers.get('x-content-type-options')).toBe('nosniff');
  expect(headers.get('strict-transport-security')).toMatch(/^max-age=\d{8}/);
});

it('leaves the bodies of the other doors to them', async () => {
  const response = await fetch(`${url}/echo`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: '{"said":"hello"}',
  });
  expect(await response.json()).toEqual({ said: 'hello' });
});
