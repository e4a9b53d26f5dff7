import { Failure } from '../failure.js';

declare const isoDate: unique symbol;

/** A calendar day, `YYYY-MM-DD`, that exists. Made by `parseDay` only. */
export type Day = string & { readonly [isoDate]: true };

/** Accepts an existing calendar day `YYYY-MM-DD` or refuses with INPUT_INVALID. */
export function parseDay(text: string): Day {
  if (!isDay(text)) {
    throw new Failure('INPUT_INVALID', 'A date is written YYYY-MM-DD and must exist in the calendar.');
  }
  return text;
}

/** Whether the text is an existing calendar day `YYYY-MM-DD`. */
export function isDay(text: string): text is Day {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(text)) return false;
  const at = new Date(`${text}T00:00:00Z`);
  return !Number.isNaN(at.getTime()) && at.toISOString().startsWith(text);
}

/**
 * The ages at which the law changes who decides. Policy, not constants in the rules:
 * WGBO (art. 7:450 and 7:465 BW) puts 12 and 16; a guardian is an adult (art. 1:233 BW), 18.
 */
export interface AgePolicy {
  /** From this age a child signs in and chooses without a parent at its side. */
  readonly childSoloMinimum: number;
  /** Below this age a choice waits for a parent or guardian. */
  readonly guardianUntil: number;
  /** From this age someone may decide for a child. */
  readonly guardianMinimum: number;
}

/** The Dutch ages: 12, 16 and 18. */
export const DUTCH_AGES: AgePolicy = { childSoloMinimum: 12, guardianUntil: 16, guardianMinimum: 18 };

/** Which rules apply to a person of some age. */
export type AgeBand = 'under-twelve' | 'twelve-to-sixteen' | 'sixteen-or-older';

const AMSTERDAM = new Intl.DateTimeFormat('sv-SE', { timeZone: 'Europe/Amsterdam', dateStyle: 'short' });

/** The calendar day in the Netherlands at a moment: birthdays begin at midnight there, not in UTC. */
export function dayInAmsterdam(at: Date): Day {
  return AMSTERDAM.format(at) as Day;
}

/** Completed years of life on a day. Someone born on 29 February is a year older on 1 March of a common year. */
export function ageOn(born: Day, today: Day): number {
  const years = Number(today.slice(0, 4)) - Number(born.slice(0, 4));
  return today.slice(5) < born.slice(5) ? years - 1 : years;
}

/** The age band of a person at a moment. */
export function ageBandOf(born: Day, at: Date, policy: AgePolicy = DUTCH_AGES): AgeBand {
  const age = ageOn(born, dayInAmsterdam(at));
  if (age < policy.childSoloMinimum) return 'under-twelve';
  return age < policy.guardianUntil ? 'twelve-to-sixteen' : 'sixteen-or-older';
}

/** Whether choices of a person born on this day need a guardian's confirmation at this moment. */
export function needsGuardian(born: Day, at: Date, policy: AgePolicy = DUTCH_AGES): boolean {
  return ageOn(born, dayInAmsterdam(at)) < policy.guardianUntil;
}

/** Whether a person born on this day is old enough to decide for a child at this moment. */
export function mayBeGuardian(born: Day, at: Date, policy: AgePolicy = DUTCH_AGES): boolean {
  return ageOn(born, dayInAmsterdam(at)) >= policy.guardianMinimum;
}
