import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { IsIn, IsString, MaxLength } from 'class-validator';
import { parseDay } from '../../core/person/age.js';
import { isEmail, parseEmail } from '../../core/person/email.js';
import type { Details } from '../../core/person/people.service.js';
import { type BirthDateSource, type Language, type Person, TERMS_VERSION } from '../../core/person/person.js';
import { IsDay, textThat } from '../shared/validators.js';
import { isDisplayName } from './display-name.js';

const IsDisplayName = textThat(
  'isDisplayName',
  isDisplayName,
  'Write a name of 1 to 80 characters that can be seen, without a BSN.',
);

/** An e-mail address by the core's own rule; white space around it is taken off later. */
const IsEmailAddress = textThat(
  'isEmailAddress',
  (text) => isEmail(text.trim()),
  'Write an e-mail address like name@example.nl.',
);

/** What a person fills in at first use, as sent. */
export class DetailsInput {
  @IsDisplayName()
  @ApiProperty({ minLength: 1, maxLength: 80, example: 'Sam', description: 'How to address the person' })
  readonly displayName!: string;

  @IsEmailAddress()
  @ApiProperty({ format: 'email', maxLength: 254, example: 'sam@example.org' })
  readonly email!: string;

  @IsDay()
  @ApiProperty({
    format: 'date',
    example: '1980-05-17',
    description: 'Can not be changed once known here: it decides who may choose',
  })
  readonly bornOn!: string;

  @IsIn(['nl', 'en'], { message: 'Choose a language: nl or en.' })
  @ApiProperty({ enum: ['nl', 'en'], example: 'nl' })
  readonly language!: Language;

  @IsString({ message: 'Name the version of the terms that was accepted.' })
  @MaxLength(20, { message: 'The version of the terms has at most 20 characters.' })
  @ApiProperty({ example: TERMS_VERSION, description: 'The version of the terms that was on the screen' })
  readonly termsVersion!: string;
}

/** What a person told about themselves. Fields not filled in yet are absent. */
export class DetailsAnswer {
  @ApiPropertyOptional({ example: 'Sam' })
  readonly displayName?: string;

  @ApiPropertyOptional({ example: 'sam@example.org' })
  readonly email?: string;

  @ApiPropertyOptional({ format: 'date', example: '1980-05-17' })
  readonly bornOn?: string;

  @ApiPropertyOptional({
    enum: ['self', 'provider'],
    description: 'Who gave the date of birth',
    example: 'self',
  })
  readonly bornOnSource?: BirthDateSource;

  @ApiProperty({ description: 'Whether the date of birth is known and can not be changed', example: true })
  readonly bornOnFixed!: boolean;

  @ApiPropertyOptional({ enum: ['nl', 'en'], example: 'nl' })
  readonly language?: Language;

  @ApiPropertyOptional({ example: TERMS_VERSION, description: 'The version of the terms that was accepted' })
  readonly termsVersion?: string;

  @ApiPropertyOptional({ format: 'date-time', example: '2026-11-21T10:00:00.000Z' })
  readonly termsAcceptedAt?: string;
}

/** The input in the core's own types. */
export function detailsOf(input: DetailsInput): Details {
  return {
    displayName: input.displayName.trim(),
    email: parseEmail(input.email),
    bornOn: parseDay(input.bornOn),
    language: input.language,
    termsVersion: input.termsVersion,
  };
}

/** What a person told about themselves, as the door gives it. */
export function detailsAnswer({ account, bornOn, bornOnSource }: Person): DetailsAnswer {
  return {
    ...(account && {
      displayName: account.displayName,
      email: account.email,
      language: account.language,
      termsVersion: account.termsVersion,
      termsAcceptedAt: account.termsAcceptedAt.toISOString(),
    }),
    ...(bornOn && { bornOn }),
    ...(bornOnSource && { bornOnSource }),
    bornOnFixed: bornOn !== undefined,
  };
}
