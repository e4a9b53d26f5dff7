import { Failure } from '../failure.js';
import { type DataCategory, type GroupId, isDataCategory, isGroupId } from '../provider/catalogue.js';
import { isUra, type Ura } from '../provider/ura.js';

/** Whose data: all care providers, one group, or one provider by its URA number. */
export type HolderSide = 'all' | `group:${GroupId}` | `provider:${Ura}`;

/** Toward whom: as the holder side, or all care providers elsewhere in the European Union. */
export type RequesterSide = HolderSide | 'group:eu';

/** A person's word on one possibility. */
export type Answer = 'yes' | 'no';

/** "Holders on this side may share this category of data with requesters on that side": yes or no. */
export interface Choice {
  readonly holder: HolderSide;
  readonly requester: RequesterSide;
  readonly dataCategory: DataCategory | 'all';
  readonly answer: Answer;
}

/** The three options a citizen picks from. */
export type Option = 'all' | 'certain' | 'none';

/** What a person wants to choose, as a door hands it over. `choices` goes with `certain` only. */
export interface Draft {
  readonly option: Option;
  readonly choices: readonly Choice[];
}

/** At most this many choices fit in one profile. */
export const MOST_CHOICES = 500;

/** At most this many providers can be named in one profile. */
export const MOST_NAMED_PROVIDERS = 50;

/** Whether the text names a holder side. */
export function isHolderSide(text: string): text is HolderSide {
  if (text === 'all') return true;
  if (text.startsWith('group:')) return isGroupId(text.slice(6));
  return text.startsWith('provider:') && isUra(text.slice(9));
}

/** Whether the text names a requester side. */
export function isRequesterSide(text: string): text is RequesterSide {
  return text === 'group:eu' || isHolderSide(text);
}

/** Whether the text names a data category or `all`. */
export function isCategorySide(text: string): text is DataCategory | 'all' {
  return text === 'all' || isDataCategory(text);
}

/** What a choice is about, without its answer: two choices with one key would contradict or repeat each other. */
export function keyOf(choice: Choice): string {
  return `${choice.holder}>${choice.requester}/${choice.dataCategory}`;
}

const everything = (answer: Answer): Choice => ({
  holder: 'all',
  requester: 'all',
  dataCategory: 'all',
  answer,
});

/** The choices that an option stands for: one wide yes, one wide no, or the person's own list. */
export function choicesOf(draft: Draft): readonly Choice[] {
  switch (draft.option) {
    case 'all':
      return [everything('yes')];
    case 'none':
      return [everything('no')];
    case 'certain':
      return draft.choices;
    default:
      return draft.option satisfies never;
  }
}

/**
 * Checks a draft as a whole, beyond its single fields: `all` and `none` carry no list, `certain` carries at least one choice,
 * and no possibility is answered twice. Refuses with INPUT_INVALID, naming every field that is wrong.
 */
export function requireSoundDraft(draft: Draft): void {
  const fields: Record<string, string> = {};
  if (draft.option !== 'certain' && draft.choices.length > 0) {
    fields['choices'] = `The option "${draft.option}" says everything by itself; leave choices out.`;
  }
  if (draft.option === 'certain' && draft.choices.length === 0) {
    fields['choices'] = 'Make at least one choice, or pick the option "none".';
  }
  if (draft.choices.length > MOST_CHOICES) fields['choices'] = `At most ${MOST_CHOICES} choices fit.`;
  if (namedProviders(draft.choices).length > MOST_NAMED_PROVIDERS) {
    fields['choices'] =
      `At most ${MOST_NAMED_PROVIDERS} care providers can be named; choose by group for the others.`;
  }
  const seen = new Map<string, number>();
  draft.choices.forEach((choice, position) => {
    const key = keyOf(choice);
    const first = seen.get(key);
    if (first === undefined) seen.set(key, position);
    else fields[`choices.${position}`] = `This possibility is already answered in choices.${first}.`;
  });
  if (Object.keys(fields).length > 0) {
    throw new Failure('INPUT_INVALID', 'These choices do not hold together.', { fields });
  }
}

/** The provider numbers that choices name. */
export function namedProviders(choices: readonly Pick<Choice, 'holder' | 'requester'>[]): readonly Ura[] {
  const named = choices
    .flatMap(({ holder, requester }) => [holder, requester])
    .filter((side) => side.startsWith('provider:'))
    .map((side) => side.slice('provider:'.length))
    .filter(isUra);
  return [...new Set(named)];
}
