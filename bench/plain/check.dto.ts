import { Type } from 'class-transformer';
import {
  ArrayMaxSize,
  ArrayMinSize,
  ArrayUnique,
  IsBoolean,
  IsIn,
  IsOptional,
  IsString,
  Matches,
  MaxLength,
  Validate,
  ValidateNested,
  ValidatorConstraint,
  type ValidatorConstraintInterface,
} from 'class-validator';
import { isBsn } from '../../src/core/person/bsn.js';
import {
  DATA_CATEGORY_CODES,
  type DataCategory,
  PROVIDER_TYPES,
  type ProviderType,
} from '../../src/core/provider/catalogue.js';

/** Nine digits that pass the 11-test. */
@ValidatorConstraint({ name: 'bsn' })
class BsnRule implements ValidatorConstraintInterface {
  validate(value: unknown): boolean {
    return typeof value === 'string' && isBsn(value);
  }
}

/** A care provider acting as one of its types. */
export class PartyDto {
  @Matches(/^\d{8}$/)
  ura!: string;

  @IsIn(PROVIDER_TYPES)
  type!: ProviderType;
}

/** The human being behind a question. */
export class ProfessionalDto {
  @Matches(/^[A-Za-z0-9]{1,60}$/)
  id!: string;

  @IsOptional()
  @Matches(/^\d{2}\.\d{3}$/)
  role?: string;

  @IsOptional()
  @Matches(/^[A-Za-z0-9]{1,60}$/)
  mandatedId?: string;
}

/** A closed question as it comes over the wire. */
export class CheckDto {
  @Validate(BsnRule)
  bsn!: string;

  @ValidateNested()
  @Type(() => PartyDto)
  holder!: PartyDto;

  @ValidateNested()
  @Type(() => PartyDto)
  requester!: PartyDto;

  @ArrayMinSize(1)
  @ArrayMaxSize(3)
  @ArrayUnique()
  @IsIn(DATA_CATEGORY_CODES, { each: true })
  dataCategories!: DataCategory[];

  @IsIn(['TREAT', 'COC'])
  purpose!: 'TREAT' | 'COC';

  @IsOptional()
  @ValidateNested()
  @Type(() => ProfessionalDto)
  professional?: ProfessionalDto;

  @IsOptional()
  @IsString()
  @MaxLength(60)
  exchangeSystem?: string;

  @IsOptional()
  @IsBoolean()
  automatic?: boolean;
}
