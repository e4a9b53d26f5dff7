import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import type { HeldBy } from '../../core/localization/localizations.service.js';
import { GROUP_IDS, type GroupId, groupOf, nameOfType } from '../../core/provider/catalogue.js';
import { NameAnswer } from './name.js';

/** A care provider that says it holds data about the person. */
export class HeldByAnswer {
  @ApiProperty({ example: '00000001' })
  readonly ura!: string;

  @ApiProperty({ example: 'Z3' })
  readonly type!: string;

  @ApiProperty()
  readonly typeName!: NameAnswer;

  @ApiProperty({ enum: GROUP_IDS, example: 'general-practice' })
  readonly group!: GroupId;

  @ApiPropertyOptional({
    example: 'Huisartsenpraktijk De Linde',
    description: 'Absent when it left the register',
  })
  readonly name?: string;

  @ApiPropertyOptional({ example: 'Zwolle' })
  readonly place?: string;

  @ApiProperty({ format: 'date-time', example: '2026-11-21T10:00:00.000Z' })
  readonly registeredAt!: string;

  @ApiProperty({ format: 'date-time', example: '2026-11-21T10:00:00.000Z' })
  readonly renewedAt!: string;
}

/** A localization as the person it is about sees it. */
export function heldByAnswer({ localization, provider }: HeldBy): HeldByAnswer {
  const { ura, type, registeredAt, renewedAt } = localization;
  return {
    ura,
    type,
    typeName: nameOfType(type),
    group: groupOf(type),
    ...(provider && { name: provider.name, place: provider.place }),
    registeredAt: registeredAt.toISOString(),
    renewedAt: renewedAt.toISOString(),
  };
}
