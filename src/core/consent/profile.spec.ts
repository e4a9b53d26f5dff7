import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { Choice } from './choices.js';
import {
  digestOf,
  mayBecome,
  type Profile,
  type ProfileVersion,
  tagOf,
  type VersionState,
} from './profile.js';

const STATES = [
  'proposed',
  'awaiting-guardian',
  'in-force',
  'superseded',
  'refused',
  'lapsed',
] as const satisfies VersionState[];

const moves = STATES.flatMap((from) =>
  STATES.filter((to) => mayBecome(from, to)).map((to) => `${from} → ${to}`),
);

function reachableFrom(state: VersionState): readonly VersionState[] {
  return STATES.filter((to) => mayBecome(state, to)).flatMap((to) => [to, ...reachableFrom(to)]);
}

describe('the state of a version', () => {
  it('moves on in these ways only', () => {
    expect(moves).toEqual([
      'proposed → in-force',
      'proposed → refused',
      'proposed → lapsed',
      'awaiting-guardian → in-force',
      'awaiting-guardian → refused',
      'awaiting-guardian → lapsed',
      'in-force → superseded',
    ]);
  });

  it.each(STATES)('%s never comes back', (state) => {
    expect(reachableFrom(state)).not.toContain(state);
  });

  it.each(['superseded', 'refused', 'lapsed'] as const)('%s is the end', (state) => {
    expect(reachableFrom(state)).toEqual([]);
  });

  it('what was refused or lapsed was never in force afterwards', () => {
    expect([...reachableFrom('refused'), ...reachableFrom('lapsed')]).not.toContain('in-force');
  });
});

describe('the tag of a profile', () => {
  const version = (number: number): ProfileVersion => ({
    personId: 'p1',
    number,
    state: 'in-force',
    option: 'all',
    choices: [],
    catalogueVersion: '2026-1',
    madeAt: new Date('2026-11-21T12:00:00Z'),
    madeBy: { kind: 'self' },
  });
  const numbers = fc.record({ latest: fc.nat(200), inForce: fc.nat(200), awaiting: fc.nat(200) });
  const profileOf = ({
    latest,
    inForce,
    awaiting,
  }: {
    latest: number;
    inForce: number;
    awaiting: number;
  }): Profile => ({
    personId: 'p1',
    latest,
    inForce: inForce === 0 ? undefined : version(inForce),
    awaiting: awaiting === 0 ? undefined : version(awaiting),
  });

  it('is a strong entity tag, quotes included', () => {
    expect(tagOf({ personId: 'p1', latest: 0 })).toBe('"0.0.0"');
    fc.assert(
      fc.property(numbers, (made) => {
        expect(tagOf(profileOf(made))).toMatch(/^"[\x21\x23-\x7e]+"$/);
      }),
    );
  });

  it('differs exactly when the profile does', () => {
    fc.assert(
      fc.property(numbers, numbers, (one, two) => {
        const same =
          one.latest === two.latest && one.inForce === two.inForce && one.awaiting === two.awaiting;
        expect(tagOf(profileOf(one)) === tagOf(profileOf(two))).toBe(same);
      }),
    );
  });

  it('changes with each thing that can happen to a profile', () => {
    const story: readonly Profile[] = [
      { personId: 'p1', latest: 0 },
      { personId: 'p1', latest: 1, awaiting: version(1) },
      { personId: 'p1', latest: 1, inForce: version(1) },
      { personId: 'p1', latest: 2, inForce: version(1), awaiting: version(2) },
      { personId: 'p1', latest: 2, inForce: version(1) },
      { personId: 'p1', latest: 3, inForce: version(3) },
    ];
    expect(new Set(story.map(tagOf)).size).toBe(story.length);
  });
});

describe('the digest of a version', () => {
  const yes: Choice = { holder: 'all', requester: 'all', dataCategory: 'all', answer: 'yes' };
  const no: Choice = { ...yes, holder: 'group:pharmacy', answer: 'no' };
  const digest = (number: number, ...choices: Choice[]) => digestOf({ number, choices });

  it('does not depend on the order of choices or of their fields', () => {
    const turned: Choice = { answer: 'no', dataCategory: 'all', requester: 'all', holder: 'group:pharmacy' };
    expect(digest(1, yes, no)).toBe(digest(1, turned, yes));
  });

  it('differs with the number, with a choice more or less, and with an answer', () => {
    const digests = [
      digest(1, yes),
      digest(2, yes),
      digest(1),
      digest(1, yes, no),
      digest(1, { ...yes, answer: 'no' }),
    ];
    expect(new Set(digests).size).toBe(5);
  });
});
