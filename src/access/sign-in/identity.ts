import { type Bsn, isBsn } from '../../core/person/bsn.js';
import type { IdTokenClaims } from './id-token.js';
import { SignInRefusal } from './refusal.js';

/**
 * Where the BSN of a citizen stands in the ID token: in a claim of its own, or behind a prefix in `sub` as DigiD's brokers
 * write it (sector code `s00000000:`).
 */
export interface BsnSource {
  readonly claim: 'bsn' | 'sub';
  readonly prefix?: string | undefined;
}

/** The claim `bsn`, bare. */
export const BSN_CLAIM: BsnSource = { claim: 'bsn' };

/** The role an auditor's account must have. */
export const AUDITOR_ROLE = 'auditor';

const LONGEST_NAME = 200;

/** The BSN that a verified ID token states, or SIGN_IN_REFUSED. */
export function bsnFrom(claims: IdTokenClaims, { claim, prefix = '' }: BsnSource = BSN_CLAIM): Bsn {
  const value = claims[claim];
  const bsn = typeof value === 'string' && value.startsWith(prefix) ? value.slice(prefix.length) : '';
  if (isBsn(bsn)) return bsn;
  throw new SignInRefusal(
    bsn === '' ? 'ID token refused: no BSN' : 'ID token refused: the BSN fails the 11-test',
    'SIGN_IN_REFUSED',
    'The identity provider did not give a valid BSN, so you can not be signed in. Try another way to sign in.',
  );
}

/** The auditor that a verified ID token states, or SIGN_IN_REFUSED for an account without that role or a name. */
export function auditorFrom(claims: IdTokenClaims): { subject: string; name: string } {
  const { sub, name, roles } = claims;
  if (!Array.isArray(roles) || !roles.includes(AUDITOR_ROLE)) {
    throw new SignInRefusal(
      'ID token refused: roles',
      'SIGN_IN_REFUSED',
      'This account does not have the role of auditor. Ask whoever manages the accounts.',
    );
  }
  if (typeof name !== 'string' || name.trim() === '' || name.length > LONGEST_NAME) {
    throw new SignInRefusal('ID token refused: name');
  }
  return { subject: sub, name: name.trim() };
}
