import { ApiProperty } from '@nestjs/swagger';

/** A text in the two languages of the service. */
export class NameAnswer {
  @ApiProperty({ example: 'Huisartspraktijk (zelfstandig of groepspraktijk)' })
  readonly nl!: string;

  @ApiProperty({ example: 'GP practice' })
  readonly en!: string;
}
