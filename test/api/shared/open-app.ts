import { Module, type ModuleMetadata } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { FastifyInstance } from 'fastify';
import { exportJWK, generateKeyPair, type JWK, SignJWT } from 'jose';
import { v7 as newId } from 'uuid';
import { type Access, AccessModule } from '../../../src/access.module.js';
import { Sessions } from '../../../src/access/sign-in/sessions.js';
import { SignIn } from '../../../src/access/sign-in/sign-in.js';
import { Site } from '../../../src/access/sign-in/site.js';
import { makeAuthorizationServer } from '../../../src/access/systems/authorization-server.js';
import { mountAuthorizationServer } from '../../../src/access/systems/mount.js';
import { AccessTokens } from '../../../src/access/systems/access-token.js';
import { SystemDoor } from '../../../src/access/systems/bearer.guard.js';
import { makeDoorAdapter } from '../../../src/api/shared/adapter.js';
import { LineLog } from '../../../src/api/shared/log.js';
import type { DoorDescription } from '../../../src/api/shared/open-api.js';
import type { ProblemBody } from '../../../src/api/shared/problem.js';
import { openDoors } from '../../../src/api/shared/open-doors.js';
import { buildCore, type Core, CoreModule } from '../../../src/core.module.js';
import type { Keyring } from '../../../src/core/audit/keyring.js';
import type { Sealer } from '../../../src/core/audit/sealer.js';
import type { Scope } from '../../../src/core/client/client.js';
import type { Clock } from '../../../src/core/clock.js';
import type { Person } from '../../../src/core/person/person.js';
import type { Registry } from '../../../src/core/registry.js';
import { MemoryRegistry } from '../../memory-registry.js';
import { type DoorDocument, DocumentedDoor } from './documents.js';

/** The address under which every test app believes to be reached. */
export const PUBLIC_URL = 'https://registry.example.org';

/** The level of assurance that people sign in with. */
export const ASSURANCE = 'urn:etoegang:core:assurance-class:loa3';

/** What a test wants to know of the app it opened. */
export interface OpenedApp {
  readonly app: NestFastifyApplication;
  /** The HTTP server, for supertest. */
  readonly server: ReturnType<NestFastifyApplication['getHttpServer']>;
  readonly core: Core;
  readonly access: Access;
  readonly registry: Registry;
  readonly clock: MovableClock;
  readonly sealer: Sealer;
  readonly keyring: Keyring;
  /** Everything the process log said, line by line. */
  readonly lines: string[];
  /** A good access token of a client. */
  token(clientId: string, ...scopes: Scope[]): Promise<string>;
  /** Closes the app, and complains of every answer that was not as its door's document says. */
  close(): Promise<void>;
}

/** A clock that goes on by itself, from where a test puts it. */
export interface MovableClock extends Clock {
  moveTo(at: Date): void;
}

/** What a test may replace. */
export interface AppParts {
  readonly doors: readonly DoorDescription[];
  readonly registry?: Registry;
  readonly clock?: MovableClock;
  readonly controllers?: ModuleMetadata['controllers'];
  /** Doors made to answer what no document tells. */
  readonly isUndocumented?: boolean;
}

/** Opens doors over a registry (one in memory unless given), wired as the application wires them, with tokens made here. */
export async function openApp(parts: AppParts): Promise<OpenedApp> {
  const clock = parts.clock ?? makeClock();
  const core = buildCore({
    registry: parts.registry ?? new MemoryRegistry(clock),
    clock,
    auditKey: Buffer.alloc(32, 7),
    policy: { presumedConsent: 'allow' },
    source: 'test',
  });
  const tokens = await makeTokens(clock);
  const access = await makeAccess(core, tokens.verifier);
  const lines: string[] = [];
  const log = new LineLog({ write: (text: string) => lines.push(...text.trimEnd().split('\n')) });

  @Module({
    imports: [CoreModule.of(core), AccessModule.of(access), ...parts.doors.map(({ module }) => module)],
    controllers: parts.controllers ?? [],
  })
  class App {}

  const adapter = makeDoorAdapter({ publicUrl: PUBLIC_URL });
  const app = await NestFactory.create<NestFastifyApplication>(App, adapter, {
    logger: log,
    abortOnError: false,
  });
  const fastify = app.getHttpAdapter().getInstance();
  const judged = parts.isUndocumented ? [] : parts.doors;
  const judge = judgeAnswers(fastify, judged);
  const { issuer, resource, signingKey } = tokens;
  await openDoors(app, {
    publicUrl: PUBLIC_URL,
    operator: { name: 'Test operator', email: 'operator@example.org', url: 'https://operator.example.org' },
    doors: parts.doors,
    log,
    accessLog: 'all',
  });
  const server = { issuer, resource, signingKeys: [signingKey], registry: core.registry, clock };
  mountAuthorizationServer(fastify, makeAuthorizationServer(server));
  await app.init();
  await fastify.ready();
  await judge.begin();
  const { registry, keyring, sealer } = core;
  return {
    app,
    server: app.getHttpServer(),
    core,
    access,
    registry,
    clock,
    sealer,
    keyring,
    lines,
    token: tokens.make,
    close: async () => {
      await app.close();
      if (judge.faults.size > 0) throw new Error([...judge.faults].join('\n'));
    },
  };
}

