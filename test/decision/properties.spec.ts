import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { Choice, HolderSide, RequesterSide } from '../../src/core/consent/choices.js';
import {
  answer,
  type Decision,
  type Matter,
  REASONS,
  type RulePolicy,
  type Standing,
  type Trace,
} from '../../src/core/decision/rule.js';
import {
  containedIn,
  DATA_CATEGORY_CODES,
  GROUP_IDS,
  groupOf,
  holds,
  PROVIDER_TYPES,
} from '../../src/core/provider/catalogue.js';
import { isDutch, type Party, type Requester } from '../../src/core/provider/provider.js';
import { parseUra } from '../../src/core/provider/ura.js';
import { layOut, NaiveModel } from './naive-model.js';
import {
  ABROAD,
  CATEGORY_SIDES,
  choicesWith,
  decided,
  HOLDER_SIDES,
  inPlainWords,
  MATTERS,
  POLICIES,
  REQUESTER_SIDES,
} from './small-world.js';

const RUNS = { numRuns: 2_000 };

/** Choices of the small world, where two random ones often speak about the same thing. */
const smallChoice = fc.constantFrom(
  ...choicesWith({ holders: HOLDER_SIDES, requesters: REQUESTER_SIDES, categories: CATEGORY_SIDES }).flat(),
);
const smallProfile = fc.array(smallChoice, { maxLength: 9 });
const smallMatter = fc.constantFrom(...MATTERS);
const policy = fc.constantFrom(...POLICIES);

/** Choices and matters of the whole catalogue. */
const anyUra = fc
  .integer({ min: 1, max: 99_999_999 })
  .map((number) => parseUra(String(number).padStart(8, '0')));
const anyParty: fc.Arbitrary<Party> = fc.record({ ura: anyUra, type: fc.constantFrom(...PROVIDER_TYPES) });
const anyRequester: fc.Arbitrary<Requester> = fc.oneof(
  { weight: 4, arbitrary: anyParty },
  fc.record({ country: fc.string(), organisation: fc.string() }),
);
const anySide: fc.Arbitrary<HolderSide> = fc.oneof(
  fc.constant('all' as const),
  fc.constantFrom(...GROUP_IDS).map((group) => `group:${group}` as const),
  anyUra.map((ura) => `provider:${ura}` as const),
);
const anyChoice: fc.Arbitrary<Choice> = fc.record({
  holder: anySide,
  requester: fc.oneof<fc.Arbitrary<RequesterSide>[]>(anySide, fc.constant('group:eu')),
  dataCategory: fc.constantFrom('all', ...DATA_CATEGORY_CODES),
  answer: fc.constantFrom('yes', 'no'),
});
const anyMatter: fc.Arbitrary<Matter> = fc.record({
  holder: anyParty,
  requester: anyRequester,
  dataCategory: fc.constantFrom(...DATA_CATEGORY_CODES),
  purpose: fc.constantFrom('TREAT', 'COC'),
});
const standing: fc.Arbitrary<Standing> = fc.record({
  personKnown: fc.boolean(),
  holderKnown: fc.boolean(),
  requesterKnown: fc.boolean(),
});

/** Choices that are likely to speak about the matter: its own parties on either side. */
function choicesAbout(matter: Matter): fc.Arbitrary<Choice> {
  const { holder, requester } = matter;
  const holderSides: HolderSide[] = ['all', `group:${groupOf(holder.type)}`, `provider:${holder.ura}`];
  const requesterSides: RequesterSide[] = isDutch(requester)
    ? ['all', `group:${groupOf(requester.type)}`, `provider:${requester.ura}`]
    : ['all', 'group:eu'];
  return fc.record({
    holder: fc.constantFrom(...holderSides),
    requester: fc.constantFrom(...requesterSides),
    dataCategory: fc.constantFrom('all', ...DATA_CATEGORY_CODES),
    answer: fc.constantFrom('yes', 'no'),
  });
}

