import { Failure } from '../failure.js';

declare const ura: unique symbol;

/** The number of a care provider in the UZI register (UZI-register-abonneenummer): eight digits. Made by `parseUra` only. */
export type Ura = string & { readonly [ura]: true };

/** Whether the text is a URA number: eight digits, not all zero. Does NOT say that it was ever issued. */
export function isUra(text: string): text is Ura {
  return /^\d{8}$/.test(text) && text !== '00000000';
}

/** Accepts eight digits or refuses with INPUT_INVALID. */
export function parseUra(text: string): Ura {
  if (!isUra(text)) throw new Failure('INPUT_INVALID', 'A URA number has eight digits.');
  return text;
}
