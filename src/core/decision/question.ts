import type { Bsn } from '../person/bsn.js';
import type { DataCategory } from '../provider/catalogue.js';
import type { Party, Requester } from '../provider/provider.js';

/** Why data is wanted: `TREAT` needs the person's consent, `COC` (coordination of care) may presume it. */
export type Purpose = 'TREAT' | 'COC';

/** The two purposes. */
export const PURPOSES = ['TREAT', 'COC'] as const satisfies readonly Purpose[];

/** The human being behind a question, as far as the asking system names one. */
export interface Professional {
  readonly id: string;
  /** Role code NN.NNN (RoleCodeNL). */
  readonly role?: string | undefined;
  /** Who acts under this professional's mandate. */
  readonly mandatedId?: string | undefined;
}

/** What every question says about itself. */
interface Asked {
  readonly bsn: Bsn;
  readonly requester: Requester;
  readonly purpose: Purpose;
  readonly professional?: Professional | undefined;
  /** The exchange system that carries the data afterwards. Logged; never weighs in the answer. */
  readonly exchangeSystem?: string | undefined;
  /** Asked by a machine without a professional at hand. */
  readonly automatic?: boolean | undefined;
}

/** "May this holder share these categories with this requester?" Asked by the holder's system. */
export interface ClosedQuestion extends Asked {
  readonly holder: Party;
  readonly dataCategories: readonly DataCategory[];
}

/** "Who holds data that I may ask for?" Asked by the requester's system. */
export type OpenQuestion = Asked;

/** Which system asks, and the traces it leaves in the log. */
export interface Asker {
  readonly clientId: string;
  /** Id of the access token (jti). */
  readonly tokenId?: string | undefined;
  readonly address?: string | undefined;
  /** Links this question to the caller's own trace (W3C Trace Context), when sent along. */
  readonly traceId?: string | undefined;
}
