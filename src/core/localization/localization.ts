import type { ProviderType } from '../provider/catalogue.js';
import type { Ura } from '../provider/ura.js';

/** A provider's word that it holds data about a person. One per person, URA number and provider type. */
export interface Localization {
  readonly id: string;
  readonly personId: string;
  readonly ura: Ura;
  readonly type: ProviderType;
  readonly registeredAt: Date;
  readonly renewedAt: Date;
  readonly endedAt?: Date | undefined;
  /** The system that registered or last renewed it. */
  readonly clientId: string;
}
