import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { DATA_CATEGORY_CODES, GROUP_IDS } from '../../core/provider/catalogue.js';
import { PartyDto } from './asked.dto.js';

/** Proof that the entry about an answer is kept. */
export class ReceiptDto {
  @ApiProperty({ format: 'uuid', description: 'The entry in the audit log.' })
  readonly entryId!: string;

  @ApiProperty({
    format: 'byte',
    description: 'SHA-256(0x00 ‖ leaf), RFC 6962 §2.1, base64.',
    example: '3q2+796tvu/erb7v3q2+796tvu/erb7v3q2+796tvu8=',
  })
  readonly leafHash!: string;
}

/** What is told about one data category: yes or no, and nothing else. */
export class ResultDto {
  @ApiProperty({ enum: DATA_CATEGORY_CODES })
  readonly dataCategory!: string;

  @ApiProperty({
    enum: ['permit', 'deny'],
    description:
      'deny is also the answer about a person who never chose, or whom the registry does not know.',
  })
  readonly decision!: string;
}

/** The answer to a closed question. */
export class ConsentAnswerDto {
  @ApiProperty({ type: [ResultDto], description: 'One per category asked, in the order asked.' })
  readonly results!: readonly ResultDto[];

  @ApiProperty({ type: ReceiptDto })
  readonly receipt!: ReceiptDto;
}

/** The answers to a batch. */
export class ConsentAnswersDto {
  @ApiProperty({ type: [ConsentAnswerDto], description: 'One per check, in the order asked.' })
  readonly answers!: readonly ConsentAnswerDto[];
}

/** A holder that may be asked. */
export class FoundHolderDto extends PartyDto {
  @ApiProperty({ example: 'Huisartsenpraktijk De Linde' })
  readonly name!: string;

  @ApiProperty({ enum: DATA_CATEGORY_CODES, isArray: true })
  readonly dataCategories!: readonly string[];
}

/** The answer to an open question. */
export class LocationAnswerDto {
  @ApiProperty({
    type: [FoundHolderDto],
    description: 'Empty when nobody holds data, nobody may share it, or the person is unknown.',
  })
  readonly holders!: readonly FoundHolderDto[];

  @ApiProperty({ type: ReceiptDto })
  readonly receipt!: ReceiptDto;
}

/** A registration that a provider holds data about a person. Does not say about whom. */
export class LocalizationDto {
  @ApiProperty({ format: 'uuid' })
  readonly id!: string;

  @ApiProperty({ type: PartyDto })
  readonly holder!: PartyDto;

  @ApiProperty({ format: 'date-time' })
  readonly registeredAt!: string;

  @ApiProperty({ format: 'date-time' })
  readonly renewedAt!: string;
}

/** A care provider in the register. */
export class ProviderDto {
  @ApiProperty({ pattern: '^\\d{8}$', example: '00001234' })
  readonly ura!: string;

  @ApiProperty({ example: 'Huisartsenpraktijk De Linde' })
  readonly name!: string;

  @ApiProperty({ example: 'Zwolle' })
  readonly place!: string;

  @ApiProperty({ type: [String], example: ['Z3'], description: 'Provider types of the catalogue.' })
  readonly types!: readonly string[];

  @ApiProperty({ enum: GROUP_IDS, isArray: true, description: 'The groups that these types are in.' })
  readonly groups!: readonly string[];
}

/** A page of providers, by URA number. */
export class ProvidersDto {
  @ApiProperty({ type: [ProviderDto] })
  readonly providers!: readonly ProviderDto[];

  @ApiPropertyOptional({ description: 'Give it as `after` for the next page; absent on the last.' })
  readonly next?: string;
}
