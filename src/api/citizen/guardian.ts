import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { IsBoolean, IsIn, IsString, MaxLength } from 'class-validator';
import type {
  GuardianDecision,
  Redemption,
  ReviewShown,
  ShownPairingCode,
} from '../../core/guardianship/guardianship.service.js';
import type { Review, ReviewState } from '../../core/guardianship/review.js';
import { parseDay } from '../../core/person/age.js';
import { IsDay } from '../shared/validators.js';
import { ChoicesOfVersion, choicesOfVersion } from './choices.js';
import type { Plain } from './plain.js';

/** A code to hand to a parent or guardian. Shown once. */
export class PairingCodeAnswer {
  @ApiProperty({ example: '7KQ4-M2XD-91TW', description: 'Shown once; a new code makes it worthless' })
  readonly code!: string;

  @ApiProperty({ format: 'date-time', example: '2026-11-24T10:00:00.000Z' })
  readonly expiresAt!: string;
}

/** When the present code ends. */
export class PairingCodeEndAnswer {
  @ApiProperty({ format: 'date-time', example: '2026-11-24T10:00:00.000Z' })
  readonly expiresAt!: string;
}

/** What a guardian types. */
export class RedemptionInput {
  @IsString({ message: 'Write the code as the child received it.' })
  @MaxLength(64, { message: 'A code has 12 letters and digits.' })
  @ApiProperty({ example: '7KQ4-M2XD-91TW', description: 'In any case, with or without spaces and hyphens' })
  readonly code!: string;

  @IsDay()
  @ApiProperty({ format: 'date', example: '2014-03-01', description: 'The date of birth of the child' })
  readonly childBornOn!: string;
}

/** A guardian's decision. */
export class DecisionInput {
  @IsIn(['approve', 'refuse'], { message: 'A decision is approve or refuse.' })
  @ApiProperty({ enum: ['approve', 'refuse'], example: 'approve' })
  readonly decision!: GuardianDecision['decision'];

  @IsBoolean({ message: 'Say with true or false whether you are the parent or guardian of this child.' })
  @ApiProperty({
    example: true,
    description: '"I am the parent or guardian of this child." Needed to approve',
  })
  readonly declaresGuardianship!: boolean;
}

/** A review without the choices. Says nothing about the child. */
export class ReviewAnswer {
  @ApiProperty({ format: 'uuid', example: '019a0000-0000-7000-8000-000000000001' })
  readonly id!: string;

  @ApiProperty({ enum: ['open', 'approved', 'refused'], example: 'open' })
  readonly state!: ReviewState;

  @ApiProperty({ format: 'date-time', example: '2026-11-21T10:00:00.000Z' })
  readonly openedAt!: string;

  @ApiProperty({
    format: 'date-time',
    example: '2026-11-22T10:00:00.000Z',
    description: 'Until then to be decided',
  })
  readonly expiresAt!: string;

  @ApiPropertyOptional({ format: 'date-time', example: '2026-11-21T10:05:00.000Z' })
  readonly decidedAt?: string;
}

/** The child of a review, as far as a guardian sees it. */
export class ChildAnswer {
  @ApiProperty({ example: 'Sam' })
  readonly displayName!: string;
}

/** An open review with everything a guardian sees of the child: the name, the proposed and the present choices. */
export class OpenReviewAnswer extends ReviewAnswer {
  @ApiProperty()
  readonly child!: ChildAnswer;

  @ApiProperty({ description: 'What the child wants' })
  readonly proposed!: ChoicesOfVersion;

  @ApiPropertyOptional({
    description: 'What counts now; absent when nothing was chosen: then every answer is no',
  })
  readonly inForce?: ChoicesOfVersion;
}

/** A fresh code, for the child's eyes. */
export function pairingCodeAnswer({ code, expiresAt }: ShownPairingCode): PairingCodeAnswer {
  return { code, expiresAt: expiresAt.toISOString() };
}

/** The input in the core's own types. */
export function redemptionOf({ code, childBornOn }: RedemptionInput): Redemption {
  return { code, childBornOn: parseDay(childBornOn) };
}

/** A review without the choices. */
export function reviewAnswer({ id, state, openedAt, expiresAt, decidedAt }: Review): Plain<ReviewAnswer> {
  return {
    id,
    state,
    openedAt: openedAt.toISOString(),
    expiresAt: expiresAt.toISOString(),
    ...(decidedAt && { decidedAt: decidedAt.toISOString() }),
  };
}

/** An open review as its guardian sees it. Version numbers stay out: they would tell how often the child chose. */
export function openReviewAnswer({ review, childName, proposed, inForce }: ReviewShown): OpenReviewAnswer {
  return {
    ...reviewAnswer(review),
    child: { displayName: childName },
    proposed: choicesOfVersion(proposed),
    ...(inForce && { inForce: choicesOfVersion(inForce) }),
  };
}
