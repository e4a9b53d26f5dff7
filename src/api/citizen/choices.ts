import { applyDecorators } from '@nestjs/common';
import { ApiBody, ApiExtraModels, ApiProperty, ApiPropertyOptional, getSchemaPath } from '@nestjs/swagger';
import { Type } from 'class-transformer';
import { ArrayMaxSize, IsArray, IsIn, IsObject, ValidateNested } from 'class-validator';
import {
  type Answer,
  type Choice,
  type Draft,
  type HolderSide,
  MOST_CHOICES,
  type Option,
  type RequesterSide,
} from '../../core/consent/choices.js';
import type { Profile, ProfileVersion, VersionState } from '../../core/consent/profile.js';
import type { DataCategory } from '../../core/provider/catalogue.js';
import { IsCategorySide, IsHolderSide, IsRequesterSide, MayBeLeftOut } from '../shared/validators.js';
import type { Plain } from './plain.js';

const OPTIONS = ['all', 'certain', 'none'] as const satisfies readonly Option[];
const ANSWERS = ['yes', 'no'] as const satisfies readonly Answer[];
const STATES = [
  'proposed',
  'awaiting-guardian',
  'in-force',
  'superseded',
  'refused',
  'lapsed',
] as const satisfies readonly VersionState[];

/** One choice, as sent and as answered. */
export class ChoiceInput implements Choice {
  @IsHolderSide()
  @ApiProperty({
    type: String,
    example: 'group:general-practice',
    description: 'Whose data: `all`, `group:<id>` or `provider:<URA number>`',
  })
  readonly holder!: HolderSide;

  @IsRequesterSide()
  @ApiProperty({
    type: String,
    example: 'group:hospital',
    description: 'Toward whom: as `holder`, or `group:eu` for care providers elsewhere in the European Union',
  })
  readonly requester!: RequesterSide;

  @IsCategorySide()
  @ApiProperty({ type: String, example: 'all', description: '`all` or the code of a data category' })
  readonly dataCategory!: DataCategory | 'all';

  @IsIn(ANSWERS, { message: 'An answer is yes or no.' })
  @ApiProperty({ enum: ANSWERS, example: 'yes' })
  readonly answer!: Answer;
}

const CHOICE_SENTENCE = 'A choice has a holder, a requester, a dataCategory and an answer.';

/** What a person wants to choose, as sent. */
export class DraftInput {
  @IsIn(OPTIONS, { message: 'Pick an option: all, certain or none.' })
  @ApiProperty({ enum: OPTIONS, example: 'certain' })
  readonly option!: Option;

  @MayBeLeftOut()
  @IsArray({ message: 'Choices are a list.' })
  @ArrayMaxSize(MOST_CHOICES, { message: `At most ${MOST_CHOICES} choices fit.` })
  // Without it the validator looks into lists within the list and takes an empty one for a choice.
  @IsObject({ each: true, message: CHOICE_SENTENCE })
  @ValidateNested({ each: true, message: CHOICE_SENTENCE })
  @Type(() => ChoiceInput)
  @ApiPropertyOptional({
    type: [ChoiceInput],
    maxItems: MOST_CHOICES,
    description: 'With the option `certain` only: at least one choice',
  })
  readonly choices?: readonly ChoiceInput[];
}

const CERTAIN: DraftInput = {
  option: 'certain',
  choices: [
    { holder: 'group:general-practice', requester: 'group:hospital', dataCategory: 'all', answer: 'yes' },
    { holder: 'group:pharmacy', requester: 'all', dataCategory: 'GGC013', answer: 'yes' },
    { holder: 'group:mental-health', requester: 'all', dataCategory: 'all', answer: 'no' },
  ],
};

/** Describes a draft as a body, with an example of each option. */
export function ApiDraft(): MethodDecorator {
  return applyDecorators(
    ApiExtraModels(DraftInput),
    ApiBody({
      schema: { $ref: getSchemaPath(DraftInput) },
      examples: {
        all: { summary: 'Yes to all care providers', value: { option: 'all' } },
        certain: { summary: 'Certain care providers', value: CERTAIN },
        none: { summary: 'No to all care providers', value: { option: 'none' } },
      },
    }),
  );
}

/** The choices of a version. */
export class ChoicesOfVersion {
  @ApiProperty({ enum: OPTIONS, example: 'certain' })
  readonly option!: Option;

