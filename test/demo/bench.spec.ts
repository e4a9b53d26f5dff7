import { describe, expect, it } from '@jest/globals';
import { percentiles } from '../../bench/floor.js';
import { makeQuestions } from '../../bench/questions.js';
import { type Contender, median, ratiosOf, tableOf } from '../../bench/report.js';
import {
  dice,
  providerAt,
  PROVIDERS,
  providersOf,
  SYSTEMS,
  takeBsns,
  type World,
} from '../../bench/world.js';
import { isBsn } from '../../src/core/person/bsn.js';
import { readCheck } from '../../src/api/provider/read-check.js';

const PEOPLE = 500;
const world: World = {
  databaseUrl: '',
  serviceUrl: '',
  keys: { bsn: '', bsnIndex: '', audit: '' },
  tokenSigningKey: { kty: 'EC' },
  publicUrl: '',
  origin: '',
  identityKeys: [{ kty: 'EC' }, { kty: 'EC' }],
  people: PEOPLE,
  systems: Array.from({ length: SYSTEMS }, (_, system) => ({
    clientId: `system-${String(system)}`,
    providers: providersOf(system),
    key: { kty: 'EC' },
  })),
};

function contender(...speeds: number[]): Contender {
  const rounds = speeds.map((perSecond) => ({ perSecond, p50: 1, p99: 2, answered: 10, failed: 0 }));
  return { name: 'some', rounds };
}

describe('the bench', () => {
  it('takes the middle round, and the mean of the middle two', () => {
    expect(median([9, 1, 5])).toBe(5);
    expect(median([4, 1, 3, 2])).toBe(2.5);
    expect(percentiles([1, 2, 3, 4, 100])).toEqual({ p50: 3, p99: 4 });
  });

  it('is content from 1.2 times the floor and 5 times the plain version, both', () => {
    const floor = contender(1000);
    const plain = contender(200);
    expect(ratiosOf({ ours: contender(1200), floor, plain }).enough).toBe(true);
    expect(ratiosOf({ ours: contender(1199), floor, plain }).enough).toBe(false);
    expect(ratiosOf({ ours: contender(1300), floor, plain: contender(261) }).enough).toBe(false);
  });

  it('tells median, slowest and fastest', () => {
    expect(tableOf([contender(1000, 3000, 2000)])).toContain('| some | 2,000 | 1,000–3,000 | 1.0 | 2.0 |');
  });

  it('fills itself with distinct numbers that pass the 11-test', () => {
    const bsns = takeBsns(10_000);
    expect(new Set(bsns).size).toBe(10_000);
    expect(bsns.every((bsn) => isBsn(bsn))).toBe(true);
  });

  it('asks questions that our own door accepts, from systems for their own providers, the same with the same seed', () => {
    const bsns = takeBsns(PEOPLE + 50);
    const questions = makeQuestions(world, bsns, { count: 2_000, seed: 3 });
    for (const { system, body } of questions) {
      const { holder } = readCheck(JSON.parse(body));
      const own = world.systems[system]?.providers.map((position) => providerAt(position).ura);
      expect(own).toContain(holder.ura);
    }
    expect(makeQuestions(world, bsns, { count: 2_000, seed: 3 })).toEqual(questions);
    expect(makeQuestions(world, bsns, { count: 2_000, seed: 4 })).not.toEqual(questions);
    expect(new Set(questions.map(({ body }) => body)).size).toBeGreaterThan(1_900);
  });

  it('rolls evenly', () => {
    const roll = dice(1);
    const counts = new Array<number>(10).fill(0);
    for (let turn = 0; turn < 100_000; turn += 1) {
      const side = roll(10);
      counts[side] = (counts[side] ?? 0) + 1;
    }
    expect(Math.min(...counts)).toBeGreaterThan(9_500);
    expect(Math.max(...counts)).toBeLessThan(10_500);
    expect(PROVIDERS).toBeGreaterThan(SYSTEMS * 10);
  });
});
