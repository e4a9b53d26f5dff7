import { randomBytes } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import fastifyCookie from '@fastify/cookie';
import {
  type ArgumentsHost,
  Catch,
  Controller,
  Delete,
  type ExceptionFilter,
  Get,
  Logger,
  type LoggerService,
  Module,
  Patch,
  Post,
  Put,
  Req,
  Res,
  UseGuards,
} from '@nestjs/common';
import { APP_FILTER, NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { exportJWK, generateKeyPair, type JWK } from 'jose';
import { clearSessionCookie, sessionSecretOf } from '../../../src/access/sign-in/cookies.js';
import { CsrfGuard } from '../../../src/access/sign-in/csrf.guard.js';
import { type DoorSettings, type Role, SignIn } from '../../../src/access/sign-in/sign-in.js';
import {
  AuditorSignInController,
  CitizenSignInController,
} from '../../../src/access/sign-in/sign-in.controller.js';
import {
  AuditorGuard,
  CitizenGuard,
  principalOf,
  type SignedInAsAuditor,
  type SignedInAsCitizen,
  SignedInAuditor,
  SignedInCitizen,
} from '../../../src/access/sign-in/signed-in.guard.js';
import { Sessions } from '../../../src/access/sign-in/sessions.js';
import { Site } from '../../../src/access/sign-in/site.js';
import type { OpenedEntry } from '../../../src/core/audit/entry.js';
import type { Clock } from '../../../src/core/clock.js';
import { Failure } from '../../../src/core/failure.js';
import { buildCore, type Core } from '../../../src/core.module.js';
import { DEFAULT_LEVEL } from '../../../src/demo/identity-provider.js';
import { MemoryRegistry } from '../../memory-registry.js';

/** A clock that a test moves on. It runs as the real one does, because identity providers go by that. */
export class MovedClock implements Clock {
  private ahead = 0;

  now(): Date {
    return new Date(Date.now() + this.ahead);
  }

  advance(milliseconds: number): void {
    this.ahead += milliseconds;
  }
}

/** A key pair of one client. */
export interface KeyPair {
  readonly privateKey: JWK;
  readonly publicKey: JWK;
}

/** A fresh ES256 key pair as JSON Web Keys. */
export async function makeKeyPair(): Promise<KeyPair> {
  const pair = await generateKeyPair('ES256', { extractable: true });
  const [privateKey, publicKey] = await Promise.all([exportJWK(pair.privateKey), exportJWK(pair.publicKey)]);
  const name = { kid: randomBytes(6).toString('hex'), alg: 'ES256' };
  return { privateKey: { ...privateKey, ...name }, publicKey: { ...publicKey, ...name } };
}

/** A port that was free a moment ago. */
export function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address() as AddressInfo;
      server.close(() => resolve(port));
    });
  });
}

/** A door's settings with the demo's level of assurance and the one above. */
export function makeDoorSettings(
  given: Partial<DoorSettings> & Pick<DoorSettings, 'clientKey'>,
): DoorSettings {
  return {
    issuer: 'http://localhost:9',
    clientId: 'registry',
    assurances: [DEFAULT_LEVEL, 'urn:etoegang:core:assurance-class:loa4'],
    ...given,
  };
}

/** What one installation has in common, however many instances run. */
export interface Installation {
  readonly registry: MemoryRegistry;
  readonly clock: MovedClock;
  readonly core: Core;
}

/** An installation with an empty registry in memory. */
export function makeInstallation(): Installation {
  const clock = new MovedClock();
  const registry = new MemoryRegistry(clock);
  const core = buildCore({
    registry,
    clock,
    auditKey: randomBytes(32),
    policy: { presumedConsent: 'allow' },
    source: 'test',
  });
  return { registry, clock, core };
}

/** Everything the log holds, opened, newest first. */
export async function entriesOf({ registry, core }: Installation): Promise<readonly OpenedEntry[]> {
  const sealed = await registry.asAuditor((audit) =>
    audit.search({ from: new Date(0), to: new Date(8.64e15), limit: 1_000 }),
  );
  const opened = await registry.inSnapshot((records) =>
    Promise.all(
      sealed.map(async (entry) => {
        const subject = core.sealer.subjectOf(entry);
        const person = subject.kind === 'person' ? await records.people.find(subject.personId) : undefined;
        return core.sealer.open(entry, () => person?.auditKey);
      }),
    ),
  );
  return opened.filter((entry) => entry !== undefined);
}

@Controller('citizen/v1')
class CitizenTestController {
  constructor(private readonly sessions: Sessions) {}

  @Get('who')
  @UseGuards(CsrfGuard, CitizenGuard)
  who(@SignedInCitizen() { personId, session }: SignedInAsCitizen, @Req() request: FastifyRequest): object {
    return { personId, assurance: session.assurance, principal: principalOf(request) };
  }

