import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import type { AgeBand } from '../../core/person/age.js';
import { onboardingOf, type OnboardingState } from '../../core/person/people.service.js';
import { type Language, type Person, TERMS_VERSION } from '../../core/person/person.js';
import { endsAt, type Session } from '../../core/session/session.js';

/** Who is signed in, and what comes next for them. Holds neither BSN nor person id. */
export class SessionAnswer {
  @ApiProperty({ description: 'When false, `termsVersion` is the only other field', example: true })
  readonly signedIn!: boolean;

  @ApiProperty({ example: TERMS_VERSION, description: 'The version of the terms to accept at first use' })
  readonly termsVersion!: string;

  @ApiPropertyOptional({ enum: ['details-missing', 'terms-changed', 'ready'], example: 'ready' })
  readonly onboarding?: OnboardingState;

  @ApiPropertyOptional({ example: 'Sam' })
  readonly displayName?: string;

  @ApiPropertyOptional({ enum: ['nl', 'en'], example: 'nl' })
  readonly language?: Language;

  @ApiPropertyOptional({
    enum: ['under-twelve', 'twelve-to-sixteen', 'sixteen-or-older'],
    description: 'Absent while no date of birth is known',
    example: 'sixteen-or-older',
  })
  readonly ageBand?: AgeBand;

  @ApiPropertyOptional({
    description: 'Whether the date of birth is known and can not be changed',
    example: true,
  })
  readonly bornOnFixed?: boolean;

  @ApiPropertyOptional({
    format: 'date-time',
    description: 'When the session ends if no further request comes',
    example: '2026-11-21T10:15:00.000Z',
  })
  readonly endsAt?: string;
}

/** When a prolonged session ends. */
export class ExtensionAnswer {
  @ApiProperty({ format: 'date-time', example: '2026-11-21T10:30:00.000Z' })
  readonly endsAt!: string;
}

/** What everybody may know: nobody is signed in here. */
export const NOBODY_SIGNED_IN: SessionAnswer = { signedIn: false, termsVersion: TERMS_VERSION };

/** What a signed-in person may know about the visit. */
export function sessionAnswer(person: Person, ageBand: AgeBand | undefined, session: Session): SessionAnswer {
  const { account } = person;
  return {
    signedIn: true,
    termsVersion: TERMS_VERSION,
    onboarding: onboardingOf(person),
    ...(account && { displayName: account.displayName, language: account.language }),
    ...(ageBand && { ageBand }),
    bornOnFixed: person.bornOn !== undefined,
    endsAt: endsAt(session).toISOString(),
  };
}
