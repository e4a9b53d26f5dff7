import { Body, Controller, Delete, Get, HttpCode, Post, Put, Res } from '@nestjs/common';
import { ApiOperation, ApiResponse, ApiTags } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { type SignedInAsCitizen, SignedInCitizen } from '../../access/sign-in/signed-in.guard.js';
import { Consents } from '../../core/consent/consent.service.js';
import { tagOf } from '../../core/consent/profile.js';
import { Previews } from '../../core/decision/previews.service.js';
import { ApiProblems } from '../shared/open-api.js';
import { ApiChange, type ChangeGuards, ETAG, GuardedBy } from './change.js';
import { ApiDraft, ChangedAnswer, DraftInput, draftOf, ProfileAnswer } from './choices.js';
import { CitizensOnly } from './citizens-only.js';
import { PresentChoices } from './present-choices.js';
import { previewAnswer, PreviewAnswer } from './preview.js';

/** A person's choices: read, try out, save, take back. */
@ApiTags('choices')
@CitizensOnly()
@Controller('citizen/v1/me/choices')
export class ChoicesController {
  constructor(
    private readonly consents: Consents,
    private readonly present: PresentChoices,
    private readonly previews: Previews,
  ) {}

  @Get()
  @ApiOperation({
    summary: 'My choices now',
    description:
      'The version in force, and the version that waits for a parent or guardian, as far as there are any.',
  })
  @ApiResponse({ status: 200, type: ProfileAnswer, description: 'The choices.', headers: ETAG })
  @ApiProblems('NOT_SIGNED_IN')
  read(
    @SignedInCitizen() { personId }: SignedInAsCitizen,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<ProfileAnswer> {
    return this.present.show(personId, reply);
  }

  @Put()
  @ApiChange()
  @ApiDraft()
  @ApiOperation({
    summary: 'Save my choices',
    description:
      'Makes a new version: in force at once, also for the very next check. Below 16 it waits for a parent or guardian, and what ' +
      'was in force stays.',
  })
  @ApiProblems(
    'INPUT_INVALID',
    'NOT_SIGNED_IN',
    'NOT_ALLOWED',
    'DETAILS_MISSING',
    'PROVIDER_UNKNOWN',
    'IDEMPOTENCY_KEY_REUSED',
    'VERSION_CHANGED',
    'PRECONDITION_MISSING',
  )
  save(
    @SignedInCitizen() { personId }: SignedInAsCitizen,
    @GuardedBy() guards: ChangeGuards,
    @Body() input: DraftInput,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<ChangedAnswer> {
    const change = { draft: draftOf(input), ...guards };
    return this.present.change(personId, reply, () => this.consents.save(personId, change));
  }

  @Post('preview')
  @HttpCode(200)
  @ApiDraft()
  @ApiOperation({
    summary: 'What choices would mean, before saving them',
    description:
      'Computed by the rule that answers care providers, for each group, for the providers that hold data about the person and for ' +
      'those that choices name. Keeps nothing.',
  })
  @ApiResponse({
    status: 200,
    type: PreviewAnswer,
    description: 'The effects, and what would change against today.',
  })
  @ApiProblems('INPUT_INVALID', 'NOT_SIGNED_IN', 'NOT_ALLOWED', 'PROVIDER_UNKNOWN')
  async preview(
    @SignedInCitizen() { personId }: SignedInAsCitizen,
    @Body() input: DraftInput,
  ): Promise<PreviewAnswer> {
    return previewAnswer(await this.previews.of(personId, draftOf(input)));
  }

  @Delete('proposal')
  @HttpCode(204)
  @ApiOperation({
    summary: 'Take back the choices that wait for a parent or guardian',
    description: 'Their pairing code dies. What is in force stays in force.',
  })
  @ApiResponse({ status: 204, description: 'Nothing waits any more.', headers: ETAG })
  @ApiProblems('NOT_SIGNED_IN', 'NOT_ALLOWED', 'NOTHING_AWAITING')
  async withdraw(
    @SignedInCitizen() { personId }: SignedInAsCitizen,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<void> {
    reply.header('etag', tagOf(await this.consents.withdraw(personId)));
  }
}