/** A matter anywhere in the catalogue, with choices of which most speak about it. */
const situation = anyMatter.chain((matter) =>
  fc.record({
    matter: fc.constant(matter),
    choices: fc.array(fc.oneof({ weight: 3, arbitrary: choicesAbout(matter) }, anyChoice), { maxLength: 9 }),
  }),
);

const isNo = (trace: { decision: Decision }): boolean => trace.decision === 'deny';

/** Reasons by what they say happened. */
const YES_REASONS = ['YES_ALL', 'YES_GROUP', 'YES_PROVIDER'];
const NO_REASONS = ['NO_ALL', 'NO_GROUP', 'NO_PROVIDER', 'NO_PART'];
const SILENCE_REASONS = ['NO_CHOICE', 'NOT_COVERED', 'EU_NOT_NAMED'];

/** Does not add what is asserted elsewhere: only that the reason given follows from the choices that decided. */
function followsFromDeciding(trace: Trace, matter: Matter, { presumedConsent }: RulePolicy): boolean {
  if (trace.deciding.some((choice) => choice.answer === 'no'))
    return isNo(trace) && NO_REASONS.includes(trace.reason);
  if (trace.deciding.length === 0 && !isDutch(matter.requester)) {
    return isNo(trace) && trace.reason === 'EU_NOT_NAMED';
  }
  if (matter.purpose === 'COC') {
    return presumedConsent === 'allow'
      ? !isNo(trace) && trace.reason === 'PRESUMED'
      : isNo(trace) && trace.reason === 'NOT_PRESUMED';
  }
  if (trace.deciding.length === 0) return isNo(trace) && SILENCE_REASONS.includes(trace.reason);
  return !isNo(trace) && YES_REASONS.includes(trace.reason);
}

