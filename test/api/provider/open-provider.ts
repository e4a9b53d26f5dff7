import request from 'supertest';
import { PROVIDER_DOOR } from '../../../src/api/provider/provider.module.js';
import type { Client, Scope } from '../../../src/core/client/client.js';
import type { Choice } from '../../../src/core/consent/choices.js';
import type { Person } from '../../../src/core/person/person.js';
import type { Provider } from '../../../src/core/provider/provider.js';
import type { Registry } from '../../../src/core/registry.js';
import { makeClient, makePerson, makeProvider, makeVersion } from '../../make.js';
import { openApp, type OpenedApp } from '../shared/open-app.js';

/** The provider door over a small world: a GP practice with its system, a hospital with its own, and one person. */
export interface ProviderWorld extends OpenedApp {
  readonly gp: Provider;
  readonly hospital: Provider;
  readonly gpSystem: Client;
  readonly hospitalSystem: Client;
  readonly person: Person;
  /** Asks with a good token of the system, unless another one is given (null: none at all). */
  post(path: string, body: unknown, as?: Client, token?: string | null): Promise<request.Response>;
  get(path: string, as?: Client, token?: string | null): Promise<request.Response>;
  del(path: string, as?: Client, token?: string | null): Promise<request.Response>;
  /** A token of a system with scopes it may not need here. */
  tokenFor(client: Client, ...scopes: Scope[]): Promise<string>;
  /** Keeps a person with these choices in force. */
  personWith(choices: readonly Choice[]): Promise<Person>;
  /** Ends the registration of a system. */
  revoke(client: Client): Promise<void>;
  /** How many entries the log has. */
  countEntries(): Promise<number>;
  /** The kinds of the entries about a person, newest first. */
  kindsAbout(person: Person): Promise<readonly string[]>;
}

/** Opens the provider door; over memory unless given a registry. */
export async function openProvider(registry?: Registry): Promise<ProviderWorld> {
  const opened = await openApp({ doors: [PROVIDER_DOOR], ...(registry && { registry }) });
  const gp = makeProvider();
  const hospital = makeProvider({ name: 'Ziekenhuis De Brug', place: 'Utrecht', types: ['V4'] });
  const gpSystem = makeClient({ uras: [gp.ura] });
  const hospitalSystem = makeClient({ uras: [hospital.ura] });
  const keep = async (choices: readonly Choice[]): Promise<Person> => {
    const made = makePerson();
    const person = { ...made, auditKey: opened.keyring.newWrappedKey(made.id) };
    await opened.registry.inTransaction(async (records) => {
      await records.people.addOrFind(person);
      if (choices.length > 0) await records.consents.add(makeVersion({ personId: person.id, choices }));
    });
    return person;
  };
  await opened.registry.inTransaction(async (records) => {
    await records.providers.putAll([gp, hospital]);
    await records.clients.add(gpSystem);
    await records.clients.add(hospitalSystem);
  });
  const send = async (asked: request.Test, as: Client, token?: string | null): Promise<request.Response> => {
    if (token === null) return asked;
    return asked.set('authorization', `Bearer ${token ?? (await opened.token(as.id, ...as.scopes))}`);
  };
  return {
    ...opened,
    gp,
    hospital,
    gpSystem,
    hospitalSystem,
    person: await keep([{ holder: 'all', requester: 'all', dataCategory: 'all', answer: 'yes' }]),
    post: (path, body, as = gpSystem, token) =>
      send(
        request(opened.server)
          .post(`/provider/v1${path}`)
          .send(body as object),
        as,
        token,
      ),
    get: (path, as = gpSystem, token) => send(request(opened.server).get(`/provider/v1${path}`), as, token),
    del: (path, as = gpSystem, token) =>
      send(request(opened.server).delete(`/provider/v1${path}`), as, token),
    tokenFor: (client, ...scopes) => opened.token(client.id, ...scopes),
    personWith: keep,
    revoke: (client) =>
      opened.registry.inTransaction(async (records) => {
        await records.clients.revoke(client.id, new Date());
      }),
    kindsAbout: async ({ id }) =>
      (await opened.core.activity.of(id, { limit: 100 })).entries.map(({ kind }) => kind),
    countEntries: () =>
      opened.registry.asAuditor(async (audit) => {
        const from = new Date(0);
        const to = new Date(Date.now() + 60_000);
        return (await audit.search({ from, to, limit: 10_000 })).length;
      }),
  };
}

/** A closed question of the GP's system about a person, toward the hospital. */
export function makeCheck(world: ProviderWorld, given: object = {}): Record<string, unknown> {
  return {
    bsn: world.person.bsn,
    holder: { ura: world.gp.ura, type: 'Z3' },
    requester: { ura: world.hospital.ura, type: 'V4' },
    dataCategories: ['GGC002'],
    purpose: 'TREAT',
    ...given,
  };
}
