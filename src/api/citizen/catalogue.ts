import { ApiProperty } from '@nestjs/swagger';
import type { Option } from '../../core/consent/choices.js';
import { REASONS, type Reason } from '../../core/decision/rule.js';
import { SENTENCES } from '../../core/decision/sentences.js';
import { TERMS_VERSION } from '../../core/person/person.js';
import {
  CATALOGUE_VERSION,
  CONSULTING_CATEGORIES,
  containedIn,
  DATA_CATEGORIES,
  DATA_CATEGORY_CODES,
  GROUP_IDS,
  type GroupId,
  GROUPS,
  type Name,
} from '../../core/provider/catalogue.js';
import { NameAnswer } from './name.js';

/** A provider type of a group. */
export class ProviderTypeAnswer {
  @ApiProperty({ example: 'Z3', description: 'RoleCodeNL' })
  readonly code!: string;

  @ApiProperty()
  readonly name!: NameAnswer;
}

/** One of the groups a person chooses by. */
export class GroupAnswer {
  @ApiProperty({ enum: GROUP_IDS, example: 'general-practice' })
  readonly id!: GroupId;

  @ApiProperty()
  readonly name!: NameAnswer;

  @ApiProperty({ isArray: true, enum: DATA_CATEGORY_CODES, description: 'Data its providers can hold' })
  readonly holds!: readonly string[];

  @ApiProperty({
    enum: Object.keys(CONSULTING_CATEGORIES),
    description: 'What its providers count as when they ask',
  })
  readonly consultingCategory!: string;

  @ApiProperty({ type: [ProviderTypeAnswer] })
  readonly providerTypes!: readonly ProviderTypeAnswer[];
}

/** A kind of medical data. */
export class DataCategoryAnswer {
  @ApiProperty({ enum: DATA_CATEGORY_CODES, example: 'GGC002' })
  readonly code!: string;

  @ApiProperty()
  readonly name!: NameAnswer;

  @ApiProperty({ isArray: true, enum: DATA_CATEGORY_CODES, description: 'The categories it contains' })
  readonly contains!: readonly string[];
}

/** A kind of asking provider. */
export class ConsultingCategoryAnswer {
  @ApiProperty({ enum: Object.keys(CONSULTING_CATEGORIES), example: 'RPZAC001' })
  readonly code!: string;

  @ApiProperty()
  readonly name!: NameAnswer;
}

/** One of the three options a person picks from. */
export class OptionAnswer {
  @ApiProperty({ enum: ['all', 'certain', 'none'], example: 'certain' })
  readonly id!: Option;

  @ApiProperty()
  readonly name!: NameAnswer;

  @ApiProperty()
  readonly explanation!: NameAnswer;
}

/** A reason of a decision, in a sentence for the person it is about. */
export class ReasonAnswer {
  @ApiProperty({ enum: REASONS, example: 'YES_GROUP' })
  readonly code!: Reason;

  @ApiProperty()
  readonly sentence!: NameAnswer;
}

/** Everything a client needs to name what can be chosen. */
export class CatalogueAnswer {
  @ApiProperty({ example: CATALOGUE_VERSION })
  readonly version!: string;

  @ApiProperty({ example: TERMS_VERSION, description: 'The version of the terms a person accepts now' })
  readonly termsVersion!: string;

  @ApiProperty({ type: [GroupAnswer] })
  readonly groups!: readonly GroupAnswer[];

  @ApiProperty({ type: [DataCategoryAnswer] })
  readonly dataCategories!: readonly DataCategoryAnswer[];

  @ApiProperty({ type: [ConsultingCategoryAnswer] })
  readonly consultingCategories!: readonly ConsultingCategoryAnswer[];

  @ApiProperty({ type: [OptionAnswer] })
  readonly options!: readonly OptionAnswer[];

  @ApiProperty({ type: [ReasonAnswer] })
  readonly reasons!: readonly ReasonAnswer[];
}

const OPTIONS: Readonly<Record<Option, { readonly name: Name; readonly explanation: Name }>> = {
  all: {
    name: { nl: 'Al je zorgaanbieders', en: 'All your care providers' },
    explanation: {
      nl: 'Ook zorgaanbieders die je later krijgt.',
      en: 'Also care providers you get later.',
    },
  },
  certain: {
    name: { nl: 'Bepaalde zorgaanbieders', en: 'Certain care providers' },
    explanation: {
      nl: 'Je kiest per groep of per zorgaanbieder.',
      en: 'You choose per group or per provider.',
    },
  },
  none: {
    name: { nl: 'Geen zorgaanbieders', en: 'No care providers' },
    explanation: {
      nl: 'Je krijgt altijd zorg, wat je ook kiest.',
      en: 'You always get care, whatever you choose.',
    },
  },
};

function named(names: Readonly<Record<string, Name>>): readonly { code: string; name: Name }[] {
  return Object.entries(names).map(([code, name]) => ({ code, name }));
}

/** The catalogue as the citizen door gives it: the same for everybody until a new release. */
export const CATALOGUE: CatalogueAnswer = {
  version: CATALOGUE_VERSION,
  termsVersion: TERMS_VERSION,
  groups: GROUP_IDS.map((id) => {
    const { name, holds, consultingCategory, providerTypes } = GROUPS[id];
    return { id, name, holds, consultingCategory, providerTypes: named(providerTypes) };
  }),
  dataCategories: DATA_CATEGORY_CODES.map((code) => ({
    code,
    name: DATA_CATEGORIES[code],
    contains: containedIn(code),
  })),
  consultingCategories: named(CONSULTING_CATEGORIES),
  options: (['all', 'certain', 'none'] as const).map((id) => ({ id, ...OPTIONS[id] })),
  reasons: REASONS.map((code) => ({ code, sentence: SENTENCES[code] })),
};
