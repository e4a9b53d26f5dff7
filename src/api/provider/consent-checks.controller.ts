import { Controller, HttpCode, Post, Req, UseGuards } from '@nestjs/common';
import { ApiBody, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { FastifyRequest } from 'fastify';
import { askerOf, Scopes, SystemGuard } from '../../access/systems/bearer.guard.js';
import { type ClosedAnswer, Decisions } from '../../core/decision/decisions.service.js';
import { ApiProblems } from '../shared/open-api.js';
import { LargestBody } from '../shared/route.js';
import { ConsentAnswerDto, ConsentAnswersDto } from './answers.dto.js';
import { ConsentCheckBatchDto, ConsentCheckDto } from './asked.dto.js';
import { CHECK_EXAMPLE, RECEIPT_EXAMPLE } from './examples.js';
import { readCheck, readChecks } from './read-check.js';

/** 1,000 checks with room to spare. */
const LARGEST_BATCH_BODY = 1_000_000;

/** The closed question. The body is read here and not by the doors' pipe: see read-check.ts. */
@ApiTags('consent checks')
@Controller('provider/v1/consent-checks')
@UseGuards(SystemGuard)
@Scopes('consent:check')
export class ConsentChecksController {
  constructor(private readonly decisions: Decisions) {}

  @Post()
  @HttpCode(200)
  @ApiOperation({
    summary: 'May this holder share these data with this requester?',
    description:
      'Asked by the system of the holder. The answer is permit or deny per category and gives no reason: no, never chose, ' +
      'restricted and unknown are one and the same. The entry in the audit log is durable before the answer leaves.',
  })
  @ApiBody({ type: ConsentCheckDto, examples: { check: { summary: 'One category', value: CHECK_EXAMPLE } } })
  @ApiOkResponse({
    type: ConsentAnswerDto,
    example: { results: [{ dataCategory: 'GGC002', decision: 'permit' }], receipt: RECEIPT_EXAMPLE },
  })
  @ApiProblems(
    'INPUT_INVALID',
    'NOT_SIGNED_IN',
    'CLIENT_UNKNOWN',
    'CLIENT_REVOKED',
    'SCOPE_MISSING',
    'NOT_YOUR_PROVIDER',
  )
  async check(@Req() request: FastifyRequest): Promise<ConsentAnswerDto> {
    return shown(await this.decisions.answerClosed(askerOf(request), readCheck(request.body)));
  }

  @Post('batch')
  @HttpCode(200)
  @LargestBody(LARGEST_BATCH_BODY)
  @ApiOperation({
    summary: 'Up to 1,000 checks at once',
    description: 'All are answered from one moment, or none: one check that is refused refuses the batch.',
  })
  @ApiBody({
    type: ConsentCheckBatchDto,
    examples: { batch: { summary: 'A batch of one', value: { checks: [CHECK_EXAMPLE] } } },
  })
  @ApiOkResponse({
    type: ConsentAnswersDto,
    example: {
      answers: [{ results: [{ dataCategory: 'GGC002', decision: 'deny' }], receipt: RECEIPT_EXAMPLE }],
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
  async checkAll(@Req() request: FastifyRequest): Promise<ConsentAnswersDto> {
    const answers = await this.decisions.answerAllClosed(askerOf(request), readChecks(request.body));
    return { answers: answers.map(shown) };
  }
}

function shown({ results, entryId, leafHash }: ClosedAnswer): ConsentAnswerDto {
  return { results, receipt: { entryId, leafHash: leafHash.toString('base64') } };
}
