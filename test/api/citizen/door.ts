import { Global, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { AddressInfo } from 'node:net';
import { generateKeyPairSync } from 'node:crypto';
import request, { type Test } from 'supertest';
import { v7 as newId } from 'uuid';
import { CitizenDoor, CITIZEN_DOOR } from '../../../src/api/citizen/citizen.module.js';
import { makeDoorAdapter } from '../../../src/api/shared/adapter.js';
import { LineLog } from '../../../src/api/shared/log.js';
import { openDoors } from '../../../src/api/shared/open-doors.js';
import { SESSION_COOKIE } from '../../../src/access/sign-in/cookies.js';
import { Sessions } from '../../../src/access/sign-in/sessions.js';
import { SignIn } from '../../../src/access/sign-in/sign-in.js';
import { Site } from '../../../src/access/sign-in/site.js';
import { Activity } from '../../../src/core/audit/activity.service.js';
import { Auditors } from '../../../src/core/audit/auditors.service.js';
import { Journal } from '../../../src/core/audit/journal.js';
import { Keyring } from '../../../src/core/audit/keyring.js';
import { Sealer } from '../../../src/core/audit/sealer.js';
import type { Client } from '../../../src/core/client/client.js';
import { Previews } from '../../../src/core/decision/previews.service.js';
import { Consents } from '../../../src/core/consent/consent.service.js';
import { Decisions } from '../../../src/core/decision/decisions.service.js';
import type { RulePolicy } from '../../../src/core/decision/rule.js';
import { Guardianship } from '../../../src/core/guardianship/guardianship.service.js';
import { Localizations } from '../../../src/core/localization/localizations.service.js';
import { type Day, parseDay } from '../../../src/core/person/age.js';
import { People } from '../../../src/core/person/people.service.js';
import type { Person } from '../../../src/core/person/person.js';
import type { Provider } from '../../../src/core/provider/provider.js';
import { Registry } from '../../../src/core/registry.js';
import { makeAccount, makeClient, makePerson, makeProvider } from '../../make.js';
import { MemoryRegistry } from '../../memory-registry.js';

/** Where the door thinks it is. */
export const PUBLIC_URL = 'https://registry.example';

const POLICY: RulePolicy = { presumedConsent: 'allow' };
const ASSURANCE = 'urn:etoegang:core:assurance-class:loa3';

/** A clock that a test moves. */
export class TestClock {
  private at = new Date('2026-11-21T10:00:00.000Z');

  now(): Date {
    return this.at;
  }

  moveTo(moment: string): void {
    this.at = new Date(moment);
  }

  forward(ms: number): void {
    this.at = new Date(this.at.getTime() + ms);
  }
}

/** The citizen door, open, over a registry of its own. */
export interface OpenedDoor {
  readonly app: NestFastifyApplication;
  readonly registry: Registry;
  readonly clock: TestClock;
  readonly sessions: Sessions;
  readonly consents: Consents;
  readonly decisions: Decisions;
  readonly localizations: Localizations;
  readonly auditors: Auditors;
  /** What the process logged. */
  readonly logged: readonly string[];
  addPerson(given?: Partial<Person>): Promise<Person>;
  addProvider(given?: Partial<Provider>): Promise<Provider>;
  addClient(given?: Partial<Client>): Promise<Client>;
  /** A browser in which this person is signed in. */
  signIn(person: Pick<Person, 'id'>): Promise<Browser>;
  /** A browser in which nobody is signed in. */
  browser(): Browser;
  /** A browser that sends this secret in its session cookie. */
  browserWith(secret: string | undefined): Browser;
  close(): Promise<void>;
}

/** A browser with its session cookie, sending what our web client sends. */
export class Browser {
  constructor(
    private readonly address: string,
    readonly cookie?: string,
  ) {}

  get(path: string): Test {
    return this.withCookie(request(this.address).get(`/citizen/v1${path}`));
  }

  put(path: string, body?: object): Test {
    return this.change(request(this.address).put(`/citizen/v1${path}`), body);
  }

  post(path: string, body?: object): Test {
    return this.change(request(this.address).post(`/citizen/v1${path}`), body);
  }

  delete(path: string): Test {
    return this.change(request(this.address).delete(`/citizen/v1${path}`));
  }

  /** Saves choices over what is there now, whatever that is. */
  async choose(draft: object): Promise<request.Response> {
    const { headers } = await this.get('/me/choices').expect(200);
    return this.put('/me/choices', draft).set('If-Match', headers['etag'] as string);
  }

  private withCookie(test: Test): Test {
    return this.cookie === undefined ? test : test.set('Cookie', `${SESSION_COOKIE}=${this.cookie}`);
  }

  private change(test: Test, body?: object): Test {
    const sent = this.withCookie(test).set('X-Requested-By', 'consent-registry');
    return body === undefined ? sent : sent.send(body);
  }
}

/** Opens the citizen door over the registry, or over a fresh one in memory. */
export async function openCitizenDoor(given?: Registry): Promise<OpenedDoor> {
  const clock = new TestClock();
  const registry = given ?? new MemoryRegistry(clock);
  const keyring = new Keyring(Buffer.alloc(32, 7));
  const sealer = new Sealer(keyring, newId, 'test');
  const journal = new Journal(sealer, clock, newId);
  const people = new People(registry, journal, keyring, clock, newId);
  const sessions = new Sessions(registry, clock);
  const consents = new Consents(registry, journal, clock);
  const site = new Site(PUBLIC_URL);
  const localizations = new Localizations(registry, journal, people, clock, newId);
  const guardianship = new Guardianship(registry, journal, clock, newId);
  const activity = new Activity(registry, sealer, clock);
  const signIn = makeSignIn({ registry, people, journal, sessions, clock, site });

  const parts = [
    { provide: Registry, useValue: registry },
    { provide: People, useValue: people },
    { provide: Consents, useValue: consents },
    { provide: Previews, useValue: new Previews(registry, POLICY) },
    { provide: Localizations, useValue: localizations },
    { provide: Guardianship, useValue: guardianship },
    { provide: Activity, useValue: activity },
    { provide: Sessions, useValue: sessions },
    { provide: SignIn, useValue: signIn },
    { provide: Site, useValue: site },
  ];

  @Global()
  @Module({ providers: parts, exports: parts.map(({ provide }) => provide) })
  class Core {}

  @Module({ imports: [Core, CitizenDoor] })
  class App {}

  const logged: string[] = [];
  const log = new LineLog({ write: (text: string) => logged.push(text) });
  const app = await NestFactory.create<NestFastifyApplication>(
    App,
    makeDoorAdapter({ publicUrl: PUBLIC_URL }),
    { logger: log },
  );
  const operator = { name: 'Test', email: 'test@example.org', url: 'https://operator.example' };
  await openDoors(app, { publicUrl: PUBLIC_URL, operator, doors: [CITIZEN_DOOR], log, accessLog: 'all' });
  await app.listen(0, '127.0.0.1');
  const { port } = app.getHttpServer().address() as AddressInfo;
  const address = `http://127.0.0.1:${port}`;

  return {
    app,
    registry,
    clock,
    sessions,
    consents,
    decisions: new Decisions(registry, sealer, clock, POLICY),
    localizations,
    auditors: new Auditors(registry, sealer, journal, clock),
    logged,
    addPerson: async (wanted = {}) => {
      const id = wanted.id ?? newId();
      const person = makePerson({ id, auditKey: keyring.newWrappedKey(id), ...wanted });
      await registry.inTransaction((records) => records.people.addOrFind(person));
      return person;
    },
    addProvider: async (wanted) => {
      const provider = makeProvider(wanted);
      await registry.inTransaction((records) => records.providers.putAll([provider]));
      return provider;
    },
    addClient: async (wanted) => {
      const client = makeClient(wanted);
      await registry.inTransaction((records) => records.clients.add(client));
      return client;
    },
    signIn: async ({ id }) => {
      const { secret } = await sessions.start({ role: 'citizen', personId: id }, ASSURANCE);
      return new Browser(address, secret);
    },
    browser: () => new Browser(address),
    browserWith: (secret) => new Browser(address, secret),
    close: () => app.close(),
  };
}

/** A child of 14 on the test clock, with a name of its own. */
export function childOf14(): Partial<Person> {
  return { bornOn: day('2012-03-01'), account: makeAccount({ displayName: 'Sam van Veertien' }) };
}

/** A calendar day. */
export function day(text: string): Day {
  return parseDay(text);
}

/** A sign-in whose identity providers are nowhere: it can be started, and then says that they are not available. */
function makeSignIn(parts: Omit<ConstructorParameters<typeof SignIn>[0], 'doors'>): SignIn {
  const clientKey = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey.export({ format: 'jwk' });
  const door = {
    issuer: 'http://127.0.0.1:9',
    clientId: 'test',
    clientKey: { kty: 'EC', ...clientKey },
    assurances: [ASSURANCE],
  };
  return new SignIn({ ...parts, doors: { citizen: door, auditor: door } });
}
