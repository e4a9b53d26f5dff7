import { Global, Module, type ModuleMetadata, type Provider, type Type } from '@nestjs/common';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { Test } from '@nestjs/testing';
import { exportJWK, generateKeyPair, type JWK, SignJWT } from 'jose';
import { v7 as newId } from 'uuid';
import { Sessions } from '../../../src/access/sign-in/sessions.js';
import { SignIn } from '../../../src/access/sign-in/sign-in.js';
import { Site } from '../../../src/access/sign-in/site.js';
import { AccessTokens } from '../../../src/access/systems/access-token.js';
import { SystemDoor } from '../../../src/access/systems/bearer.guard.js';
import { makeDoorAdapter } from '../../../src/api/shared/adapter.js';
import { LineLog } from '../../../src/api/shared/log.js';
import type { DoorDescription } from '../../../src/api/shared/open-api.js';
import type { ProblemBody } from '../../../src/api/shared/problem.js';
import { openDoors } from '../../../src/api/shared/open-doors.js';
import { buildCore, type Core } from '../../../src/core.module.js';
import { Activity } from '../../../src/core/audit/activity.service.js';
import { Auditors } from '../../../src/core/audit/auditors.service.js';
import type { Keyring } from '../../../src/core/audit/keyring.js';
import type { Sealer } from '../../../src/core/audit/sealer.js';
import type { Scope } from '../../../src/core/client/client.js';
import { Previews } from '../../../src/core/decision/previews.service.js';
import { Consents } from '../../../src/core/consent/consent.service.js';
import { Decisions } from '../../../src/core/decision/decisions.service.js';
import { Guardianship } from '../../../src/core/guardianship/guardianship.service.js';
import { Localizations } from '../../../src/core/localization/localizations.service.js';
import { People } from '../../../src/core/person/people.service.js';
import { Registry } from '../../../src/core/registry.js';
import { MemoryRegistry } from '../../memory-registry.js';

/** The address under which every test app believes to be reached. */
export const PUBLIC_URL = 'https://registry.example.org';

/** What a test wants to know of the app it opened. */
export interface OpenedApp {
  readonly app: NestFastifyApplication;
  /** The HTTP server, for supertest. */
  readonly server: ReturnType<NestFastifyApplication['getHttpServer']>;
  readonly registry: Registry;
  readonly clock: { now(): Date; moveTo(at: Date): void };
  readonly sealer: Sealer;
  readonly keyring: Keyring;
  /** Everything the process log said, line by line. */
  readonly lines: string[];
  /** A good access token of a client. */
  token(clientId: string, ...scopes: Scope[]): Promise<string>;
  close(): Promise<void>;
}

/** What a test may replace. */
export interface AppParts {
  readonly doors: readonly DoorDescription[];
  readonly registry?: Registry;
  readonly providers?: readonly Provider[];
  readonly controllers?: ModuleMetadata['controllers'];
}

/** Opens doors over a registry (one in memory unless given), with everything real behind them but the clock. */
export async function openApp(parts: AppParts): Promise<OpenedApp> {
  const registry = parts.registry ?? new MemoryRegistry();
  const clock = makeClock();
  const built = buildCore({
    registry,
    clock,
    auditKey: Buffer.alloc(32, 7),
    policy: { presumedConsent: 'allow' },
    source: 'test',
  });
  const { keyring, sealer } = built;
  const tokens = await makeTokens(clock);
  const lines: string[] = [];
  const log = new LineLog({ write: (text: string) => lines.push(...text.trimEnd().split('\n')) });
  const core = coreForTests([
    ...behindTheDoors(built),
    { provide: SystemDoor, useValue: new SystemDoor(tokens.verifier) },
    ...(parts.providers ?? []),
  ]);
  const testing = await Test.createTestingModule({
    imports: [core, ...parts.doors.map(({ module }) => module)],
    controllers: parts.controllers ?? [],
  }).compile();
  const app = testing.createNestApplication<NestFastifyApplication>(
    makeDoorAdapter({ publicUrl: PUBLIC_URL }),
    {
      logger: log,
    },
  );
  await openDoors(app, {
    publicUrl: PUBLIC_URL,
    operator: { name: 'Test operator', email: 'operator@example.org', url: 'https://operator.example.org' },
    doors: parts.doors,
    log,
    accessLog: 'all',
  });
  await app.init();
  await app.getHttpAdapter().getInstance().ready();
  return {
    app,
    server: app.getHttpServer(),
    registry,
    clock,
    sealer,
    keyring,
    lines,
    token: tokens.make,
    close: () => app.close(),
  };
}

function makeClock(): OpenedApp['clock'] {
  let ahead = 0;
  return {
    now: () => new Date(Date.now() + ahead),
    moveTo: (at) => {
      ahead = at.getTime() - Date.now();
    },
  };
}

async function makeTokens(clock: OpenedApp['clock']): Promise<{
  verifier: AccessTokens;
  make: OpenedApp['token'];
}> {
  const { privateKey, publicKey } = await generateKeyPair('ES256', { extractable: true });
  const issuer = `${PUBLIC_URL}/oauth`;
  const resource = `${PUBLIC_URL}/provider`;
  const key: JWK = { ...(await exportJWK(publicKey)), kid: 'test' };
  return {
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

/** What the doors find behind them: the core as the application wires it, and sessions. */
function behindTheDoors(core: Core): Provider[] {
  const services: readonly (readonly [abstract new (...parts: never[]) => unknown, unknown])[] = [
    [Registry, core.registry],
    [People, core.people],
    [Consents, core.consents],
    [Previews, core.previews],
    [Decisions, core.decisions],
    [Guardianship, core.guardianship],
    [Localizations, core.localizations],
    [Activity, core.activity],
    [Auditors, core.auditors],
    [Sessions, new Sessions(core.registry, core.clock)],
    [Site, new Site(PUBLIC_URL)],
    // Signing in itself has its own tests; here sessions are started directly.
    [SignIn, {}],
  ];
  return services.map(([token, value]) => ({ provide: token, useValue: value }));
}

function coreForTests(providers: Provider[]): Type {
  @Global()
  @Module({ providers, exports: providers.map((one) => (one as { provide: Type }).provide) })
  class CoreForTests {}
  return CoreForTests;
}

/** The body of a refusal as tests look at it. */
export function problemOf(answer: { readonly body: unknown }): ProblemBody {
  return answer.body as ProblemBody;
}

/** The fields that a refusal names, sorted. */
export function fieldsOf(answer: { readonly body: unknown }): readonly string[] {
  return (problemOf(answer).errors ?? []).map(({ field }) => field).sort();
}
