import { Controller, Get, Query } from '@nestjs/common';
import { ApiOperation, ApiResponse, ApiTags } from '@nestjs/swagger';
import { type SignedInAsCitizen, SignedInCitizen } from '../../access/sign-in/signed-in.guard.js';
import { Activity } from '../../core/audit/activity.service.js';
import { ApiProblems } from '../shared/open-api.js';
import { ActivityAnswer, activityAnswer, ActivityQuery, pageOf } from './activity.js';
import { CitizensOnly } from './citizens-only.js';

/** What happened around a person's choices. */
@ApiTags('activity')
@CitizensOnly()
@Controller('citizen/v1/me/activity')
export class ActivityController {
  constructor(private readonly activity: Activity) {}

  @Get()
  @ApiOperation({
    summary: 'Who asked, what changed, and why the answer was yes or no',
    description:
      'Every question about the person, refused ones included, every change, and every look by an auditor, for five years; also ' +
      'from before the person first signed in.',
  })
  @ApiResponse({ status: 200, type: ActivityAnswer, description: 'A page, newest first.' })
  @ApiProblems('INPUT_INVALID', 'NOT_SIGNED_IN')
  async list(
    @SignedInCitizen() { personId }: SignedInAsCitizen,
    @Query() query: ActivityQuery,
  ): Promise<ActivityAnswer> {
    return activityAnswer(personId, await this.activity.of(personId, pageOf(query)));
  }
}