/** Judges every answer of an app by the documents of its doors, once `begin` has read them. */
function judgeAnswers(
  fastify: FastifyInstance,
  doors: readonly DoorDescription[],
): { readonly faults: Set<string>; begin(): Promise<void> } {
  const documented: DocumentedDoor[] = [];
  const faults = new Set<string>();
  fastify.addHook('onSend', (request, reply, payload, done) => {
    const route = request.routeOptions.url;
    const type = String(reply.getHeader('content-type') ?? '').split(';', 1)[0] ?? '';
    const body =
      typeof payload === 'string' && type.endsWith('json') ? (JSON.parse(payload) as unknown) : undefined;
    if (route !== undefined && !request.is404) {
      const answer = { method: request.method, route, status: reply.statusCode, type, body };
      for (const fault of documented.flatMap((door) => door.faultsOf(answer))) faults.add(fault);
    }
    done();
  });
  const begin = async (): Promise<void> => {
    for (const { name } of doors) {
      const { body } = await fastify.inject(`/${name}/openapi.json`);
      documented.push(new DocumentedDoor(JSON.parse(body) as DoorDocument));
    }
  };
  return { faults, begin };
}

function makeClock(): MovableClock {
  let ahead = 0;
  return {
    now: () => new Date(Date.now() + ahead),
    moveTo: (at) => {
      ahead = at.getTime() - Date.now();
    },
  };
}

/** Who may come in. Identity providers are nowhere: a sign-in can be started, and then says that they are not available. */
async function makeAccess(core: Core, verifier: AccessTokens): Promise<Access> {
  const { registry, people, journal, clock } = core;
  const { privateKey } = await generateKeyPair('ES256', { extractable: true });
  const door = {
    issuer: 'http://127.0.0.1:9',
    clientId: 'test',
    clientKey: await exportJWK(privateKey),
    assurances: [ASSURANCE],
  };
  const site = new Site(PUBLIC_URL);
  const sessions = new Sessions(registry, clock);
  const doors = { citizen: door, auditor: door };
  return {
    site,
    sessions,
    signIn: new SignIn({ registry, people, journal, sessions, clock, site, doors }),
    systems: new SystemDoor(verifier),
  };
}

async function makeTokens(clock: Clock): Promise<{
  issuer: string;
  resource: string;
  signingKey: JWK;
  verifier: AccessTokens;
  make: OpenedApp['token'];
}> {
  const { privateKey, publicKey } = await generateKeyPair('ES256', { extractable: true });
  const issuer = `${PUBLIC_URL}/oauth`;
  const resource = `${PUBLIC_URL}/provider`;
  const key: JWK = { ...(await exportJWK(publicKey)), kid: 'test' };
  return {
    issuer,
    resource,
    signingKey: { ...(await exportJWK(privateKey)), kid: 'test' },
    verifier: new AccessTokens({ issuer, resource, keys: [key], clock }),
    make: (clientId, ...scopes) => {
      const now = Math.floor(clock.now().getTime() / 1000);
      return new SignJWT({ client_id: clientId, scope: scopes.join(' ') })
        .setProtectedHeader({ alg: 'ES256', typ: 'at+jwt', kid: 'test' })
        .setIssuer(issuer)
        .setAudience(resource)
        .setSubject(clientId)
        .setJti(newId())
        .setIssuedAt(now)
        .setExpirationTime(now + 300)
        .sign(privateKey);
    },
  };
}

/** Keeps an entry of a check about a person, changed after it was sealed, and gives its id. */
export async function keepBrokenEntry(
  { core: { sealer, registry, clock } }: Pick<OpenedApp, 'core'>,
  { id, auditKey }: Pick<Person, 'id' | 'auditKey'>,
): Promise<string> {
  const sealed = sealer.seal({
    kind: 'consent.checked',
    at: clock.now(),
    actor: { kind: 'client', clientId: 'client-of-test' },
    subject: { kind: 'person', personId: id, auditKey },
    outcome: 'permit',
    reasons: ['YES_ALL'],
    detail: {},
  });
  const detail = Buffer.from(sealed.detail.map((byte, place) => (place === 20 ? byte ^ 1 : byte)));
  await registry.inTransaction((records) => records.audit.append([{ ...sealed, detail }]));
  return sealed.id;
}

/** The body of a refusal as tests look at it. */
export function problemOf(answer: { readonly body: unknown }): ProblemBody {
  return answer.body as ProblemBody;
}

/** The fields that a refusal names, sorted. */
export function fieldsOf(answer: { readonly body: unknown }): readonly string[] {
  return (problemOf(answer).errors ?? []).map(({ field }) => field).sort();
}
