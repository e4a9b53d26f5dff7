import { ApiProperty, ApiPropertyOptional, OmitType } from '@nestjs/swagger';
import { Type } from 'class-transformer';
import {
  ArrayMaxSize,
  ArrayMinSize,
  IsArray,
  IsInt,
  IsObject,
  IsUUID,
  Max,
  Min,
  ValidateNested,
} from 'class-validator';
import { ENTRY_KINDS, type EntryKind, type Outcome, OUTCOMES } from '../../core/audit/entry.js';
import type { Bsn } from '../../core/person/bsn.js';
import type { Ura } from '../../core/provider/ura.js';
import {
  IsBsn,
  IsEntryKind,
  IsMoment,
  IsOutcome,
  IsTextLike,
  IsUra,
  MayBeLeftOut,
} from '../shared/validators.js';

/** The largest page of a look-up. */
export const LARGEST_PAGE = 200;

const PAGE_SENTENCE = `Give a whole number from 1 to ${String(LARGEST_PAGE)}.`;
const CASE_SENTENCE = 'Give the case: an object with caseNumber and reason.';
const KINDS_SENTENCE = 'Give a list of one or more kinds of entry, such as consent.checked.';
/** No control characters: what is typed here is read by the person it is about. */
const PRINTABLE = (most: number): RegExp => new RegExp(`^[^\\p{C}\\p{Zl}\\p{Zp}]{0,${String(most)}}$`, 'u');

/** Why an auditor looks. */
export class CaseDto {
  @ApiProperty({ example: 'A-2026-0117', maxLength: 60 })
  @IsTextLike(PRINTABLE(60), 'Give a case number of at most 60 characters.')
  readonly caseNumber!: string;

  @ApiProperty({ example: 'Complaint about an unexpected refusal', minLength: 5, maxLength: 500 })
  @IsTextLike(PRINTABLE(500), 'Say in at most 500 characters why you look.')
  readonly reason!: string;
}

/** What an auditor looks for. The BSN is in the body, never in an address. */
export class LookUpDto {
  @ApiProperty({ type: CaseDto, description: 'Kept with the entry of this look-up; the person can read it.' })
  @IsObject({ message: CASE_SENTENCE })
  @ValidateNested({ message: CASE_SENTENCE })
  @Type(() => CaseDto)
  readonly case!: CaseDto;

  @ApiProperty({ format: 'date-time', example: '2026-11-01T00:00:00Z' })
  @IsMoment()
  readonly from!: string;

  @ApiProperty({ format: 'date-time', example: '2026-12-01T00:00:00Z', description: 'Exclusive.' })
  @IsMoment()
  readonly to!: string;

  @ApiPropertyOptional({ type: String, pattern: '^\\d{9}$', description: 'Entries about this person.' })
  @MayBeLeftOut()
  @IsBsn()
  readonly bsn?: Bsn;

  @ApiPropertyOptional({
    type: String,
    pattern: '^\\d{8}$',
    description: 'Entries naming this provider as requester or holder.',
  })
  @MayBeLeftOut()
  @IsUra()
  readonly ura?: Ura;

  @ApiPropertyOptional({ maxLength: 100, description: 'Entries made through this system.' })
  @MayBeLeftOut()
  @IsTextLike(/^[A-Za-z0-9._-]{1,100}$/, 'Give the id of a client.')
  readonly clientId?: string;

  @ApiPropertyOptional({ enum: ENTRY_KINDS, isArray: true })
  @MayBeLeftOut()
  @IsArray({ message: KINDS_SENTENCE })
  @ArrayMinSize(1, { message: KINDS_SENTENCE })
  @ArrayMaxSize(ENTRY_KINDS.length, { message: KINDS_SENTENCE })
  @IsEntryKind({ each: true, message: KINDS_SENTENCE })
  readonly kinds?: readonly EntryKind[];

  @ApiPropertyOptional({ enum: OUTCOMES })
  @MayBeLeftOut()
  @IsOutcome()
  readonly outcome?: Outcome;

  @ApiPropertyOptional({
    format: 'uuid',
    description: 'Entries older than this one: `next` of the page before.',
  })
  @MayBeLeftOut()
  @IsUUID(undefined, { message: 'Give the id of an entry, a UUID.' })
  readonly before?: string;

  @ApiPropertyOptional({ type: 'integer', minimum: 1, maximum: LARGEST_PAGE, default: 50 })
  @MayBeLeftOut()
  @IsInt({ message: PAGE_SENTENCE })
  @Min(1, { message: PAGE_SENTENCE })
  @Max(LARGEST_PAGE, { message: PAGE_SENTENCE })
  readonly limit: number = 50;
}

/** What an auditor exports: everything that matches, so there are no pages. */
export class ExportDto extends OmitType(LookUpDto, ['before', 'limit'] as const) {}