describe('the decision rule', () => {
  it('answers every sound question about the whole catalogue, with one of its own reasons', () => {
    fc.assert(
      fc.property(situation, standing, policy, ({ matter, choices }, known, rules) => {
        const trace = answer(choices, matter, known, rules);
        expect(['permit', 'deny']).toContain(trace.decision);
        expect(REASONS).toContain(trace.reason);
        expect(trace.dataCategory).toBe(matter.dataCategory);
      }),
      RUNS,
    );
  });

  it('equals the naive model on the whole catalogue', () => {
    fc.assert(
      fc.property(situation, policy, ({ matter, choices }, rules) => {
        const verdict = new NaiveModel(choices).ask(layOut(inPlainWords(matter, rules)));
        const trace = decided(choices, matter, rules);
        expect(trace.decision).toBe(verdict.answer === 'yes' ? 'permit' : 'deny');
        expect(new Set(trace.deciding)).toEqual(new Set(verdict.heard));
      }),
      { numRuns: 10_000 },
    );
  });

  it('gives the same answer to the same question, and leaves the choices as they were', () => {
    fc.assert(
      fc.property(smallProfile, smallMatter, policy, (choices, matter, rules) => {
        const before = structuredClone(choices);
        expect(decided(choices, matter, rules)).toEqual(decided(before, structuredClone(matter), rules));
        expect(choices).toEqual(before);
      }),
      RUNS,
    );
  });

  it('does not depend on the order of choices', () => {
    const shuffled = smallProfile.chain((choices) =>
      fc.tuple(
        fc.constant(choices),
        fc.shuffledSubarray(choices, { minLength: choices.length, maxLength: choices.length }),
      ),
    );
    fc.assert(
      fc.property(shuffled, smallMatter, policy, ([choices, other], matter, rules) => {
        const one = decided(choices, matter, rules);
        const two = decided(other, matter, rules);
        expect([two.decision, two.reason, two.refusedPart]).toEqual([
          one.decision,
          one.reason,
          one.refusedPart,
        ]);
        expect(new Set(two.deciding)).toEqual(new Set(one.deciding));
      }),
      RUNS,
    );
  });

  it('hears a choice said twice as a choice said once', () => {
    fc.assert(
      fc.property(smallProfile, smallMatter, policy, (choices, matter, rules) => {
        const { decision, reason } = decided(choices, matter, rules);
        expect(decided([...choices, ...choices], matter, rules)).toMatchObject({ decision, reason });
      }),
      RUNS,
    );
  });

  it('never opens anything because a no was added', () => {
    fc.assert(
      fc.property(situation, fc.nat(9), policy, ({ matter, choices }, place, rules) => {
        const no = choices[place % Math.max(1, choices.length)];
        fc.pre(no !== undefined);
        const rest = choices.filter((choice) => choice !== no);
        fc.pre(isNo(decided(rest, matter, rules)));
        expect(isNo(decided([...rest, { ...no, answer: 'no' }], matter, rules))).toBe(true);
      }),
      RUNS,
    );
  });

  it('never opens anything because a yes became a no', () => {
    fc.assert(
      fc.property(smallProfile, smallMatter, policy, fc.nat(8), (choices, matter, rules, place) => {
        fc.pre(isNo(decided(choices, matter, rules)));
        const changed = choices.map((choice, position) =>
          position === place ? { ...choice, answer: 'no' as const } : choice,
        );
        expect(isNo(decided(changed, matter, rules))).toBe(true);
      }),
      RUNS,
    );
  });

  it('answers the same when a choice that was outranked is taken away', () => {
    fc.assert(
      fc.property(situation, policy, ({ matter, choices }, rules) => {
        const { decision, reason, matched, deciding } = decided(choices, matter, rules);
        for (const outranked of matched.filter((choice) => !deciding.includes(choice))) {
          const rest = choices.filter((choice) => choice !== outranked);
          const without = decided(rest, matter, rules);
          expect(without.decision).toBe(decision);
          // Outranked for a part, a yes may still be what opened the whole: then only the words of the no change.
          if (reason !== 'NO_PART') expect(without).toMatchObject({ reason, deciding });
        }
      }),
      RUNS,
    );
  });

  it('answers the same when a choice that is not about the question is taken away', () => {
    fc.assert(
      fc.property(smallProfile, smallMatter, policy, (choices, matter, rules) => {
        const { decision, matched } = decided(choices, matter, rules);
        const parts = containedIn(matter.dataCategory).flatMap(
          (dataCategory) => decided(choices, { ...matter, dataCategory }, rules).matched,
        );
        const about = choices.filter((choice) => matched.includes(choice) || parts.includes(choice));
        expect(decided(about, matter, rules).decision).toBe(decision);
      }),
      RUNS,
    );
  });

  it('hears a choice for one provider above the choice for its group, whatever both say', () => {
    const yesOrNo = fc.constantFrom('yes' as const, 'no' as const);
    fc.assert(
      fc.property(
        anyParty,
        anyParty,
        yesOrNo,
        yesOrNo,
        fc.boolean(),
        (holder, requester, group, one, onHolderSide) => {
          const side = onHolderSide ? 'holder' : 'requester';
          const party = onHolderSide ? holder : requester;
          const wide = { holder: 'all', requester: 'all', dataCategory: 'all' } as const;
          const choices: Choice[] = [
            { ...wide, [side]: `group:${groupOf(party.type)}`, answer: group },
            { ...wide, [side]: `provider:${party.ura}`, answer: one },
          ];
          const matter: Matter = { holder, requester, dataCategory: 'GGC012', purpose: 'TREAT' };
          expect(decided(choices, matter).reason).toBe(one === 'yes' ? 'YES_PROVIDER' : 'NO_PROVIDER');
        },
      ),
      RUNS,
    );
  });

  it('says yes to a broad category only when it says yes to each part of it', () => {
    fc.assert(
      fc.property(situation, standing, policy, ({ matter, choices }, known, rules) => {
        const broad = { ...matter, dataCategory: 'GGC002' } as const;
        fc.pre(!isNo(answer(choices, broad, known, rules)));
        for (const dataCategory of containedIn('GGC002')) {
          expect(answer(choices, { ...matter, dataCategory }, known, rules).decision).toBe('permit');
        }
      }),
      RUNS,
    );
  });

  it('gives an honest trace: what decided was matched, came from the person, and leads to the answer', () => {
    fc.assert(
      fc.property(situation, policy, ({ matter, choices }, rules) => {
        const trace = decided(choices, matter, rules);
        expect(choices).toEqual(expect.arrayContaining([...trace.matched]));
        expect(trace.matched).toEqual(expect.arrayContaining([...trace.deciding]));
        expect(followsFromDeciding(trace, matter, rules)).toBe(true);
        expect(trace.refusedPart !== undefined).toBe(trace.reason === 'NO_PART');
        expect(trace.reason === 'NO_CHOICE').toBe(
          choices.length === 0 && matter.purpose === 'TREAT' && isDutch(matter.requester),
        );
      }),
      RUNS,
    );
  });

  it('names a provider as the reason only when a deciding choice names one', () => {
    fc.assert(
      fc.property(situation, ({ matter, choices }) => {
        const { reason, deciding } = decided(choices, { ...matter, purpose: 'TREAT' });
        const spoken = deciding.filter(
          ({ answer: said }) => said === (reason.startsWith('YES') ? 'yes' : 'no'),
        );
        const names = (kind: string): boolean =>
          spoken.some(({ holder, requester }) => holder.startsWith(kind) || requester.startsWith(kind));
        if (reason.endsWith('_PROVIDER')) expect(names('provider:')).toBe(true);
        if (reason.endsWith('_GROUP')) expect([names('provider:'), names('group:')]).toEqual([false, true]);
        if (reason.endsWith('_ALL')) expect([names('provider:'), names('group:')]).toEqual([false, false]);
      }),
      RUNS,
    );
  });

  it('does not care who is called what: renaming providers and groups renames nothing in the answer', () => {
    const swapped: Readonly<Record<string, string>> = {
      '10000001': '20000002',
      '20000002': '10000001',
      '10000002': '20000001',
      '20000001': '10000002',
      'general-practice': 'hospital',
      hospital: 'general-practice',
    };
    const rename = <T>(thing: T): T =>
      JSON.parse(
        JSON.stringify(thing).replace(
          /1000000[12]|2000000[12]|general-practice|hospital/g,
          (word) => swapped[word] ?? word,
        ),
      ) as T;
    const types: Readonly<Record<string, Party['type']>> = { Z3: 'V4', H1: 'V5', V4: 'Z3', V5: 'H1' };
    const renameParty = <T extends Requester>(party: T): T =>
      isDutch(party) ? { ...rename(party), type: types[party.type] } : party;
    fc.assert(
      fc.property(smallProfile, smallMatter, policy, (choices, matter, rules) => {
        const renamed = {
          ...matter,
          holder: renameParty(matter.holder),
          requester: renameParty(matter.requester),
        };
        const { decision, reason } = decided(choices, matter, rules);
        expect(decided(rename(choices), renamed, rules)).toMatchObject({ decision, reason });
      }),
      RUNS,
    );
  });
});