  @ApiProperty({ type: [ChoiceInput] })
  readonly choices!: readonly Choice[];
}

/** Who made a version. */
export class MakerAnswer {
  @ApiProperty({ enum: ['self', 'provider'], example: 'self' })
  readonly kind!: 'self' | 'provider';

  @ApiPropertyOptional({ example: '00000001', description: 'The care provider that made it on request' })
  readonly ura?: string;
}

/** One version of a person's choices. Versions never change; only their state moves on. */
export class VersionAnswer extends ChoicesOfVersion {
  @ApiProperty({ example: 3 })
  readonly number!: number;

  @ApiProperty({ enum: STATES, example: 'in-force' })
  readonly state!: VersionState;

  @ApiProperty({ example: '2026-1', description: 'The version of the catalogue it was made under' })
  readonly catalogueVersion!: string;

  @ApiProperty({ format: 'date-time', example: '2026-11-21T10:00:00.000Z' })
  readonly madeAt!: string;

  @ApiProperty()
  readonly madeBy!: MakerAnswer;

  @ApiPropertyOptional({ example: 1, description: 'The version whose choices were taken over' })
  readonly restoredFrom?: number;

  @ApiPropertyOptional({
    enum: ['guardian'],
    description: 'Present when a parent or guardian approved or refused',
  })
  readonly decidedBy?: 'guardian';

  @ApiPropertyOptional({ format: 'date-time', example: '2026-11-21T10:00:00.000Z' })
  readonly inForceFrom?: string;

  @ApiPropertyOptional({ format: 'date-time', description: 'When it was superseded, refused or lapsed' })
  readonly endedAt?: string;
}

/** A person's choices now. */
export class ProfileAnswer {
  @ApiPropertyOptional({ description: 'Absent for someone who never chose: then every answer is no' })
  readonly inForce?: VersionAnswer;

  @ApiPropertyOptional({ description: 'Present while a parent or guardian has to confirm' })
  readonly awaiting?: VersionAnswer;

  @ApiProperty({ example: false, description: 'Whether a parent or guardian must confirm new choices' })
  readonly needsGuardian!: boolean;

  @ApiProperty({ example: 3, description: 'The highest version number used; 0 for someone who never chose' })
  readonly latest!: number;
}

/** What came of a change. */
export class ChangedAnswer {
  @ApiProperty({ description: 'The version this change made' })
  readonly version!: VersionAnswer;

  @ApiProperty()
  readonly profile!: ProfileAnswer;
}

/** A choice without anything that came along with it. */
function choiceOf({ holder, requester, dataCategory, answer }: Choice): Choice {
  return { holder, requester, dataCategory, answer };
}

/** The input in the core's own types. */
export function draftOf({ option, choices }: DraftInput): Draft {
  return { option, choices: (choices ?? []).map(choiceOf) };
}

/** The choices of a version and nothing else: what a guardian may see. */
export function choicesOfVersion({ option, choices }: ProfileVersion): Plain<ChoicesOfVersion> {
  return { option, choices: choices.map(choiceOf) };
}

/** A version as its own person sees it. Who the guardian is stays out: the child knows, and others may look along. */
export function versionAnswer(version: ProfileVersion): VersionAnswer {
  const { number, state, catalogueVersion, madeAt, madeBy, restoredFrom, inForceFrom, endedAt } = version;
  return {
    number,
    state,
    ...choicesOfVersion(version),
    catalogueVersion,
    madeAt: madeAt.toISOString(),
    madeBy: madeBy.kind === 'provider' ? { kind: 'provider', ura: madeBy.ura } : { kind: 'self' },
    ...(restoredFrom !== undefined && { restoredFrom }),
    ...(version.decidedBy !== undefined && { decidedBy: 'guardian' }),
    ...(inForceFrom && { inForceFrom: inForceFrom.toISOString() }),
    ...(endedAt && { endedAt: endedAt.toISOString() }),
  };
}

/** A person's choices now, as the person sees them. */
export function profileAnswer({ inForce, awaiting, latest }: Profile, needsGuardian: boolean): ProfileAnswer {
  return {
    ...(inForce && { inForce: versionAnswer(inForce) }),
    ...(awaiting && { awaiting: versionAnswer(awaiting) }),
    needsGuardian,
    latest,
  };
}
