import type { Choice, HolderSide, RequesterSide } from '../consent/choices.js';
import { containedIn, type DataCategory, groupOf, holds } from '../provider/catalogue.js';
import { isDutch, type Party, type Requester } from '../provider/provider.js';
import type { Purpose } from './question.js';

/** The version of this rule; every entry remembers under which it was decided, so that an answer can be replayed. */
export const RULE_VERSION = '1';

/** Yes or no, in the words of an access decision. */
export type Decision = 'permit' | 'deny';

/** Why an answer is what it is. Providers never see it. */
export const REASONS = [
  'YES_ALL',
  'YES_GROUP',
  'YES_PROVIDER',
  'NO_ALL',
  'NO_GROUP',
  'NO_PROVIDER',
  'NO_PART',
  'NO_CHOICE',
  'NOT_COVERED',
  'EU_NOT_NAMED',
  'PRESUMED',
  'NOT_PRESUMED',
  'PERSON_UNKNOWN',
  'HOLDER_UNKNOWN',
  'REQUESTER_UNKNOWN',
  'CATEGORY_NOT_HELD',
] as const;

/** The stable name of a reason. */
export type Reason = (typeof REASONS)[number];

/** How one data category of a question was answered: which choices matched, which of them counted, and why. */
export interface Trace {
  readonly dataCategory: DataCategory;
  readonly decision: Decision;
  readonly reason: Reason;
  readonly matched: readonly Choice[];
  /** The matched choices that no other matched choice outranks. */
  readonly deciding: readonly Choice[];
  /** The contained category that was refused, when that is why the broad one is refused. */
  readonly refusedPart?: DataCategory;
}

/** A question about one data category, stripped of everything that may not weigh in the answer. */
export interface Matter {
  readonly holder: Party;
  readonly requester: Requester;
  readonly dataCategory: DataCategory;
  readonly purpose: Purpose;
}

/** Settings of the rule that an operator may choose. */
export interface RulePolicy {
  /** Whether purpose COC is answered yes when no explicit no covers it; `deny` answers every COC question no. */
  readonly presumedConsent: 'allow' | 'deny';
}

/** What the registry knows about the parties of a question. */
export interface Standing {
  readonly personKnown: boolean;
  readonly holderKnown: boolean;
  readonly requesterKnown: boolean;
}

/** How specific a side is: everything 0, a group 1, one provider 2. */
function rankOfSide(side: HolderSide | RequesterSide): number {
  if (side === 'all') return 0;
  return side.startsWith('group:') ? 1 : 2;
}

/** How specific a choice's category is for the asked one: everything 0, one that contains it 1, itself 2. */
function rankOfCategory(chosen: Choice['dataCategory'], asked: DataCategory): number {
  if (chosen === 'all') return 0;
  return chosen === asked ? 2 : 1;
}

/** The sides that a choice can name a party by. */
function sidesOf(party: Party): readonly (HolderSide | RequesterSide)[] {
  return ['all', `group:${groupOf(party.type)}`, `provider:${party.ura}`];
}

/**
 * Whether a choice's side speaks about a requester elsewhere in the EU. They match no Dutch group and are never opened by a general
 * yes; a general no does cover them, so that "share with nobody" holds abroad too.
 */
function coversAbroad({ requester, answer: said }: Choice): boolean {
  return requester === 'group:eu' || (requester === 'all' && said === 'no');
}

function coversCategory(chosen: Choice['dataCategory'], asked: DataCategory): boolean {
  return chosen === 'all' || chosen === asked || containedIn(chosen).includes(asked);
}

/** The choices that speak about a matter. The sides are written once, however many choices there are. */
function matching(
  choices: readonly Choice[],
  { holder, requester, dataCategory }: Matter,
): readonly Choice[] {
  const holderSides = sidesOf(holder);
  const requesterSides = isDutch(requester) ? sidesOf(requester) : undefined;
  return choices.filter(
    (choice) =>
      holderSides.includes(choice.holder) &&
      (requesterSides ? requesterSides.includes(choice.requester) : coversAbroad(choice)) &&
      coversCategory(choice.dataCategory, dataCategory),
  );
}

