import { randomBytes } from 'node:crypto';
import { beforeEach, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { Batches } from '../../src/core/decision/batches.js';
import type { ClosedQuestion } from '../../src/core/decision/question.js';
import type { Person } from '../../src/core/person/person.js';
import { DATA_CATEGORY_CODES } from '../../src/core/provider/catalogue.js';
import { MemoryRegistry } from '../memory-registry.js';
import { makeBsn, makeUra } from '../make.js';
import { ALL, makeWorld, NONE, refusalOf, type World } from './world.js';

describe('the closed question', () => {
  let world: World;
  let person: Person;

  beforeEach(async () => {
    world = await makeWorld();
    person = await world.addPerson();
  });

  const question = (given: Partial<ClosedQuestion> = {}): ClosedQuestion => ({
    bsn: person.bsn,
    holder: world.gp,
    requester: world.hospital,
    dataCategories: ['GGC002'],
    purpose: 'TREAT',
    ...given,
  });

  it('answers no, never chose, unknown person and unknown requester with the very same result', async () => {
    const none = await world.addPerson();
    await world.choose(none, NONE);
    await world.choose(person, ALL);
    const ask = (given: Partial<ClosedQuestion>) =>
      world.decisions.answerClosed(world.gpSystem, question(given));
    const answers = [
      await ask({ bsn: none.bsn }),
      await ask({ bsn: (await world.addPerson()).bsn }),
      await ask({ bsn: makeBsn() }),
      await ask({ requester: { ura: makeUra(), type: 'V6' } }),
    ];
    const shapes = answers.map((answer) => JSON.stringify({ ...answer, entryId: '', leafHash: '' }));
    expect(new Set(shapes).size).toBe(1);
    expect(answers[0]?.results).toEqual([{ dataCategory: 'GGC002', decision: 'deny' }]);
  });

  it('in a batch gives what the single questions give, in the same order', async () => {
    const people = [person, await world.addPerson(), await world.addPerson()];
    await world.choose(people[0] as Person, ALL);
    await world.choose(people[1] as Person, NONE);
    const parties = [world.gp, world.hospital, world.pharmacy];
    await fc.assert(
      fc.asyncProperty(
        fc.array(
          fc.record({
            bsn: fc.constantFrom(...people.map(({ bsn }) => bsn), makeBsn()),
            requester: fc.constantFrom(...parties, { country: 'BE', organisation: 'UZ' }),
            dataCategories: fc.uniqueArray(fc.constantFrom(...DATA_CATEGORY_CODES), { minLength: 1 }),
            purpose: fc.constantFrom('TREAT' as const, 'COC' as const),
          }),
          { minLength: 1, maxLength: 20 },
        ),
        async (asked) => {
          const questions = asked.map((one) => question(one));
          const together = await world.decisions.answerAllClosed(world.gpSystem, questions);
          const singly = await Promise.all(
            questions.map((one) => world.decisions.answerClosed(world.gpSystem, one)),
          );
          expect(together.map(({ results }) => results)).toEqual(singly.map(({ results }) => results));
        },
      ),
      { numRuns: 50 },
    );
  });

  it('is refused to a system that is unknown, revoked, or bound to another provider', async () => {
    const ask = (clientId: string) => world.decisions.answerClosed({ clientId }, question());
    expect(await refusalOf(ask('nobody'))).toBe('CLIENT_UNKNOWN');
    expect(await refusalOf(ask(world.hospitalSystem.clientId))).toBe('NOT_YOUR_PROVIDER');
    await world.clients.revoke(world.gpSystem.clientId);
    expect(await refusalOf(ask(world.gpSystem.clientId))).toBe('CLIENT_REVOKED');
  });

  it('refused to one does not disturb another in the same batch', async () => {
    await world.choose(person, ALL);
    const [good, bad] = await Promise.allSettled([
      world.decisions.answerClosed(world.gpSystem, question()),
      world.decisions.answerClosed({ clientId: 'nobody' }, question()),
    ]);
    expect(good).toMatchObject({ status: 'fulfilled', value: { results: [{ decision: 'permit' }] } });
    expect(bad).toMatchObject({ status: 'rejected', reason: { code: 'CLIENT_UNKNOWN' } });
  });

  it('refused for a provider that is not the system’s own is kept as an entry that the person sees', async () => {
    await refusalOf(world.decisions.answerClosed(world.hospitalSystem, question()));
    await refusalOf(world.decisions.answerAllClosed(world.hospitalSystem, [question(), question()]));
    const open = { bsn: person.bsn, requester: world.hospital, purpose: 'TREAT' } as const;
    await refusalOf(world.decisions.answerOpen(world.gpSystem, open));
    const { entries } = await world.activity.of(person.id, { limit: 10 });
    expect(entries.map(({ kind, outcome, detail }) => [kind, outcome, detail.note])).toEqual([
      ['client.refused', 'refused', 'NOT_YOUR_PROVIDER'],
      ['client.refused', 'refused', 'NOT_YOUR_PROVIDER'],
      ['client.refused', 'refused', 'NOT_YOUR_PROVIDER'],
    ]);
  });

  it('about someone whose key is damaged fails alone, not the others of its batch', async () => {
    await world.choose(person, ALL);
    const damaged = await world.addPerson({ auditKey: randomBytes(60) });
    const ask = ({ bsn }: Person) => world.decisions.answerClosed(world.gpSystem, question({ bsn }));
    const [good, bad] = await Promise.allSettled([ask(person), ask(damaged)]);
    expect(good).toMatchObject({ status: 'fulfilled', value: { results: [{ decision: 'permit' }] } });
    expect(bad.status).toBe('rejected');
  });

  it('leaves one entry per question, with the full trace for those who may see it', async () => {
    await world.choose(person, ALL);
    const { entryId } = await world.decisions.answerClosed(world.gpSystem, question({ automatic: true }));
    const { entries, providers } = await world.activity.of(person.id, { limit: 1 });
    expect(entries[0]).toMatchObject({
      id: entryId,
      kind: 'consent.checked',
      outcome: 'permit',
      reasons: ['YES_ALL'],
      detail: {
        version: 1,
        automatic: true,
        holders: [{ ura: world.gp.ura, results: [{ decision: 'permit' }] }],
      },
    });
    expect(providers.get(world.hospital.ura)?.name).toBe('Streekziekenhuis Oost');
  });

  it('about someone unknown is seen by that person once they come', async () => {
    const bsn = makeBsn();
    await world.decisions.answerClosed(world.gpSystem, question({ bsn }));
    const newcomer = await world.addPerson({ bsn });
    const { entries } = await world.activity.of(newcomer.id, { limit: 10 });
    expect(entries).toMatchObject([
      { kind: 'consent.checked', outcome: 'deny', reasons: ['PERSON_UNKNOWN'] },
    ]);
  });

  it('has no answer at all when its entry can’t be kept', async () => {
    class Broken extends MemoryRegistry {
      override answerTogether(): Promise<void> {
        return Promise.reject(new Error('the disk is full'));
      }
    }
    const broken = await makeWorld(new Broken());
    const someone = await broken.addPerson();
    await broken.choose(someone, ALL);
    await expect(broken.check(someone)).rejects.toThrow('the disk is full');
  });

  it('under presumed consent is a yes that is logged as presumed, unless a no covers it or the operator turned it off', async () => {
    expect(await world.check(person, { purpose: 'COC' })).toBe('permit');
    const { entries } = await world.activity.of(person.id, { limit: 1 });
    expect(entries[0]?.reasons).toEqual(['PRESUMED']);
    await world.choose(person, NONE);
    expect(await world.check(person, { purpose: 'COC' })).toBe('deny');
    const strict = await makeWorld(new MemoryRegistry(), { presumedConsent: 'deny' });
    expect(await strict.check(await strict.addPerson(), { purpose: 'COC' })).toBe('deny');
  });
});

describe('the open question', () => {
  it('names the holders that the rule permits toward the asker, and only those', async () => {
    const world = await makeWorld();
    const person = await world.addPerson();
    await world.localizations.register(world.gpSystem, { bsn: person.bsn, holder: world.gp });
    await world.localizations.register(world.hospitalSystem, { bsn: person.bsn, holder: world.hospital });
    const ask = () =>
      world.decisions.answerOpen(world.hospitalSystem, {
        bsn: person.bsn,
        requester: world.hospital,
        purpose: 'TREAT',
      });
    expect((await ask()).holders).toEqual([]);
    await world.choose(person, {
      option: 'certain',
      choices: [{ holder: 'group:general-practice', requester: 'all', dataCategory: 'all', answer: 'yes' }],
    });
    expect((await ask()).holders).toEqual([
      { ...world.gp, name: 'Huisartsenpraktijk De Linde', dataCategories: ['GGC002', 'GGC012', 'GGC013'] },
    ]);
    const { entries } = await world.activity.of(person.id, { kinds: ['location.asked'], limit: 10 });
    expect(entries.map(({ outcome }) => outcome)).toEqual(['permit', 'deny']);
  });

  it('about someone unknown is an empty list, and for another provider’s number a refusal', async () => {
    const world = await makeWorld();
    const asked = { bsn: makeBsn(), requester: world.hospital, purpose: 'TREAT' } as const;
    expect((await world.decisions.answerOpen(world.hospitalSystem, asked)).holders).toEqual([]);
    expect(await refusalOf(world.decisions.answerOpen(world.gpSystem, asked))).toBe('NOT_YOUR_PROVIDER');
  });
});

describe('batches', () => {
  it('carry out together what arrives while earlier ones are under way, never more than the largest', async () => {
    const sizes: number[] = [];
    const gate = Promise.withResolvers<undefined>();
    const batches = new Batches<number, number>(
      async (items) => {
        sizes.push(items.length);
        if (sizes.length === 1) await gate.promise;
        return items.map((item) => item * 2);
      },
      { largest: 4, underWay: 1, mostWaiting: 100, patience: 1000 },
    );
    const first = batches.add(1);
    await new Promise((resolve) => setTimeout(resolve, 5));
    const rest = [2, 3, 4, 5, 6, 7].map((item) => batches.add(item));
    gate.resolve(undefined);
    expect(await Promise.all([first, ...rest])).toEqual([2, 4, 6, 8, 10, 12, 14]);
    expect(sizes).toEqual([1, 4, 2]);
  });

  it('refuse more than may wait, and what waited too long, instead of keeping it waiting', async () => {
    const gate = Promise.withResolvers<undefined>();
    const batches = new Batches<number, number>(
      async (items) => {
        await gate.promise;
        return items;
      },
      { largest: 1, underWay: 1, mostWaiting: 2, patience: 20 },
    );
    const first = batches.add(1);
    await new Promise((resolve) => setImmediate(resolve));
    const waiting = [batches.add(2), batches.add(3)];
    expect(await refusalOf(batches.add(4))).toBe('UNAVAILABLE');
    await new Promise((resolve) => setTimeout(resolve, 40));
    const ends = Promise.allSettled([first, ...waiting]);
    gate.resolve(undefined);
    expect((await ends).map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'rejected']);
    expect(await batches.add(5)).toBe(5);
  });

  it('fail as a whole, and the next one goes on', async () => {
    let healthy = false;
    const batches = new Batches<number, number>(
      (items) => (healthy ? Promise.resolve(items) : Promise.reject(new Error('down'))),
      { largest: 10, underWay: 1, mostWaiting: 100, patience: 1000 },
    );
    const failed = await Promise.allSettled([batches.add(1), batches.add(2)]);
    expect(failed.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    healthy = true;
    expect(await batches.add(3)).toBe(3);
  });
});
