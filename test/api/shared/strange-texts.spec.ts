import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import request, { type Test } from 'supertest';
import { AUDITOR_DOOR } from '../../../src/api/auditor/auditor.module.js';
import { CITIZEN_DOOR } from '../../../src/api/citizen/citizen.module.js';
import { PROVIDER_DOOR } from '../../../src/api/provider/provider.module.js';
import type { Principal } from '../../../src/core/session/session.js';
import { openPostgresRegistry } from '../../../src/store/postgres.registry.js';
import { makeDatabase, type TestDatabase } from '../../database/make-database.js';
import { makeClient, makePerson, makeProvider } from '../../make.js';
import { ASSURANCE, openApp, type OpenedApp, PUBLIC_URL } from './open-app.js';

/*
 * U+0000 in the name of a care provider once made PostgreSQL refuse the search, and us answer 500. So every text that a caller can
 * send is sent here as texts that a database or a date may stumble over. None is a defect.
 */

const NO_STATE = 'a'.repeat(43);
const DETAILS = {
  displayName: 'Sam',
  email: 'sam@example.org',
  bornOn: '1980-05-17',
  language: 'en',
  termsVersion: '2026-11-01',
};
const LOOK_UP = { from: '2026-11-01T00:00:00Z', to: '2026-12-01T00:00:00Z' };
const CASE = { caseNumber: 'A-1', reason: 'Complaint about a refusal' };

let database: TestDatabase;
let registry: Awaited<ReturnType<typeof openPostgresRegistry>>;
let opened: OpenedApp;
let cookies: Record<Principal['role'], string>;
let token: string;
let check: Record<string, unknown>;

beforeAll(async () => {
  database = await makeDatabase();
  const cipher = { bsnKey: randomBytes(32), indexKey: randomBytes(32) };
  registry = await openPostgresRegistry({ url: database.url, cipher });
  opened = await openApp({ doors: [CITIZEN_DOOR, PROVIDER_DOOR, AUDITOR_DOOR], registry });
  const made = makePerson();
  const practice = makeProvider();
  const client = makeClient({ uras: [practice.ura] });
  await registry.inTransaction(async (records) => {
    await records.people.addOrFind({ ...made, auditKey: opened.keyring.newWrappedKey(made.id) });
    await records.providers.putAll([practice]);
    await records.clients.add(client);
  });
  const party = { ura: practice.ura, type: 'Z3' };
  check = { bsn: made.bsn, holder: party, requester: party, dataCategories: ['GGC002'], purpose: 'TREAT' };
  token = await opened.token(client.id, ...client.scopes);
  const signIn = async (principal: Principal): Promise<string> =>
    `__Host-session=${(await opened.access.sessions.start(principal, ASSURANCE)).secret}`;
  cookies = {
    citizen: await signIn({ role: 'citizen', personId: made.id }),
    auditor: await signIn({ role: 'auditor', subject: 'aud-1', name: 'A. de Auditor' }),
  };
}, 60_000);

afterAll(async () => {
  await opened.close();
  await registry.close();
  await database.drop();
});

type Method = 'get' | 'put' | 'post' | 'delete';

const asSystem = (method: Method, path: string): Test =>
  request(opened.server)[method](`/provider/v1${path}`).set('authorization', `Bearer ${token}`);

const asPerson = (role: Principal['role'], method: Method, path: string): Test => {
  const asked = request(opened.server)[method](`/${role}/v1${path}`).set('if-match', '"0.0.0"');
  return asked.set({ cookie: cookies[role], origin: PUBLIC_URL, 'x-requested-by': 'consent-registry' });
};

/** Every part of `whole` in turn replaced by the text. */
function eachPart(whole: Readonly<Record<string, unknown>>, text: string): readonly object[] {
  return Object.keys(whole).map((name) => ({ ...whole, [name]: text }));
}

/** In an address; half a character can only be sent as the bytes that would be its UTF-8. */
function written(text: string): string {
  return text.isWellFormed() ? encodeURIComponent(text) : '%ED%A0%80';
}

