import { answer, type Decision, type Reason, type RulePolicy } from '../decision/rule.js';
import {
  CONSULTING_CATEGORIES,
  type DataCategory,
  GROUP_IDS,
  type GroupId,
  GROUPS,
  type ProviderType,
} from '../provider/catalogue.js';
import type { Party, Requester } from '../provider/provider.js';
import { isUra, type Ura } from '../provider/ura.js';
import type { Choice } from './choices.js';

/** A number that no provider has and no choice can name: stands for "some provider of this group, without an exception of its own". */
const NOBODY_IN_PARTICULAR = '00000000' as Ura;

/** Someone who may hold data or ask for it, in an effect. */
export interface EffectParty {
  readonly group: GroupId | 'eu';
  /** Present when the row is about one provider rather than its group at large. */
  readonly ura?: Ura | undefined;
  readonly type?: ProviderType | undefined;
}

/** What a profile means for one holder, one requester and one data category. */
export interface Effect {
  readonly holder: EffectParty;
  readonly requester: EffectParty;
  readonly dataCategory: DataCategory;
  readonly decision: Decision;
  readonly reason: Reason;
}

function someTypeOf(group: GroupId): ProviderType {
  const [type] = Object.keys(GROUPS[group].providerTypes);
  if (!type) throw new Error(`group ${group} has no provider types`);
  return type as ProviderType;
}

function groupsAtLarge(): readonly (EffectParty & { readonly party: Party })[] {
  return GROUP_IDS.map((group) => ({ group, party: { ura: NOBODY_IN_PARTICULAR, type: someTypeOf(group) } }));
}

/** The providers that choices name, as far as the register knows them, each as every type it works as. */
function asRequester(row: EffectParty & { readonly party?: Party }): Requester {
  return row.party ?? { country: 'EU', organisation: CONSULTING_CATEGORIES.RPZAC200.en };
}

/**
 * What choices mean, computed by the very rule that answers questions: every holder (each group at large and each given
 * provider) towards every requester (likewise, and care providers elsewhere in the EU), per data category the holder's group
 * can hold. Purpose TREAT; presumed consent is not a matter of choices.
 */
export function effectOf(
  choices: readonly Choice[],
  providers: readonly { readonly group: GroupId; readonly party: Party }[],
  policy: RulePolicy,
): readonly Effect[] {
  const named = providers.map(({ group, party }) => ({ group, party, ura: party.ura, type: party.type }));
  const holders = [...groupsAtLarge(), ...named];
  const requesters: readonly (EffectParty & { readonly party?: Party })[] = [...holders, { group: 'eu' }];
  const known = { personKnown: true, holderKnown: true, requesterKnown: true };
  return holders.flatMap(({ party: holder, ...holderRow }) =>
    requesters.flatMap((requesterRow) =>
      GROUPS[holderRow.group as GroupId].holds.map((dataCategory): Effect => {
        const matter = {
          holder,
          requester: asRequester(requesterRow),
          dataCategory,
          purpose: 'TREAT' as const,
        };
        const { decision, reason } = answer(choices, matter, known, policy);
        const { group, ura, type } = requesterRow;
        return { holder: holderRow, requester: { group, ura, type }, dataCategory, decision, reason };
      }),
    ),
  );
}

/** The provider numbers that choices name. */
export function namedProviders(choices: readonly Choice[]): readonly Ura[] {
  const named = choices
    .flatMap(({ holder, requester }) => [holder, requester])
    .filter((side) => side.startsWith('provider:'))
    .map((side) => side.slice('provider:'.length))
    .filter(isUra);
  return [...new Set(named)];
}
