import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { AddressInfo } from 'node:net';
import request, { type Test } from 'supertest';
import { v7 as newId } from 'uuid';
import { SESSION_COOKIE } from '../../../src/access/sign-in/cookies.js';
import type { Sessions } from '../../../src/access/sign-in/sessions.js';
import { CITIZEN_DOOR } from '../../../src/api/citizen/citizen.module.js';
import type { Core } from '../../../src/core.module.js';
import type { Auditors } from '../../../src/core/audit/auditors.service.js';
import type { Client } from '../../../src/core/client/client.js';
import type { Consents } from '../../../src/core/consent/consent.service.js';
import type { Decisions } from '../../../src/core/decision/decisions.service.js';
import type { Localizations } from '../../../src/core/localization/localizations.service.js';
import { type Day, parseDay } from '../../../src/core/person/age.js';
import type { Person } from '../../../src/core/person/person.js';
import type { Provider } from '../../../src/core/provider/provider.js';
import type { Registry } from '../../../src/core/registry.js';
import { makeAccount, makeClient, makePerson, makeProvider } from '../../make.js';
import { ASSURANCE, openApp } from '../shared/open-app.js';

export { PUBLIC_URL } from '../shared/open-app.js';

/** A clock that a test moves. */
export class TestClock {
  private at = new Date('2026-11-21T10:00:00.000Z');

  now(): Date {
    return this.at;
  }

  moveTo(moment: string | Date): void {
    this.at = new Date(moment);
  }

  forward(ms: number): void {
    this.at = new Date(this.at.getTime() + ms);
  }
}

/** The citizen door, open, over a registry of its own. */
export interface OpenedDoor {
  readonly app: NestFastifyApplication;
  readonly core: Core;
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
  const opened = await openApp({ doors: [CITIZEN_DOOR], clock, ...(given && { registry: given }) });
  const { app, core, registry, keyring } = opened;
  const { consents, decisions, localizations, auditors } = core;
  const { sessions } = opened.access;
  await app.listen(0, '127.0.0.1');
  const { port } = opened.server.address() as AddressInfo;
  const address = `http://127.0.0.1:${port}`;

  return {
    app,
    core,
    registry,
    clock,
    sessions,
    consents,
    decisions,
    localizations,
    auditors,
    logged: opened.lines,
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
    close: () => opened.close(),
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
