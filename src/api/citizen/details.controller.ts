import { Body, Controller, Get, Put } from '@nestjs/common';
import { ApiOperation, ApiResponse, ApiTags } from '@nestjs/swagger';
import { type SignedInAsCitizen, SignedInCitizen } from '../../access/sign-in/signed-in.guard.js';
import { People } from '../../core/person/people.service.js';
import { ApiProblems } from '../shared/open-api.js';
import { CitizensOnly } from './citizens-only.js';
import { detailsAnswer, DetailsAnswer, DetailsInput, detailsOf } from './details.js';

/** What a person tells about themselves. */
@ApiTags('details')
@CitizensOnly()
@Controller('citizen/v1/me/details')
export class DetailsController {
  constructor(private readonly people: People) {}

  @Get()
  @ApiOperation({ summary: 'My details', description: 'Fields that were not filled in yet are absent.' })
  @ApiResponse({ status: 200, type: DetailsAnswer, description: 'What the person told about themselves.' })
  @ApiProblems('NOT_SIGNED_IN')
  async read(@SignedInCitizen() { personId }: SignedInAsCitizen): Promise<DetailsAnswer> {
    return detailsAnswer(await this.people.find(personId));
  }

  @Put()
  @ApiOperation({
    summary: 'Keep my details and accept the terms',
    description:
      'A date of birth that is known here already, from a care provider or from an earlier time, can not be changed.',
  })
  @ApiResponse({ status: 200, type: DetailsAnswer, description: 'The details as kept.' })
  @ApiProblems('INPUT_INVALID', 'NOT_SIGNED_IN', 'NOT_ALLOWED', 'BIRTH_DATE_FIXED')
  async save(
    @SignedInCitizen() { personId }: SignedInAsCitizen,
    @Body() input: DetailsInput,
  ): Promise<DetailsAnswer> {
    return detailsAnswer(await this.people.saveDetails(personId, detailsOf(input)));
  }
}
