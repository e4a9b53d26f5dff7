import { describe, expect, it } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Choice } from '../../src/core/consent/choices.js';
import type { Matter } from '../../src/core/decision/rule.js';
import { layOut, NaiveModel } from './naive-model.js';
import {
  ABROAD,
  CATEGORY_SIDES,
  choicesWith,
  decided,
  HOLDER_SIDES,
  inPlainWords,
  MATTERS,
  PARTIES,
  POLICIES,
  POLICY,
  profilesOf,
  REQUESTER_SIDES,
} from './small-world.js';

/** Number of (profile, question) pairs compared, per test and in all. */
const compared = new Map<string, number>();

/**
 * Compares rule and model on every profile × every question; throws at the first difference, with everything needed to replay
 * it. `expect` is kept out of the loop: it is a hundred times slower than the comparison.
 */
function compare(
  name: string,
  profiles: Iterable<readonly Choice[]>,
  matters: readonly Matter[],
  policy = POLICY,
): number {
  const asked = matters.map((matter) => ({ matter, plain: layOut(inPlainWords(matter, policy)) }));
  let pairs = 0;
  for (const choices of profiles) {
    const model = new NaiveModel(choices);
    for (const { matter, plain } of asked) {
      const trace = decided(choices, matter, policy);
      const verdict = model.ask(plain);
      pairs += 1;
      const same =
        (trace.decision === 'permit') === (verdict.answer === 'yes') &&
        trace.deciding.length === verdict.heard.length &&
        trace.deciding.every((choice) => verdict.heard.includes(choice));
      if (!same)
        throw new Error(`rule and model differ: ${JSON.stringify({ choices, matter, trace, verdict })}`);
    }
  }
  compared.set(name, (compared.get(name) ?? 0) + pairs);
  return pairs;
}

/** The least of the world that shows every kind of relation to one question; see "renaming" for why one question is enough. */
const FIRST = { holder: PARTIES[0], requester: PARTIES[2] } as {
  holder: Matter['holder'];
  requester: Matter['requester'];
};
const ABOUT_FIRST = MATTERS.filter(
  ({ holder, requester }) =>
    holder === FIRST.holder && (requester === FIRST.requester || requester === ABROAD),
);

const EVERY_CHOICE = choicesWith({
  holders: HOLDER_SIDES,
  requesters: REQUESTER_SIDES,
  categories: CATEGORY_SIDES,
});

describe('the decision rule equals the naive model on every profile of a small world', () => {
  it('one choice or none, all 224 possibilities, every question, both policies', () => {
    const profiles = [...profilesOf(EVERY_CHOICE, 0), ...profilesOf(EVERY_CHOICE, 1)];
    expect(EVERY_CHOICE).toHaveLength(224);
    expect(profiles).toHaveLength(1 + 2 * 224);
    const pairs = POLICIES.map((policy) => compare('one', profiles, MATTERS, policy));
    expect(pairs).toEqual([449 * 120, 449 * 120]);
  });

  it('every two choices out of all 224 possibilities', () => {
    const pairs = compare('two', profilesOf(EVERY_CHOICE, 2), ABOUT_FIRST);
    expect(pairs).toBe(((224 * 223) / 2) * 4 * 12);
  });

  it('every three choices out of those about one pair of providers and a neighbour of the holder', () => {
    const pool = choicesWith({
      holders: [
        'all',
        'group:general-practice',
        'provider:10000001',
        'provider:10000002',
      ] as Choice['holder'][],
      requesters: ['all', 'group:hospital', 'provider:20000001', 'group:eu'] as Choice['requester'][],
      categories: ['all', 'GGC002', 'GGC012'],
    });
    const matters = ABOUT_FIRST.filter(({ dataCategory }) => dataCategory !== 'GGC013');
    const pairs = compare('three', profilesOf(pool, 3), matters);
    expect(pairs).toBe(((48 * 47 * 46) / 6) * 8 * 8);
  });

  it('every four choices out of those that match one question about results', () => {
    const pool = choicesWith({
      holders: ['all', 'group:general-practice', 'provider:10000001'] as Choice['holder'][],
      requesters: ['all', 'group:hospital', 'provider:20000001'] as Choice['requester'][],
      categories: ['all', 'GGC002', 'GGC012'],
    });
    const matters = ABOUT_FIRST.filter(
      ({ requester, dataCategory, purpose }) =>
        requester === FIRST.requester && dataCategory !== 'GGC013' && purpose === 'TREAT',
    );
    const pairs = compare('four', profilesOf(pool, 4), matters);
    expect(pairs).toBe(((27 * 26 * 25 * 24) / 24) * 16 * 2);
  });

  it('every answer to all nine possibilities of holder and requester at once, 3⁹ profiles', () => {
    const pool = choicesWith({
      holders: ['all', 'group:general-practice', 'provider:10000001'] as Choice['holder'][],
      requesters: ['all', 'group:hospital', 'provider:20000001'] as Choice['requester'][],
      categories: ['all'],
    });
    const profiles = pool.reduce<readonly (readonly Choice[])[]>(
      (made, answers) =>
        made.flatMap((choices) => [choices, ...answers.map((choice) => [...choices, choice])]),
      [[]],
    );
    expect(profiles).toHaveLength(3 ** 9);
    const matters = MATTERS.filter(
      ({ dataCategory, purpose }) => dataCategory === 'GGC012' && purpose === 'TREAT',
    );
    expect(compare('nine', profiles, matters)).toBe(3 ** 9 * 20);
  });

  it('that is 3,368,812 pairs of profile and question, as docs/decision-rule.md says', () => {
    const total = [...compared.values()].reduce((sum, pairs) => sum + pairs, 0);
    expect(total).toBe(3_368_812);
    const page = readFileSync(fileURLToPath(new URL('../../docs/decision-rule.md', import.meta.url)), 'utf8');
    expect(page).toContain(`${total.toLocaleString('en')} pairs`);
  });
});
