import type { Day } from '../core/person/age.js';
import type { Bsn } from '../core/person/bsn.js';
import type { Language } from '../core/person/person.js';

/** Someone to sign in as in the demo. */
export interface DemoPerson {
  readonly id: string;
  readonly bsn: Bsn;
  readonly name: string;
  readonly bornOn?: Day | undefined;
  /** One line on their situation, in both languages. */
  readonly story: Readonly<Record<Language, string>>;
}

/** An auditor to sign in as in the demo. */
export interface DemoAuditor {
  readonly id: string;
  readonly name: string;
  readonly roles: readonly string[];
}

/** The levels of assurance of DigiD by their acr value (eIDAS-based classes of the Dutch electronic access scheme), low to high. */
export const ASSURANCE_LEVELS = {
  'urn:etoegang:core:assurance-class:loa2': { nl: 'Basis', en: 'Basic' },
  'urn:etoegang:core:assurance-class:loa2plus': { nl: 'Midden', en: 'Middle' },
  'urn:etoegang:core:assurance-class:loa3': { nl: 'Substantieel', en: 'Substantial' },
  'urn:etoegang:core:assurance-class:loa4': { nl: 'Hoog', en: 'High' },
} as const satisfies Readonly<Record<string, Readonly<Record<Language, string>>>>;

/** The acr value of a level of assurance. */
export type AssuranceLevel = keyof typeof ASSURANCE_LEVELS;

/** The level that is chosen unless someone picks another. */
export const DEFAULT_LEVEL: AssuranceLevel = 'urn:etoegang:core:assurance-class:loa3';

/** Whether the text is the acr value of a level of assurance. */
export function isAssuranceLevel(text: string): text is AssuranceLevel {
  return Object.hasOwn(ASSURANCE_LEVELS, text);
}