function queries(text: string): readonly Test[] {
  const ask = (path: string, names: readonly string[], send: (address: string) => Test): readonly Test[] =>
    names.map((name) => send(`${path}?${name}=${written(text)}`));
  return [
    ...ask('/providers', ['name', 'place', 'type', 'group', 'limit', 'after'], (address) =>
      asSystem('get', address),
    ),
    ...ask('/me/activity', ['kind', 'outcome', 'from', 'to', 'before', 'limit'], (address) =>
      asPerson('citizen', 'get', address),
    ),
    ...ask('/sign-in', ['returnTo', 'language'], (address) => asPerson('citizen', 'get', address)),
    ...ask('/sign-in/callback', ['state', 'code', 'error', `state=${NO_STATE}&code`], (address) =>
      asPerson('citizen', 'get', address),
    ),
  ];
}

function paths(text: string): readonly Test[] {
  const part = written(text);
  return [
    asSystem('get', `/providers/${part}`),
    asSystem('delete', `/localizations/${part}`),
    asPerson('citizen', 'get', `/me/versions/${part}`),
    asPerson('citizen', 'post', `/me/versions/${part}/restoration`),
    asPerson('citizen', 'get', `/guardian/reviews/${part}`),
    asPerson('citizen', 'post', `/guardian/reviews/${part}/decision`).send({
      decision: 'refuse',
      declaresGuardianship: true,
    }),
  ];
}

function bodies(text: string): readonly Test[] {
  const choice = { holder: text, requester: `group:${text}`, dataCategory: text, answer: text };
  const looked = { ...LOOK_UP, bsn: text, ura: text, clientId: text, outcome: text, before: text };
  const asked = { ...check, professional: { id: text, role: text, mandatedId: text } };
  return [
    ...eachPart(DETAILS, text).map((body) => asPerson('citizen', 'put', '/me/details').send(body)),
    asPerson('citizen', 'put', '/me/choices').send({ option: 'certain', choices: [choice] }),
    asPerson('citizen', 'post', '/guardian/reviews').send({ code: text, childBornOn: '2014-03-01' }),
    ...eachPart(looked, text).map((body) =>
      asPerson('auditor', 'post', '/look-ups').send({ case: CASE, ...body }),
    ),
    ...Object.keys(LOOK_UP).map((name) =>
      asPerson('auditor', 'post', '/look-ups').send({ case: CASE, ...LOOK_UP, [name]: text }),
    ),
    ...eachPart(CASE, `Complaint ${text}`).map((body) =>
      asPerson('auditor', 'post', '/look-ups').send({ ...LOOK_UP, case: body }),
    ),
    ...['/consent-checks', '/location-questions', '/localizations'].flatMap((path) =>
      eachPart({ ...asked, exchangeSystem: text }, text).map((body) => asSystem('post', path).send(body)),
    ),
  ];
}

function headers(text: string): readonly Test[] {
  const value = written(text);
  return [
    request(opened.server).get('/citizen/v1/session').set('cookie', `__Host-session=${value}`),
    request(opened.server).get('/citizen/v1/sign-in').set('cookie', `__Host-sign-in=${value}`),
    request(opened.server).get('/provider/v1/providers').set('authorization', `Bearer ${value}`),
    asSystem('post', '/consent-checks').set('traceparent', value).send(check),
    asPerson('citizen', 'put', '/me/choices').set('if-match', value).send({ option: 'all' }),
    asPerson('citizen', 'put', '/me/choices')
      .set('idempotency-key', `${value}-and-more`)
      .send({ option: 'all' }),
  ];
}

describe('a text that others stumble over', () => {
  it.each([
    ['nothing in the midst', 'a\u0000b'],
    ['half a character', '\ud800'],
    ['the last character there is', '\u{10ffff}'],
    ['a wildcard', '%'],
    ['a quotation mark', "'"],
    ['a backslash', '\\'],
    ['the year nought', '0000-01-01T00:00:00Z'],
    ['the last moment', '9999-12-31T23:59:59-14:00'],
    ['an id of noughts', '00000000-0000-0000-0000-000000000000'],
    ['a large number', '999999999'],
  ])('is no defect: %s', async (_, text) => {
    const defects: string[] = [];
    for (const asked of [...queries(text), ...paths(text), ...bodies(text), ...headers(text)]) {
      const { status } = await asked;
      if (status === 500) defects.push(`${asked.method} ${asked.url}`);
    }
    expect(defects).toEqual([]);
  });

  it('comes in by requests that are sound without it', async () => {
    const sound = [
      asSystem('post', '/consent-checks').send(check),
      asPerson('citizen', 'put', '/me/details').send(DETAILS),
      asPerson('auditor', 'post', '/look-ups').send({ ...LOOK_UP, case: CASE }),
    ];
    for (const asked of sound) expect((await asked).status).toBe(200);
  });
});
