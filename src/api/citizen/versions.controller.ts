import { Controller, Get, HttpCode, Param, Post, Res } from '@nestjs/common';
import { ApiOperation, ApiProperty, ApiResponse, ApiTags } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { type SignedInAsCitizen, SignedInCitizen } from '../../access/sign-in/signed-in.guard.js';
import { Consents } from '../../core/consent/consent.service.js';
import { ApiProblems } from '../shared/open-api.js';
import { IsTextLike } from '../shared/validators.js';
import { ApiChange, type ChangeGuards, GuardedBy } from './change.js';
import { ChangedAnswer, VersionAnswer, versionAnswer } from './choices.js';
import { CitizensOnly } from './citizens-only.js';
import { PresentChoices } from './present-choices.js';

/** The number of a version, as it stands in an address. */
export class VersionPath {
  @IsTextLike(/^[1-9]\d{0,8}$/, 'A version number is a whole number from 1.')
  @ApiProperty({ type: 'integer', minimum: 1, example: 3 })
  readonly number!: string;
}

/** The history of a person's choices. */
@ApiTags('versions')
@CitizensOnly()
@Controller('citizen/v1/me/versions')
export class VersionsController {
  constructor(
    private readonly consents: Consents,
    private readonly present: PresentChoices,
  ) {}

  @Get()
  @ApiOperation({
    summary: 'All versions of my choices',
    description: 'Who made each, when, and what became of it.',
  })
  @ApiResponse({ status: 200, type: [VersionAnswer], description: 'The versions, newest first.' })
  @ApiProblems('NOT_SIGNED_IN')
  async list(@SignedInCitizen() { personId }: SignedInAsCitizen): Promise<readonly VersionAnswer[]> {
    return (await this.consents.versions(personId)).map(versionAnswer);
  }

  @Get(':number')
  @ApiOperation({
    summary: 'One version of my choices',
    description: 'A version never changes; only its state moves on.',
  })
  @ApiResponse({ status: 200, type: VersionAnswer, description: 'The version.' })
  @ApiProblems('INPUT_INVALID', 'NOT_SIGNED_IN', 'VERSION_NOT_FOUND')
  async read(
    @SignedInCitizen() { personId }: SignedInAsCitizen,
    @Param() { number }: VersionPath,
  ): Promise<VersionAnswer> {
    return versionAnswer(await this.consents.version(personId, Number(number)));
  }

  @Post(':number/restoration')
  @HttpCode(200)
  @ApiChange()
  @ApiOperation({
    summary: 'Choose the same as in an earlier version',
    description: 'Makes a new version with the earlier choices, under the same conditions as saving choices.',
  })
  @ApiProblems(
    'INPUT_INVALID',
    'NOT_SIGNED_IN',
    'NOT_ALLOWED',
    'DETAILS_MISSING',
    'VERSION_NOT_FOUND',
    'IDEMPOTENCY_KEY_REUSED',
    'VERSION_CHANGED',
    'PRECONDITION_MISSING',
  )
  restore(
    @SignedInCitizen() { personId }: SignedInAsCitizen,
    @Param() { number }: VersionPath,
    @GuardedBy() guards: ChangeGuards,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<ChangedAnswer> {
    return this.present.change(personId, reply, () =>
      this.consents.restore(personId, Number(number), guards),
    );
  }
}