describe('presumed consent (COC)', () => {
  it('is a yes unless a no counts, and is then called presumed, never a yes given', () => {
    fc.assert(
      fc.property(situation, ({ matter, choices }) => {
        fc.pre(isDutch(matter.requester));
        const trace = decided(choices, { ...matter, purpose: 'COC' }, { presumedConsent: 'allow' });
        const saidNo = trace.deciding.some((choice) => choice.answer === 'no');
        expect(trace.decision).toBe(saidNo ? 'deny' : 'permit');
        expect(trace.reason === 'PRESUMED').toBe(!saidNo);
      }),
      RUNS,
    );
  });

  it('is not presumed for a requester elsewhere in the EU that no choice names', () => {
    fc.assert(
      fc.property(situation, ({ matter, choices }) => {
        fc.pre(!isDutch(matter.requester));
        const unnamed = choices.filter(({ requester }) => requester !== 'group:eu');
        const trace = decided(unnamed, { ...matter, purpose: 'COC' }, { presumedConsent: 'allow' });
        expect(trace.decision).toBe('deny');
      }),
      RUNS,
    );
  });

  it('is always a no where the operator switched it off', () => {
    fc.assert(
      fc.property(situation, ({ matter, choices }) => {
        expect(decided(choices, { ...matter, purpose: 'COC' }, { presumedConsent: 'deny' }).decision).toBe(
          'deny',
        );
      }),
      RUNS,
    );
  });

  it('does not weigh in questions that need consent', () => {
    fc.assert(
      fc.property(situation, ({ matter, choices }) => {
        const treat = { ...matter, purpose: 'TREAT' } as const;
        const [allowed, denied] = POLICIES.map((rules) => decided(choices, treat, rules));
        expect(allowed).toEqual(denied);
      }),
      RUNS,
    );
  });
});

