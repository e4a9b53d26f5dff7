import { Failure } from '../failure.js';

declare const bsn: unique symbol;

/** A citizen service number (burgerservicenummer): nine digits that pass the 11-test. Made by `parseBsn` only. */
export type Bsn = string & { readonly [bsn]: true };

const WEIGHTS = [9, 8, 7, 6, 5, 4, 3, 2, -1] as const;

/**
 * Whether nine digits pass the 11-test: 9a+8b+7c+6d+5e+4f+3g+2h−i is a multiple of 11 (Wet algemene bepalingen
 * burgerservicenummer; 000000000 is never issued). Does NOT say that the number was ever issued.
 */
export function isBsn(text: string): text is Bsn {
  if (!/^\d{9}$/.test(text) || text === '000000000') return false;
  const sum = WEIGHTS.reduce((total, weight, position) => total + weight * Number(text[position]), 0);
  return sum % 11 === 0;
}

/** Accepts nine digits passing the 11-test, or refuses with BSN_INVALID. The refusal never repeats the number. */
export function parseBsn(text: string): Bsn {
  if (!isBsn(text))
    throw new Failure('BSN_INVALID', 'A BSN has nine digits and passes the 11-test; check it.');
  return text;
}
