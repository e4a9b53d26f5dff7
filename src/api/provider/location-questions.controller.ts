import { Body, Controller, HttpCode, Post, Req, UseGuards } from '@nestjs/common';
import { ApiBody, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { FastifyRequest } from 'fastify';
import { askerOf, Scopes, SystemGuard } from '../../access/systems/bearer.guard.js';
import { Decisions } from '../../core/decision/decisions.service.js';
import { ApiProblems } from '../shared/open-api.js';
import { LocationAnswerDto } from './answers.dto.js';
import { LocationQuestionDto } from './asked.dto.js';
import { CHECK_EXAMPLE, RECEIPT_EXAMPLE } from './examples.js';

const { bsn, requester, purpose, professional } = CHECK_EXAMPLE;

/** The open question. */
@ApiTags('location questions')
@Controller('provider/v1/location-questions')
@UseGuards(SystemGuard)
@Scopes('location:ask')
export class LocationQuestionsController {
  constructor(private readonly decisions: Decisions) {}

  @Post()
  @HttpCode(200)
  @ApiOperation({
    summary: 'Who holds data about this person that this requester may ask for?',
    description:
      'Asked by the system of the requester. Only holders that registered and that the person lets share are named; nothing ' +
      'tells whether there are others.',
  })
  @ApiBody({
    type: LocationQuestionDto,
    examples: {
      question: { summary: 'For treatment', value: { bsn, requester, purpose, professional } },
    },
  })
  @ApiOkResponse({
    type: LocationAnswerDto,
    example: {
      holders: [
        { ura: '00001234', type: 'Z3', name: 'Huisartsenpraktijk De Linde', dataCategories: ['GGC002'] },
      ],
      receipt: RECEIPT_EXAMPLE,
    },
  })
  @ApiProblems(
    'INPUT_INVALID',
    'NOT_SIGNED_IN',
    'CLIENT_UNKNOWN',
    'CLIENT_REVOKED',
    'SCOPE_MISSING',
    'NOT_YOUR_PROVIDER',
  )
  async ask(
    @Body() question: LocationQuestionDto,
    @Req() request: FastifyRequest,
  ): Promise<LocationAnswerDto> {
    const { holders, entryId, leafHash } = await this.decisions.answerOpen(askerOf(request), question);
    return {
      holders: holders as readonly LocationAnswerDto['holders'][number][],
      receipt: { entryId, leafHash: leafHash.toString('base64') },
    };
  }
}
