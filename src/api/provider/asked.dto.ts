import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { Type } from 'class-transformer';
import {
  ArrayMaxSize,
  ArrayMinSize,
  ArrayUnique,
  IsArray,
  IsBoolean,
  IsObject,
  ValidateNested,
} from 'class-validator';
import { PURPOSES, type Purpose } from '../../core/decision/question.js';
import type { Bsn } from '../../core/person/bsn.js';
import { DATA_CATEGORY_CODES, type DataCategory, type ProviderType } from '../../core/provider/catalogue.js';
import type { Ura } from '../../core/provider/ura.js';
import {
  IsBsn,
  IsDataCategory,
  IsProviderType,
  IsPurpose,
  IsTextLike,
  IsUra,
  MayBeLeftOut,
} from '../shared/validators.js';
import { ASKED, PATTERNS } from './expected.js';

/** A care provider acting as one of its types. */
export class PartyDto {
  @ApiProperty({ type: String, pattern: '^\\d{8}$', example: '00001234', description: 'URA number.' })
  @IsUra()
  readonly ura!: Ura;

  @ApiProperty({ type: String, example: 'Z3', description: 'Provider type of the catalogue (RoleCodeNL).' })
  @IsProviderType()
  readonly type!: ProviderType;
}

/** The human being behind a question. */
export class ProfessionalDto {
  @ApiProperty({ pattern: PATTERNS.professionalId.source, example: '900012345' })
  @IsTextLike(PATTERNS.professionalId, ASKED.professionalId)
  readonly id!: string;

  @ApiPropertyOptional({ pattern: PATTERNS.role.source, example: '01.015', description: 'RoleCodeNL.' })
  @MayBeLeftOut()
  @IsTextLike(PATTERNS.role, ASKED.role)
  readonly role?: string;

  @ApiPropertyOptional({
    pattern: PATTERNS.professionalId.source,
    description: 'Who acts under the mandate of this professional.',
  })
  @MayBeLeftOut()
  @IsTextLike(PATTERNS.professionalId, ASKED.professionalId)
  readonly mandatedId?: string;
}

/** What every question says about itself. Never repeated in an answer. */
export class AskedDto {
  @ApiProperty({
    type: String,
    pattern: '^\\d{9}$',
    example: '999990019',
    description: 'Passes the 11-test.',
  })
  @IsBsn()
  readonly bsn!: Bsn;

  @ApiProperty({ type: PartyDto, description: 'Who wants to see the data.' })
  @IsObject({ message: ASKED.party })
  @ValidateNested({ message: ASKED.party })
  @Type(() => PartyDto)
  readonly requester!: PartyDto;

  @ApiProperty({
    enum: PURPOSES,
    description: 'TREAT needs consent; COC (referral, treatment team) may presume it.',
  })
  @IsPurpose()
  readonly purpose!: Purpose;

  @ApiPropertyOptional({ type: ProfessionalDto })
  @MayBeLeftOut()
  @IsObject({ message: ASKED.professional })
  @ValidateNested({ message: ASKED.professional })
  @Type(() => ProfessionalDto)
  readonly professional?: ProfessionalDto;

  @ApiPropertyOptional({
    pattern: PATTERNS.exchangeSystem.source,
    example: 'LSP',
    description: 'The system that carries the data afterwards. Logged; never weighs in the answer.',
  })
  @MayBeLeftOut()
  @IsTextLike(PATTERNS.exchangeSystem, ASKED.exchangeSystem)
  readonly exchangeSystem?: string;

  @ApiPropertyOptional({ description: 'Asked by a machine without a professional at hand.' })
  @MayBeLeftOut()
  @IsBoolean({ message: ASKED.automatic })
  readonly automatic?: boolean;
}

/** The open question. */
export class LocationQuestionDto extends AskedDto {}

/** The closed question: may this holder share these categories with this requester? */
export class ConsentCheckDto extends AskedDto {
  @ApiProperty({
    type: PartyDto,
    description: 'Who holds the data: a provider that the asking system acts for.',
  })
  @IsObject({ message: ASKED.party })
  @ValidateNested({ message: ASKED.party })
  @Type(() => PartyDto)
  readonly holder!: PartyDto;

  @ApiProperty({
    enum: DATA_CATEGORY_CODES,
    isArray: true,
    minItems: 1,
    maxItems: DATA_CATEGORY_CODES.length,
    uniqueItems: true,
    example: ['GGC002'],
  })
  @IsArray({ message: ASKED.dataCategories })
  @ArrayMinSize(1, { message: ASKED.dataCategories })
  @ArrayMaxSize(DATA_CATEGORY_CODES.length, { message: ASKED.dataCategories })
  @ArrayUnique({ message: ASKED.dataCategories })
  @IsDataCategory({ each: true, message: ASKED.dataCategories })
  readonly dataCategories!: readonly DataCategory[];
}

/** Many closed questions. Documents the batch; its items are judged as single checks are. */
export class ConsentCheckBatchDto {
  @ApiProperty({ type: [ConsentCheckDto], minItems: 1, maxItems: 1000 })
  readonly checks!: readonly ConsentCheckDto[];
}
