import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Response } from 'supertest';
import { makeBsn, makeChoice, makeLocalization, makeProvider } from '../../make.js';
import type { Person } from '../../../src/core/person/person.js';
import { openProvider, type ProviderWorld } from './open-provider.js';

let world: ProviderWorld;

beforeAll(async () => {
  world = await openProvider();
});
afterAll(() => world.close());

const ask = (bsn: string, given: object = {}): Promise<Response> =>
  world.post(
    '/location-questions',
    { bsn, requester: { ura: world.hospital.ura, type: 'V4' }, purpose: 'TREAT', ...given },
    world.hospitalSystem,
  );

async function heldBy(person: Person, ...holders: readonly ReturnType<typeof makeProvider>[]): Promise<void> {
  await world.registry.inTransaction(async (records) => {
    await records.providers.putAll(holders);
    for (const { ura, types } of holders) {
      const [type = 'Z3'] = types;
      await records.localizations.put(makeLocalization({ personId: person.id, ura, type }));
    }
  });
}

describe('a location question', () => {
  it('names the holders that may share, with what they may share, and no other', async () => {
    const gp = makeProvider();
    const pharmacy = makeProvider({ name: 'Apotheek De Vijzel', types: ['J8'] });
    const hidden = makeProvider({ name: 'Geheim' });
    const person = await world.personWith([
      makeChoice(),
      makeChoice({ holder: `provider:${hidden.ura}`, answer: 'no' }),
    ]);
    await heldBy(person, gp, pharmacy, hidden);
    const answer = await ask(person.bsn, { professional: { id: 'abc' }, automatic: true });
    expect(answer.status).toBe(200);
    const { holders, receipt } = answer.body as { holders: { ura: string }[]; receipt: object };
    expect(holders).toEqual(
      expect.arrayContaining([
        { ura: gp.ura, type: 'Z3', name: gp.name, dataCategories: ['GGC002', 'GGC012', 'GGC013'] },
        { ura: pharmacy.ura, type: 'J8', name: pharmacy.name, dataCategories: ['GGC013'] },
      ]),
    );
    expect(holders).toHaveLength(2);
    expect(Object.keys(receipt)).toEqual(['entryId', 'leafHash']);
    expect(answer.text).not.toContain(person.bsn);
  });

  it('is the same empty answer when nobody may share, nobody holds data, and nobody is known', async () => {
    const refuser = await world.personWith([makeChoice({ answer: 'no' })]);
    await heldBy(refuser, makeProvider());
    const answers = [await ask(refuser.bsn), await ask(world.person.bsn), await ask(makeBsn())];
    for (const answer of answers) {
      expect([answer.status, (answer.body as { holders: unknown }).holders]).toEqual([200, []]);
      expect(answer.text).toHaveLength(answers[0]?.text.length ?? 0);
    }
  });
});
