import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Response } from 'supertest';
import { makeProvider, makeUra } from '../../make.js';
import { fieldsOf, problemOf } from '../shared/open-app.js';
import { openProvider, type ProviderWorld } from './open-provider.js';

let world: ProviderWorld;

beforeAll(async () => {
  world = await openProvider();
  await world.registry.inTransaction((records) =>
    records.providers.putAll([
      makeProvider({ name: 'Apotheek De Vijzel', place: 'Zwolle', types: ['J8'] }),
      makeProvider({ name: 'Huisarts en apotheek Dorp', place: 'Dorp', types: ['Z3', 'J8'] }),
    ]),
  );
});
afterAll(() => world.close());

interface Page {
  readonly providers: readonly { readonly ura: string; readonly name: string; readonly groups: string[] }[];
  readonly next?: string;
}

const pageIn = ({ body }: Response): Page => body as Page;
const namesFor = async (query: string): Promise<string[]> =>
  pageIn(await world.get(`/providers${query}`))
    .providers.map(({ name }) => name)
    .sort();

describe('the register of care providers', () => {
  it('is searched by name, place, type and group', async () => {
    expect(await namesFor('?name=vijzel')).toEqual(['Apotheek De Vijzel']);
    expect(await namesFor('?place=zwol&type=Z3')).toEqual(['Huisartsenpraktijk De Linde']);
    expect(await namesFor('?group=pharmacy')).toEqual(['Apotheek De Vijzel', 'Huisarts en apotheek Dorp']);
    expect(await namesFor('?group=pharmacy&type=Z3')).toEqual([]);
    expect(await namesFor('')).toHaveLength(4);
  });

  it('is read page by page, each provider once', async () => {
    const seen: string[] = [];
    let next: string | undefined;
    do {
      const page = pageIn(await world.get(`/providers?limit=3${next ? `&after=${next}` : ''}`));
      seen.push(...page.providers.map(({ ura }) => ura));
      next = page.next;
    } while (next);
    expect(seen).toHaveLength(4);
    expect(seen).toEqual([...new Set(seen)].sort());
  });

  it('shows one provider with its groups', async () => {
    const answer = await world.get(`/providers/${world.gp.ura}`);
    expect([answer.status, answer.body]).toEqual([200, { ...world.gp, groups: ['general-practice'] }]);
  });

  it('has no provider under an unknown number', async () => {
    const answer = await world.get(`/providers/${makeUra()}`);
    expect([answer.status, problemOf(answer).code]).toEqual([404, 'NOT_FOUND']);
  });

  it('refuses every wrong part of a search at once', async () => {
    const answer = await world.get('/providers?name=&type=X&group=Y&limit=101&after=1&order=name');
    expect([answer.status, fieldsOf(answer)]).toEqual([
      400,
      ['after', 'group', 'limit', 'name', 'order', 'type'],
    ]);
  });

  it.each([
    ['name=%00', 'name'],
    ['place=a%00b', 'place'],
    ['toString=1', 'toString'],
    ['constructor=1', 'constructor'],
    ['__proto__=1', '__proto__'],
    ['hasOwnProperty=1&name=linde', 'hasOwnProperty'],
  ])('refuses ?%s', async (query, field) => {
    const answer = await world.get(`/providers?${query}`);
    expect([answer.status, fieldsOf(answer)]).toEqual([400, [field]]);
  });

  it.each(['0', '1.5', 'ten', '', '1e1', '0x10', '+5', '%205', '05'])(
    'refuses the limit %j',
    async (limit) => {
      expect(fieldsOf(await world.get(`/providers?limit=${limit}`))).toEqual(['limit']);
    },
  );
});