describe('care providers elsewhere in the European Union', () => {
  it('are not opened by any yes that does not name them', () => {
    const unnamed = situation.map(({ matter, choices }) => ({
      matter: { ...matter, requester: ABROAD, purpose: 'TREAT' as const },
      choices: choices.filter((choice) => choice.requester !== 'group:eu'),
    }));
    fc.assert(
      fc.property(unnamed, ({ matter, choices }) => {
        expect(decided(choices, matter).decision).toBe('deny');
      }),
      RUNS,
    );
  });

  it('are no way in for anyone in the Netherlands', () => {
    fc.assert(
      fc.property(situation, ({ matter, choices }) => {
        fc.pre(isDutch(matter.requester));
        const without = choices.filter((choice) => choice.requester !== 'group:eu');
        expect(decided(choices, matter).decision).toBe(decided(without, matter).decision);
      }),
      RUNS,
    );
  });
});

describe('what the registry knows of the parties', () => {
  it.each([
    ['HOLDER_UNKNOWN', { personKnown: false, holderKnown: false, requesterKnown: false }],
    ['REQUESTER_UNKNOWN', { personKnown: false, holderKnown: true, requesterKnown: false }],
  ] as const)('%s is a no before any choice is looked at, for every purpose', (reason, known) => {
    fc.assert(
      fc.property(situation, policy, ({ matter, choices }, rules) => {
        expect(answer(choices, matter, known, rules)).toMatchObject({
          decision: 'deny',
          reason,
          matched: [],
          deciding: [],
        });
      }),
      { numRuns: 300 },
    );
  });

  it('a category that the holder can not hold is a no, for every purpose', () => {
    fc.assert(
      fc.property(situation, policy, ({ matter, choices }, rules) => {
        fc.pre(!holds(groupOf(matter.holder.type), matter.dataCategory));
        const known = { personKnown: true, holderKnown: true, requesterKnown: true };
        expect(answer(choices, matter, known, rules).reason).toBe('CATEGORY_NOT_HELD');
      }),
      { numRuns: 300 },
    );
  });

  it('a person whom nobody knows is a no, except where consent is presumed', () => {
    const known = { personKnown: false, holderKnown: true, requesterKnown: true };
    fc.assert(
      fc.property(anyMatter, (matter) => {
        fc.pre(holds(groupOf(matter.holder.type), matter.dataCategory));
        const presumed = isDutch(matter.requester) ? 'PRESUMED' : 'EU_NOT_NAMED';
        const expected = matter.purpose === 'TREAT' ? 'PERSON_UNKNOWN' : presumed;
        expect(answer([], matter, known, { presumedConsent: 'allow' }).reason).toBe(expected);
      }),
      { numRuns: 300 },
    );
  });

  it('known parties and a category that can be held leave the answer to the choices', () => {
    const known = { personKnown: true, holderKnown: true, requesterKnown: true };
    fc.assert(
      fc.property(situation, policy, ({ matter, choices }, rules) => {
        fc.pre(holds(groupOf(matter.holder.type), matter.dataCategory));
        expect(answer(choices, matter, known, rules)).toEqual(decided(choices, matter, rules));
      }),
      { numRuns: 300 },
    );
  });
});