  @Post('change')
  @UseGuards(CsrfGuard, CitizenGuard)
  post(): object {
    return { changed: true };
  }

  @Put('change')
  @UseGuards(CsrfGuard, CitizenGuard)
  put(): object {
    return { changed: true };
  }

  @Patch('change')
  @UseGuards(CsrfGuard, CitizenGuard)
  patch(): object {
    return { changed: true };
  }

  @Get('unguarded')
  unguarded(@SignedInCitizen() signedIn: SignedInAsCitizen): object {
    return signedIn;
  }

  @Delete('session')
  @UseGuards(CsrfGuard)
  async leave(
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<object> {
    await this.sessions.end(sessionSecretOf(request));
    clearSessionCookie(reply);
    return {};
  }
}

@Controller('auditor/v1')
class AuditorTestController {
  @Get('who')
  @UseGuards(AuditorGuard)
  who(@SignedInAuditor() { subject, name }: SignedInAsAuditor): object {
    return { subject, name };
  }
}

/** Says only the code and the sentence, as the real doors do in their own shape. */
@Catch(Failure)
class FailureFilter implements ExceptionFilter<Failure> {
  catch({ code, message }: Failure, host: ArgumentsHost): void {
    void host.switchToHttp().getResponse<FastifyReply>().status(403).send({ code, detail: message });
  }
}

@Module({})
class DoorModule {}

/** One running instance of the registry's sign-in. */
export interface Door {
  readonly url: string;
  readonly app: NestFastifyApplication;
  readonly sessions: Sessions;
  stop(): Promise<void>;
}

/** Starts an instance on a port, or for `inject` alone when no port is given. */
export async function openDoor(
  { registry, clock, core }: Installation,
  { doors, port }: { doors: Readonly<Record<Role, DoorSettings>>; port?: number },
): Promise<Door> {
  const url = `http://localhost:${port ?? 3000}`;
  const site = new Site(url);
  const sessions = new Sessions(registry, clock);
  const { people, journal } = core;
  const signIn = new SignIn({ registry, people, journal, sessions, clock, site, doors });
  const module = {
    module: DoorModule,
    controllers: [
      CitizenSignInController,
      AuditorSignInController,
      CitizenTestController,
      AuditorTestController,
    ],
    providers: [
      { provide: SignIn, useValue: signIn },
      { provide: Sessions, useValue: sessions },
      { provide: Site, useValue: site },
      { provide: APP_FILTER, useClass: FailureFilter },
    ],
  };
  const app = await NestFactory.create<NestFastifyApplication>(module, new FastifyAdapter(), {
    logger: false,
  });
  await app.register(fastifyCookie);
  if (port === undefined) await app.init();
  else await app.listen(port, '127.0.0.1');
  return { url, app, sessions, stop: () => app.close() };
}

/** What the operator's log got to read. */
export class Reading implements LoggerService {
  readonly lines: string[] = [];

  log(...line: unknown[]): void {
    this.lines.push(line.map(String).join(' '));
  }
  warn(...line: unknown[]): void {
    this.log(...line);
  }
  error(...line: unknown[]): void {
    this.log(...line);
  }

  /** Makes all of Nest's loggers write here. */
  start(): this {
    Logger.overrideLogger(this);
    return this;
  }
}

/** What a browser shows of an answer. */
export interface Seen {
  readonly status: number;
  readonly location: string | null;
  readonly headers: Headers;
  readonly text: string;
  readonly body: { code?: string; detail?: string; personId?: string; name?: string };
}

/** A browser as far as sign-in goes: it keeps cookies, and follows a redirect only when told. */
export class Browser {
  readonly cookies = new Map<string, string>();

  constructor(private readonly site: string) {}

  async go(address: string, how: RequestInit = {}): Promise<Seen> {
    const cookie = [...this.cookies].map(([name, value]) => `${name}=${value}`).join('; ');
    const answer = await fetch(new URL(address, this.site), {
      ...how,
      redirect: 'manual',
      headers: { ...(how.headers as Record<string, string> | undefined), cookie },
    });
    for (const line of answer.headers.getSetCookie()) this.keep(line);
    const text = await answer.text();
    const json = answer.headers.get('content-type')?.startsWith('application/json') ?? false;
    return {
      status: answer.status,
      location: answer.headers.get('location'),
      headers: answer.headers,
      text,
      body: json ? (JSON.parse(text) as Seen['body']) : {},
    };
  }

  get session(): string | undefined {
    return this.cookies.get('__Host-session');
  }

  private keep(line: string): void {
    const [pair = ''] = line.split(';', 1);
    const name = pair.slice(0, pair.indexOf('='));
    const value = pair.slice(name.length + 1);
    if (value === '') this.cookies.delete(name);
    else this.cookies.set(name, value);
  }
}
