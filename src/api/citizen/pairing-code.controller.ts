import { Controller, Get, Post } from '@nestjs/common';
import { ApiOperation, ApiResponse, ApiTags } from '@nestjs/swagger';
import { type SignedInAsCitizen, SignedInCitizen } from '../../access/sign-in/signed-in.guard.js';
import { Failure } from '../../core/failure.js';
import { Guardianship } from '../../core/guardianship/guardianship.service.js';
import { ApiProblems } from '../shared/open-api.js';
import { CitizensOnly } from './citizens-only.js';
import { PairingCodeAnswer, pairingCodeAnswer, PairingCodeEndAnswer } from './guardian.js';

/** The code with which a child lets a parent or guardian look at the waiting choices. */
@ApiTags('guardianship')
@CitizensOnly()
@Controller('citizen/v1/me/pairing-code')
export class PairingCodeController {
  constructor(private readonly guardianship: Guardianship) {}

  @Post()
  @ApiOperation({
    summary: 'A new code for my parent or guardian',
    description:
      'The code is shown this once, works once, and replaces an earlier one. It needs choices that wait for a parent or guardian.',
  })
  @ApiResponse({ status: 201, type: PairingCodeAnswer, description: 'The code.' })
  @ApiProblems(
    'NOT_SIGNED_IN',
    'NOT_ALLOWED',
    'DETAILS_MISSING',
    'NOTHING_AWAITING',
    'GUARDIANSHIP_ENDED',
    'UNAVAILABLE',
  )
  async make(@SignedInCitizen() { personId }: SignedInAsCitizen): Promise<PairingCodeAnswer> {
    return pairingCodeAnswer(await this.guardianship.makeCode(personId));
  }

  @Get()
  @ApiOperation({
    summary: 'Until when my code works',
    description: 'The code itself can not be shown again.',
  })
  @ApiResponse({ status: 200, type: PairingCodeEndAnswer, description: 'There is a code that works.' })
  @ApiProblems('NOT_SIGNED_IN', 'NOT_FOUND')
  async end(@SignedInCitizen() { personId }: SignedInAsCitizen): Promise<PairingCodeEndAnswer> {
    const expiresAt = await this.guardianship.codeEndsAt(personId);
    if (!expiresAt) throw new Failure('NOT_FOUND', 'You have no code that works at this moment.');
    return { expiresAt: expiresAt.toISOString() };
  }
}
