import { Failure } from '../failure.js';
import type { Day } from './age.js';
import type { Bsn } from './bsn.js';
import type { Email } from './email.js';

/** The languages a citizen can be addressed in. */
export type Language = 'nl' | 'en';

/** Where a birth date came from. One given by a care provider can't be changed by the person. */
export type BirthDateSource = 'self' | 'provider';

/** What a person told us at first use. Absent for someone known only because a provider registered data about them. */
export interface Account {
  readonly displayName: string;
  readonly email: Email;
  readonly language: Language;
  readonly termsVersion: string;
  readonly termsAcceptedAt: Date;
  readonly createdAt: Date;
}

/** A natural person in the registry. Choices, localizations and entries know `id` only, never the BSN. */
export interface Person {
  readonly id: string;
  readonly bsn: Bsn;
  /** The person's audit key, wrapped by a key that is not in the database (see core/audit/keyring.ts). */
  readonly auditKey: Buffer;
  readonly bornOn?: Day | undefined;
  readonly bornOnSource?: BirthDateSource | undefined;
  readonly account?: Account | undefined;
}

/** The terms of use a person accepts at first use; a new text gets a new date. */
export const TERMS_VERSION = '2026-11-01';

/** The person's birth date, or a refusal that tells to fill in the details first. */
export function requireBirthDate(person: Person): Day {
  if (!person.bornOn || !person.account) {
    throw new Failure(
      'DETAILS_MISSING',
      'Fill in your details first: name, e-mail address and date of birth.',
    );
  }
  return person.bornOn;
}
