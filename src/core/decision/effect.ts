import type { Choice } from '../consent/choices.js';
import {
  CONSULTING_CATEGORIES,
  type DataCategory,
  GROUP_IDS,
  type GroupId,
  GROUPS,
  groupOf,
  type ProviderType,
} from '../provider/catalogue.js';
import type { Party, Requester } from '../provider/provider.js';
import type { Ura } from '../provider/ura.js';
import { answer, type Decision, type Reason, type RulePolicy } from './rule.js';

/** A number that no provider has and no choice can name: stands for "some provider of this group, without an exception of its own". */
const NOBODY_IN_PARTICULAR = '00000000' as Ura;

/** Someone who may hold data or ask for it, in an effect. */
export interface EffectParty {
  readonly group: GroupId | 'eu';
  /** Present when the row is about one provider rather than its group at large. */
  readonly ura?: Ura | undefined;
  readonly type?: ProviderType | undefined;
}

/** What choices mean for one holder, one requester and one data category. */
export interface Effect {
  readonly holder: EffectParty;
  readonly requester: EffectParty;
  readonly dataCategory: DataCategory;
  readonly decision: Decision;
  readonly reason: Reason;
}

/** The providers that an effect looks at one by one, besides the groups at large. */
export interface EffectParties {
  /** The person's own: those that hold data about them. */
  readonly own: readonly Party[];
  /** Those that choices name. */
  readonly named: readonly Party[];
}

interface Row extends EffectParty {
  readonly group: GroupId;
  readonly party: Party;
}

/** The pairs that an effect shows. */
type Pair = readonly [holder: Row, requester: EffectParty & { readonly party: Requester }];

const ABROAD = {
  group: 'eu' as const,
  party: { country: 'EU', organisation: CONSULTING_CATEGORIES.RPZAC200.en },
};

function atLarge(group: GroupId): Row {
  const [type] = Object.keys(GROUPS[group].providerTypes);
  if (!type) throw new Error(`group ${group} has no provider types`);
  return { group, party: { ura: NOBODY_IN_PARTICULAR, type: type as ProviderType } };
}

function oneByOne(parties: readonly Party[]): readonly Row[] {
  return parties.map((party) => ({ group: groupOf(party.type), ura: party.ura, type: party.type, party }));
}

function isNamedTogether(choices: readonly Choice[], holder: Row, requester: Row): boolean {
  return choices.some(
    (choice) =>
      choice.holder === `provider:${holder.party.ura}` &&
      choice.requester === `provider:${requester.party.ura}`,
  );
}

/** Everybody towards the groups, the EU and the person's own; towards a named provider only where that can differ. */
function pairsOf(choices: readonly Choice[], parties: EffectParties): readonly Pair[] {
  const large = GROUP_IDS.map(atLarge);
  const own = oneByOne(parties.own);
  const isOwn = ({ ura, type }: Party): boolean =>
    parties.own.some((one) => one.ura === ura && one.type === type);
  const named = oneByOne(parties.named.filter((party) => !isOwn(party)));
  return [
    ...[...large, ...own, ...named].flatMap((holder) =>
      [...large, ABROAD, ...own].map((requester): Pair => [holder, requester]),
    ),
    ...[...large, ...own].flatMap((holder) => named.map((requester): Pair => [holder, requester])),
    ...named.flatMap((holder) =>
      named
        .filter((requester) => isNamedTogether(choices, holder, requester))
        .map((requester): Pair => [holder, requester]),
    ),
  ];
}

/**
 * What choices mean, computed by the very rule that answers questions, and what would be different from the present ones. Shows
 * every holder (each group at large, each own and each named provider) towards every requester that can get another answer than
 * its group, per data category the holder's group can hold. Purpose TREAT; presumed consent is not a matter of choices.
 */
export function effectsOf(
  { draft, present }: { readonly draft: readonly Choice[]; readonly present: readonly Choice[] },
  parties: EffectParties,
  policy: RulePolicy,
): { readonly effects: readonly Effect[]; readonly changes: readonly Effect[] } {
  const known = { personKnown: true, holderKnown: true, requesterKnown: true };
  const changes: Effect[] = [];
  const effects = pairsOf([...draft, ...present], parties).flatMap(([holder, requester]) =>
    GROUPS[holder.group].holds.map((dataCategory): Effect => {
      const purpose = 'TREAT' as const;
      const matter = { holder: holder.party, requester: requester.party, dataCategory, purpose };
      const { decision, reason } = answer(draft, matter, known, policy);
      const effect = { holder: shown(holder), requester: shown(requester), dataCategory, decision, reason };
      if (decision !== answer(present, matter, known, policy).decision) changes.push(effect);
      return effect;
    }),
  );
  return { effects, changes };
}

function shown({ group, ura, type }: EffectParty): EffectParty {
  return { group, ura, type };
}
