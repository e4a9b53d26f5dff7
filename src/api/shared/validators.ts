import { buildMessage, ValidateBy, ValidateIf, type ValidationOptions } from 'class-validator';
import { isEntryKind, OUTCOMES } from '../../core/audit/entry.js';
import { isCategorySide, isHolderSide, isRequesterSide } from '../../core/consent/choices.js';
import { PURPOSES } from '../../core/decision/question.js';
import { isDay } from '../../core/person/age.js';
import { isBsn } from '../../core/person/bsn.js';
import { isDataCategory, isGroupId, isProviderType } from '../../core/provider/catalogue.js';
import { isUra } from '../../core/provider/ura.js';

/** What a caller reads when a field is refused: full sentences that tell what is expected, never what was sent. */
export const SENTENCES = {
  bsn: 'A BSN is a text of nine digits that passes the 11-test.',
  ura: 'A URA number is a text of eight digits.',
  providerType: 'Give a provider type of the catalogue, such as Z3.',
  group: 'Give a group of the catalogue.',
  dataCategory: 'Give a data category of the catalogue: GGC002, GGC012 or GGC013.',
  categorySide: 'Give a data category of the catalogue (GGC002, GGC012 or GGC013), or "all".',
  holderSide: 'Give "all", "group:" with a group of the catalogue, or "provider:" with a URA number.',
  requesterSide:
    'Give "all", "group:" with a group of the catalogue or "eu", or "provider:" with a URA number.',
  day: 'Give a calendar day that exists, written YYYY-MM-DD.',
  moment: 'Give a moment with its time zone, written like 2026-11-21T09:30:00Z.',
  purpose: 'Give TREAT or COC.',
  entryKind: 'Give a kind of entry, such as consent.checked.',
  outcome: 'Give permit, deny, done or refused.',
  text: 'This text holds a character that can not be kept.',
  unknownField: 'This field is not known here; leave it out.',
} as const;

type Predicate = (text: string) => boolean;

/** A property decorator from a predicate; anything but a text is refused, with the sentence. */
export function textThat(name: string, holds: Predicate, sentence: string) {
  return (options?: ValidationOptions): PropertyDecorator =>
    ValidateBy(
      {
        name,
        validator: {
          validate: (value: unknown) => typeof value === 'string' && holds(value),
          defaultMessage: buildMessage(() => sentence, options),
        },
      },
      options,
    );
}

/** ISO 8601 with date, time and zone (RFC 3339); a moment without a zone could mean any hour. */
export function isMoment(text: string): boolean {
  const parts = /^(\d{4}-\d{2}-\d{2})T\d{2}:\d{2}:\d{2}(\.\d{1,9})?(Z|[+-]\d{2}:\d{2})$/.exec(text);
  return parts?.[1] !== undefined && isDay(parts[1]) && !Number.isNaN(Date.parse(text));
}

/** Nine digits passing the 11-test. */
export const IsBsn = textThat('isBsn', isBsn, SENTENCES.bsn);
/** Eight digits. */
export const IsUra = textThat('isUra', isUra, SENTENCES.ura);
/** A provider type of the catalogue. */
export const IsProviderType = textThat('isProviderType', isProviderType, SENTENCES.providerType);
/** A group of the catalogue. */
export const IsGroup = textThat('isGroup', isGroupId, SENTENCES.group);
/** A data category of the catalogue. */
export const IsDataCategory = textThat('isDataCategory', isDataCategory, SENTENCES.dataCategory);
/** A data category of the catalogue, or `all`. */
export const IsCategorySide = textThat('isCategorySide', isCategorySide, SENTENCES.categorySide);
/** A holder side of a choice. */
export const IsHolderSide = textThat('isHolderSide', isHolderSide, SENTENCES.holderSide);
/** A requester side of a choice. */
export const IsRequesterSide = textThat('isRequesterSide', isRequesterSide, SENTENCES.requesterSide);
/** A calendar day. */
export const IsDay = textThat('isDay', isDay, SENTENCES.day);
/** A moment with its zone. */
export const IsMoment = textThat('isMoment', isMoment, SENTENCES.moment);
/** TREAT or COC. */
export const IsPurpose = textThat(
  'isPurpose',
  (text) => (PURPOSES as readonly string[]).includes(text),
  SENTENCES.purpose,
);
/** A kind of entry of the log. */
export const IsEntryKind = textThat('isEntryKind', isEntryKind, SENTENCES.entryKind);
/** An outcome of an entry of the log. */
export const IsOutcome = textThat(
  'isOutcome',
  (text) => (OUTCOMES as readonly string[]).includes(text),
  SENTENCES.outcome,
);

/** A text that matches the pattern, or is refused with the sentence. */
export function IsTextLike(
  pattern: RegExp,
  sentence: string,
  options?: ValidationOptions,
): PropertyDecorator {
  return textThat('isTextLike', (text) => pattern.test(text), sentence)(options);
}

/** May be left out. Unlike IsOptional of class-validator, null does not count as left out. */
export function MayBeLeftOut(): PropertyDecorator {
  return ValidateIf((_, value: unknown) => value !== undefined);
}
