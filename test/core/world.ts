import { randomBytes } from 'node:crypto';
import { v7 as uuidv7 } from 'uuid';
import { buildCore, type Core } from '../../src/core.module.js';
import type { Client } from '../../src/core/client/client.js';
import type { Draft } from '../../src/core/consent/choices.js';
import { tagOf } from '../../src/core/consent/profile.js';
import type { RulePolicy } from '../../src/core/decision/rule.js';
import type { Asker, ClosedQuestion } from '../../src/core/decision/question.js';
import { type FailureCode, Failure } from '../../src/core/failure.js';
import { parseDay } from '../../src/core/person/age.js';
import type { Person } from '../../src/core/person/person.js';
import type { Party, Provider } from '../../src/core/provider/provider.js';
import type { Registry } from '../../src/core/registry.js';
import { makeClient, makePerson, makeProvider } from '../make.js';
import { MemoryRegistry } from '../memory-registry.js';

/** A clock that stands still until it is moved. */
export class MovedClock {
  constructor(private at = new Date('2026-11-21T12:00:00Z')) {}

  now(): Date {
    return new Date(this.at);
  }

  moveTo(at: string | Date): void {
    this.at = new Date(at);
  }

  pass(milliseconds: number): void {
    this.at = new Date(this.at.getTime() + milliseconds);
  }
}

/** A small registry with a GP, a hospital and a pharmacy, and the systems that act for them. */
export interface World extends Core {
  readonly clock: MovedClock;
  readonly gp: Party;
  readonly hospital: Party;
  readonly pharmacy: Party;
  readonly gpSystem: Asker;
  readonly hospitalSystem: Asker;
  /** Adds a person with an account; `bornOn` as given, an adult otherwise. */
  addPerson(given?: { bornOn?: string } & Partial<Omit<Person, 'bornOn'>>): Promise<Person>;
  /** Saves choices as the person would, on the newest tag. */
  choose(person: Person, draft: Draft): Promise<void>;
  /** Whether the GP may share treatment data with the hospital. */
  check(person: Pick<Person, 'bsn'>, given?: Partial<ClosedQuestion>): Promise<'permit' | 'deny'>;
}

/** The three options in short. */
export const ALL: Draft = { option: 'all', choices: [] };
export const NONE: Draft = { option: 'none', choices: [] };

/** Builds the world on a registry: the memory one, with the world's own clock, unless told otherwise. */
export async function makeWorld(
  given?: Registry,
  policy: RulePolicy = { presumedConsent: 'allow' },
): Promise<World> {
  const clock = new MovedClock();
  const registry = given ?? new MemoryRegistry(clock);
  const core = buildCore({ registry, policy, clock, auditKey: randomBytes(32), source: 'test' });
  const providers: Provider[] = [
    makeProvider({ types: ['Z3'], name: 'Huisartsenpraktijk De Linde' }),
    makeProvider({ types: ['V6'], name: 'Streekziekenhuis Oost' }),
    makeProvider({ types: ['J8'], name: 'Apotheek Zuid' }),
  ];
  const [gp, hospital, pharmacy] = providers.map(({ ura, types }) => ({ ura, type: types[0] }) as Party) as [
    Party,
    Party,
    Party,
  ];
  const systems: Client[] = [makeClient({ uras: [gp.ura] }), makeClient({ uras: [hospital.ura] })];
  await registry.inTransaction(async (records) => {
    await records.providers.putAll(providers);
    for (const system of systems) await records.clients.add(system);
  });
  const [gpSystem, hospitalSystem] = systems.map(({ id }) => ({ clientId: id })) as [Asker, Asker];
  return {
    ...core,
    clock,
    gp,
    hospital,
    pharmacy,
    gpSystem,
    hospitalSystem,
    async addPerson({ bornOn = '1980-05-17', ...given } = {}) {
      const id = uuidv7();
      const auditKey = core.keyring.newWrappedKey(id);
      const person = makePerson({ id, auditKey, bornOn: parseDay(bornOn), ...given });
      await registry.inTransaction(async (records) => {
        await records.people.addOrFind(person);
        await records.people.update(person);
      });
      return person;
    },
    async choose(person, draft) {
      const ifMatch = tagOf(await core.consents.read(person.id));
      await core.consents.save(person.id, { draft, ifMatch, idempotencyKey: undefined });
    },
    async check({ bsn }, given = {}) {
      const question: ClosedQuestion = {
        bsn,
        holder: gp,
        requester: hospital,
        dataCategories: ['GGC002'],
        purpose: 'TREAT',
        ...given,
      };
      const { results } = await core.decisions.answerClosed(gpSystem, question);
      const [result] = results;
      if (!result) throw new Error('no result');
      return result.decision;
    },
  };
}

/** The code of the Failure that an act is refused with. Anything else that happens fails the test. */
export async function refusalOf(act: Promise<unknown>): Promise<FailureCode> {
  try {
    await act;
  } catch (error) {
    if (error instanceof Failure) return error.code;
    throw error;
  }
  throw new Error('the act was expected to be refused and was not');
}
