import { Controller, Get } from '@nestjs/common';
import { ApiOperation, ApiResponse, ApiTags } from '@nestjs/swagger';
import { type SignedInAsCitizen, SignedInCitizen } from '../../access/sign-in/signed-in.guard.js';
import { Localizations } from '../../core/localization/localizations.service.js';
import { ApiProblems } from '../shared/open-api.js';
import { CitizensOnly } from './citizens-only.js';
import { heldByAnswer, HeldByAnswer } from './held-by.js';

/** The care providers that hold data about the person. */
@ApiTags('providers')
@CitizensOnly()
@Controller('citizen/v1/me/providers')
export class HeldByController {
  constructor(private readonly localizations: Localizations) {}

  @Get()
  @ApiOperation({
    summary: 'Care providers that hold data about me',
    description:
      'Those that said so themselves. A provider that is not in the list does not use this registry yet.',
  })
  @ApiResponse({
    status: 200,
    type: [HeldByAnswer],
    description: 'The care providers, oldest registration first.',
  })
  @ApiProblems('NOT_SIGNED_IN')
  async list(@SignedInCitizen() { personId }: SignedInAsCitizen): Promise<readonly HeldByAnswer[]> {
    return (await this.localizations.ofPerson(personId)).map(heldByAnswer);
  }
}
