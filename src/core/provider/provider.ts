import type { ProviderType } from './catalogue.js';
import type { Ura } from './ura.js';

/** A care provider: an organisation, known by its URA number, working as one or more provider types. */
export interface Provider {
  readonly ura: Ura;
  readonly name: string;
  readonly place: string;
  readonly types: readonly ProviderType[];
}

/** A care provider acting as one of its types: one side of a question. */
export interface Party {
  readonly ura: Ura;
  readonly type: ProviderType;
}

/** Someone who asks from another member state; known by country and its own name, not by a URA number. */
export interface EuParty {
  readonly country: string;
  readonly organisation: string;
}

/** Whoever wants to see data: a Dutch care provider, or one elsewhere in the European Union. */
export type Requester = Party | EuParty;

/** Tells a Dutch requester from one elsewhere in the European Union. */
export function isDutch(requester: Requester): requester is Party {
  return 'ura' in requester;
}
