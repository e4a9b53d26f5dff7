import { Body, Controller, Get, HttpCode, Param, type PipeTransform, Post, Res } from '@nestjs/common';
import { ApiOperation, ApiParam, ApiResponse, ApiTags } from '@nestjs/swagger';
import { isUUID } from 'class-validator';
import type { FastifyReply } from 'fastify';
import { type SignedInAsCitizen, SignedInCitizen } from '../../access/sign-in/signed-in.guard.js';
import { Failure } from '../../core/failure.js';
import { Guardianship } from '../../core/guardianship/guardianship.service.js';
import { ApiProblems } from '../shared/open-api.js';
import { CitizensOnly } from './citizens-only.js';
import {
  DecisionInput,
  openReviewAnswer,
  OpenReviewAnswer,
  RedemptionInput,
  redemptionOf,
  reviewAnswer,
  ReviewAnswer,
} from './guardian.js';

const PATH = 'citizen/v1/guardian/reviews';

/** A review that can't exist and one of somebody else's are the same answer. */
const reviewId: PipeTransform<string, string> = {
  transform(text) {
    if (isUUID(text, 'all')) return text.toLowerCase();
    throw new Failure('NOT_FOUND', 'You have no review with this number.');
  },
};

const REVIEW_ID = { name: 'id', format: 'uuid', example: '019a0000-0000-7000-8000-000000000001' };

/** A parent or guardian looking at a child's choices. Of the child it shows the name and the choices, nothing else. */
@ApiTags('guardianship')
@CitizensOnly()
@Controller(PATH)
export class ReviewsController {
  constructor(private readonly guardianship: Guardianship) {}

  @Post()
  @ApiOperation({
    summary: "Look at a child's choices, with the code the child received",
    description:
      'Every wrong code or date of birth is refused with the same words. Ten wrong tries a day; five on one code end that code.',
  })
  @ApiResponse({
    status: 201,
    type: OpenReviewAnswer,
    description: 'The review; `Location` is its address.',
    headers: { Location: { schema: { type: 'string' }, description: 'The path of the review' } },
  })
  @ApiProblems(
    'INPUT_INVALID',
    'NOT_SIGNED_IN',
    'NOT_ALLOWED',
    'DETAILS_MISSING',
    'PAIRING_CODE_REFUSED',
    'GUARDIAN_TOO_YOUNG',
    'TOO_MANY_TRIES',
  )
  async open(
    @SignedInCitizen() { personId }: SignedInAsCitizen,
    @Body() input: RedemptionInput,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<OpenReviewAnswer> {
    const shown = await this.guardianship.openReview(personId, redemptionOf(input));
    reply.header('location', `/${PATH}/${shown.review.id}`);
    return openReviewAnswer(shown);
  }

  @Get()
  @ApiOperation({ summary: 'My reviews, newest first', description: 'Without the choices.' })
  @ApiResponse({ status: 200, type: [ReviewAnswer], description: 'The reviews.' })
  @ApiProblems('NOT_SIGNED_IN')
  async list(@SignedInCitizen() { personId }: SignedInAsCitizen): Promise<readonly ReviewAnswer[]> {
    return (await this.guardianship.reviews(personId)).map(reviewAnswer);
  }

  @Get(':id')
  @ApiParam(REVIEW_ID)
  @ApiOperation({
    summary: 'One open review',
    description: 'The proposed and the present choices, as long as they wait for a decision.',
  })
  @ApiResponse({ status: 200, type: OpenReviewAnswer, description: 'The review.' })
  @ApiProblems('NOT_SIGNED_IN', 'NOT_FOUND', 'REVIEW_CLOSED', 'GUARDIANSHIP_ENDED')
  async read(
    @SignedInCitizen() { personId }: SignedInAsCitizen,
    @Param('id', reviewId) id: string,
  ): Promise<OpenReviewAnswer> {
    return openReviewAnswer(await this.guardianship.review(personId, id));
  }

  @Post(':id/decision')
  @HttpCode(200)
  @ApiParam(REVIEW_ID)
  @ApiOperation({
    summary: "Approve or refuse the child's choices, once",
    description: 'Approved choices are in force at once. Refused ones leave what was in force.',
  })
  @ApiResponse({ status: 200, type: ReviewAnswer, description: 'Decided.' })
  @ApiProblems(
    'INPUT_INVALID',
    'NOT_SIGNED_IN',
    'NOT_ALLOWED',
    'DECLARATION_MISSING',
    'GUARDIAN_TOO_YOUNG',
    'NOT_FOUND',
    'REVIEW_CLOSED',
    'GUARDIANSHIP_ENDED',
  )
  async decide(
    @SignedInCitizen() { personId }: SignedInAsCitizen,
    @Param('id', reviewId) id: string,
    @Body() { decision, declaresGuardianship }: DecisionInput,
  ): Promise<ReviewAnswer> {
    return reviewAnswer(await this.guardianship.decide(personId, id, { decision, declaresGuardianship }));
  }
}