/** Whether `one` is at least as specific as `other` on every side and more specific on one. Both must match the matter. */
function outranks(one: Choice, other: Choice, asked: DataCategory): boolean {
  const holder = rankOfSide(one.holder) - rankOfSide(other.holder);
  const requester = rankOfSide(one.requester) - rankOfSide(other.requester);
  const category = rankOfCategory(one.dataCategory, asked) - rankOfCategory(other.dataCategory, asked);
  return Math.min(holder, requester, category) >= 0 && holder + requester + category > 0;
}

/** The narrowest side among the deciding choices with this answer names the reason: a provider, a group, or everybody. */
function reasonFrom(deciding: readonly Choice[], answer: Choice['answer']): Reason {
  const named = deciding.filter((choice) => choice.answer === answer);
  const rank = Math.max(
    ...named.map((choice) => Math.max(rankOfSide(choice.holder), rankOfSide(choice.requester))),
  );
  if (answer === 'yes') return rank === 2 ? 'YES_PROVIDER' : rank === 1 ? 'YES_GROUP' : 'YES_ALL';
  return rank === 2 ? 'NO_PROVIDER' : rank === 1 ? 'NO_GROUP' : 'NO_ALL';
}

function decideOne(choices: readonly Choice[], matter: Matter, policy: RulePolicy): Trace {
  const matched = matching(choices, matter);
  const deciding = matched.filter(
    (choice) => !matched.some((other) => outranks(other, choice, matter.dataCategory)),
  );
  const trace = { dataCategory: matter.dataCategory, matched, deciding };
  if (deciding.some((choice) => choice.answer === 'no')) {
    return { ...trace, decision: 'deny', reason: reasonFrom(deciding, 'no') };
  }
  if (deciding.length === 0 && !isDutch(matter.requester)) {
    return { ...trace, decision: 'deny', reason: 'EU_NOT_NAMED' };
  }
  if (matter.purpose === 'COC') {
    return policy.presumedConsent === 'allow'
      ? { ...trace, decision: 'permit', reason: 'PRESUMED' }
      : { ...trace, decision: 'deny', reason: 'NOT_PRESUMED' };
  }
  if (deciding.length > 0) return { ...trace, decision: 'permit', reason: reasonFrom(deciding, 'yes') };
  return { ...trace, decision: 'deny', reason: choices.length === 0 ? 'NO_CHOICE' : 'NOT_COVERED' };
}

/**
 * The decision rule: may the holder share this category with the requester, by these choices?
 *
 * Of the choices that match, those outranked by a more specific one fall away; if any of the rest says no, or none is left,
 * the answer is no. A broad category is a yes only when each category it contains is a yes too: otherwise a no to results
 * would leak inside "treatment data". Pure, total, deterministic, independent of the order of choices; adding a no never
 * opens anything. Purpose COC presumes consent unless an explicit no covers the matter, and is never reported as a yes given;
 * nothing is presumed for a requester elsewhere in the EU that no choice names.
 */
export function decide(choices: readonly Choice[], matter: Matter, policy: RulePolicy): Trace {
  const trace = decideOne(choices, matter, policy);
  if (trace.decision === 'deny') return trace;
  const part = containedIn(matter.dataCategory)
    .map((contained) => decideOne(choices, { ...matter, dataCategory: contained }, policy))
    .find((contained) => contained.decision === 'deny');
  if (!part) return trace;
  const { dataCategory, matched, deciding } = part;
  return { ...trace, decision: 'deny', reason: 'NO_PART', matched, deciding, refusedPart: dataCategory };
}

/**
 * Answers one matter with what the registry knows of its parties. A party that is not in the provider register, a person
 * nobody knows, or a category that the holder's group can't hold, is a no before any choice is looked at, whatever the purpose;
 * only presumed consent does not need the person to be known.
 */
export function answer(
  choices: readonly Choice[],
  matter: Matter,
  standing: Standing,
  policy: RulePolicy,
): Trace {
  const refuse = (reason: Reason): Trace => ({
    dataCategory: matter.dataCategory,
    decision: 'deny',
    reason,
    matched: [],
    deciding: [],
  });
  if (!standing.holderKnown) return refuse('HOLDER_UNKNOWN');
  if (!standing.requesterKnown) return refuse('REQUESTER_UNKNOWN');
  if (!holds(groupOf(matter.holder.type), matter.dataCategory)) return refuse('CATEGORY_NOT_HELD');
  if (!standing.personKnown && matter.purpose === 'TREAT') return refuse('PERSON_UNKNOWN');
  return decide(choices, matter, policy);
}
