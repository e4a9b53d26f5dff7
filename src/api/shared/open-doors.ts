import fastifyCookie from '@fastify/cookie';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { FastifyInstance } from 'fastify';
import { checkTokensFirst, SystemDoor } from '../../access/systems/bearer.guard.js';
import { Registry } from '../../core/registry.js';
import { LONGEST_ADDRESS } from './adapter.js';
import { headersFor } from './headers.js';
import { openHealth, openProblemPages } from './health.js';
import { KnownRoutes } from './known-routes.js';
import type { LineLog } from './log.js';
import { type DoorDescription, openDocuments, type Publisher } from './open-api.js';
import { ProblemFilter } from './problem.filter.js';
import { Problems } from './problem.js';
import { accepts, type RouteFacts } from './route.js';
import { InputPipe } from './validation.pipe.js';
import { WireRefusal } from './wire-refusal.js';

/** What all doors share. */
export interface DoorsOptions extends Publisher {
  readonly doors: readonly DoorDescription[];
  readonly log: LineLog;
  /** Which answers leave a line in the process log; bodies and queries never do. */
  readonly accessLog: 'all' | 'failures';
}

/**
 * Puts on an application what every door has: cookies, the one input pipe, the problem filter, headers, limits, documents and
 * /health. To be called once, before `app.init()`, on an application over `makeDoorAdapter`.
 */
export async function openDoors(app: NestFastifyApplication, options: DoorsOptions): Promise<void> {
  const fastify = app.getHttpAdapter().getInstance();
  const problems = new Problems(options.publicUrl);
  const routes = new KnownRoutes();
  routes.listenTo(fastify);
  applyRouteFacts(fastify);
  checkRequests(fastify);
  if (options.doors.some(({ admits }) => admits === 'systems')) {
    checkTokensFirst(fastify, app.get(SystemDoor, { strict: false }), systemPathsOf(options.doors));
  }
  logAnswers(fastify, options);
  await fastify.register(fastifyCookie);
  app.useGlobalPipes(new InputPipe());
  app.useGlobalFilters(new ProblemFilter(problems, options.log, routes));
  openHealth(fastify, app.get(Registry, { strict: false }), problems);
  openProblemPages(fastify);
  for (const door of options.doors) openDocuments(app, fastify, door, options);
}

function systemPathsOf(doors: readonly DoorDescription[]): readonly string[] {
  return doors.filter(({ admits }) => admits === 'systems').map(({ name }) => `/${name}/v1/`);
}

function applyRouteFacts(fastify: FastifyInstance): void {
  fastify.addHook('onRoute', (route) => {
    const { largestBody } = (route.config ?? {}) as RouteFacts;
    if (largestBody !== undefined) route.bodyLimit = largestBody;
  });
}

function checkRequests(fastify: FastifyInstance): void {
  fastify.addHook('onRequest', (request, reply, done) => {
    const address = request.raw.url ?? '/';
    reply.headers(headersFor(address));
    if (address.length > LONGEST_ADDRESS) {
      done(new WireRefusal('ADDRESS_TOO_LONG'));
      return;
    }
    const { accept, host } = request.headers;
    // Node would refuse this by itself, but without a problem to read (RFC 9112 §3.2).
    if (host === undefined && request.raw.httpVersion === '1.1') done(new WireRefusal('REQUEST_MALFORMED'));
    else if (accept === undefined || request.is404) done();
    else if (accepts(accept, producedBy(request.routeOptions.config, address))) done();
    else done(new WireRefusal('NOT_ACCEPTABLE'));
  });
}

function producedBy(config: object, address: string): string {
  const { produces } = config as RouteFacts;
  if (produces !== undefined) return produces;
  // Sign-in redirects, documentation pages and the authorization server's own answers suit every browser and client.
  return /^\/(?:[a-z]+\/(?:docs|v1\/sign-in)|oauth|\.well-known)(?:[/?]|$)/.test(address)
    ? '*/*'
    : 'application/json';
}

function logAnswers(fastify: FastifyInstance, { log, accessLog }: DoorsOptions): void {
  fastify.addHook('onResponse', (request, reply, done) => {
    if (accessLog === 'all' || reply.statusCode >= 400) {
      // Not the raw address: the authorization server gets a shorter one.
      const [path] = request.originalUrl.split('?', 1);
      const ms = Math.round(reply.elapsedTime * 10) / 10;
      log.line('info', 'answered', { method: request.method, path, status: reply.statusCode, ms });
    }
    done();
  });
}
