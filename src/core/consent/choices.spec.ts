import { describe, expect, it } from '@jest/globals';
import { Failure } from '../failure.js';
import { parseUra } from '../provider/ura.js';
import {
  type Choice,
  choicesOf,
  type Draft,
  isCategorySide,
  isHolderSide,
  isRequesterSide,
  keyOf,
  MOST_CHOICES,
  MOST_NAMED_PROVIDERS,
  requireSoundDraft,
} from './choices.js';

const yesToGps: Choice = {
  holder: 'group:general-practice',
  requester: 'all',
  dataCategory: 'all',
  answer: 'yes',
};

/** Distinct choices that name few providers: each of 20 toward each of 30, which are the same fifty. */
const oneOfMany = (place: number): Choice => ({
  ...forProvider(place % 20),
  requester: forProvider(20 + Math.floor(place / 20)).holder,
});

const forProvider = (number: number): Choice => ({
  ...yesToGps,
  holder: `provider:${parseUra(String(10_000_000 + number))}`,
});

/** The fields that a draft is refused for, or nothing when it is sound. */
function refusedFields(draft: Draft): Readonly<Record<string, string>> | undefined {
  try {
    requireSoundDraft(draft);
    return undefined;
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    expect(error.code).toBe('INPUT_INVALID');
    return error.facts.fields ?? {};
  }
}

describe('the words of a choice', () => {
  it.each(['all', 'group:hospital', 'group:general-practice', 'provider:10000001'])(
    '%s names holders and requesters',
    (text) => {
      expect([isHolderSide(text), isRequesterSide(text)]).toEqual([true, true]);
    },
  );

  it('group:eu names requesters only: nobody abroad is asked for data here', () => {
    expect([isHolderSide('group:eu'), isRequesterSide('group:eu')]).toEqual([false, true]);
  });

  it.each([
    '',
    'ALL',
    'all ',
    'group:',
    'group:hospitals',
    'group:toString',
    'group:__proto__',
    'provider:',
    'provider:1',
    'provider:00000000',
    'hospital',
    'provider:10000001\n',
  ])('%j names nobody', (text) => {
    expect([isHolderSide(text), isRequesterSide(text)]).toEqual([false, false]);
  });

  it('the data is one category or all', () => {
    const words = ['all', 'GGC002', 'GGC012', 'GGC013', 'GGC001', 'ggc002', '', 'toString'];
    expect(words.map(isCategorySide)).toEqual([true, true, true, true, false, false, false, false]);
  });
});

describe('what a choice is about', () => {
  it('does not depend on the answer', () => {
    expect(keyOf(yesToGps)).toBe(keyOf({ ...yesToGps, answer: 'no' }));
  });

  it('differs as soon as one side does', () => {
    const others: Choice[] = [
      { ...yesToGps, holder: 'all' },
      { ...yesToGps, requester: 'group:general-practice' },
      { ...yesToGps, dataCategory: 'GGC012' },
      { ...yesToGps, holder: 'all', requester: 'group:general-practice' },
    ];
    expect(new Set([yesToGps, ...others].map(keyOf)).size).toBe(5);
  });
});

describe('the three options', () => {
  it('"all" is one yes to everything and "none" one no to everything', () => {
    const wide = { holder: 'all', requester: 'all', dataCategory: 'all' };
    expect(choicesOf({ option: 'all', choices: [] })).toEqual([{ ...wide, answer: 'yes' }]);
    expect(choicesOf({ option: 'none', choices: [] })).toEqual([{ ...wide, answer: 'no' }]);
  });

  it('"certain" is the list as the person made it', () => {
    const choices = [yesToGps, forProvider(1)];
    expect(choicesOf({ option: 'certain', choices })).toEqual(choices);
  });

  it('"all" and "none" never carry along a list that was left in the draft', () => {
    expect(choicesOf({ option: 'none', choices: [yesToGps] })).toEqual([
      { holder: 'all', requester: 'all', dataCategory: 'all', answer: 'no' },
    ]);
  });
});

describe('a draft', () => {
  it.each<[string, Draft]>([
    ['all', { option: 'all', choices: [] }],
    ['none', { option: 'none', choices: [] }],
    ['one choice', { option: 'certain', choices: [yesToGps] }],
    [
      'a group and an exception',
      { option: 'certain', choices: [yesToGps, { ...forProvider(1), answer: 'no' }] },
    ],
    [
      'both directions of one pair',
      {
        option: 'certain',
        choices: [yesToGps, { ...yesToGps, holder: 'all', requester: 'group:general-practice' }],
      },
    ],
    [
      'as many choices as fit',
      { option: 'certain', choices: Array.from({ length: MOST_CHOICES }, (_, place) => oneOfMany(place)) },
    ],
  ])('holds together: %s', (_, draft) => {
    expect(refusedFields(draft)).toBeUndefined();
  });

  it.each(['all', 'none'] as const)('with option "%s" carries no list', (option) => {
    expect(Object.keys(refusedFields({ option, choices: [yesToGps] }) ?? {})).toEqual(['choices']);
  });

  it('with option "certain" says something', () => {
    expect(Object.keys(refusedFields({ option: 'certain', choices: [] }) ?? {})).toEqual(['choices']);
  });

  it('has at most 500 choices', () => {
    const choices = Array.from({ length: MOST_CHOICES + 1 }, (_, place) => oneOfMany(place));
    expect(refusedFields({ option: 'certain', choices })).toEqual({ choices: 'At most 500 choices fit.' });
  });

  it('names at most 50 care providers, so that a preview stays small', () => {
    const naming = (count: number): Draft => ({
      option: 'certain',
      choices: Array.from({ length: count }, (_, place) => forProvider(place)),
    });
    expect(refusedFields(naming(MOST_NAMED_PROVIDERS))).toBeUndefined();
    expect(Object.keys(refusedFields(naming(MOST_NAMED_PROVIDERS + 1)) ?? {})).toEqual(['choices']);
  });

  it.each(['yes', 'no'] as const)(
    'answers no possibility twice, also not with another answer (%s)',
    (answer) => {
      const choices = [yesToGps, forProvider(1), { ...yesToGps, answer }];
      expect(refusedFields({ option: 'certain', choices })).toEqual({
        'choices.2': 'This possibility is already answered in choices.0.',
      });
    },
  );

  it('is refused with every field that is wrong at once', () => {
    const choices = [yesToGps, yesToGps, forProvider(1), yesToGps, forProvider(1)];
    expect(Object.keys(refusedFields({ option: 'all', choices }) ?? {})).toEqual([
      'choices',
      'choices.1',
      'choices.3',
      'choices.4',
    ]);
  });
});
