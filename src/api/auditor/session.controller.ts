import { Controller, Delete, Get, HttpCode, Req, Res, UseGuards } from '@nestjs/common';
import {
  ApiNoContentResponse,
  ApiOkResponse,
  ApiOperation,
  ApiProperty,
  ApiPropertyOptional,
  ApiTags,
} from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { sessionSecretOf } from '../../access/sign-in/cookies.js';
import { CsrfGuard } from '../../access/sign-in/csrf.guard.js';
import { Sessions } from '../../access/sign-in/sessions.js';
import { endsAt } from '../../core/session/session.js';
import { ApiProblems, PublicRoute } from '../shared/open-api.js';
import { signOut } from '../shared/sign-out.js';

class AuditorSessionDto {
  @ApiProperty({ description: 'Whether an auditor is signed in.' })
  readonly signedIn!: boolean;

  @ApiPropertyOptional({ example: 'A. de Auditor' })
  readonly name?: string;

  @ApiPropertyOptional({ format: 'date-time', description: 'When it ends if no further request comes.' })
  readonly endsAt?: string;
}

/** The auditor's visit. */
@ApiTags('session')
@Controller('auditor/v1/session')
export class AuditorSessionController {
  constructor(private readonly sessions: Sessions) {}

  @Get()
  @PublicRoute()
  @ApiOperation({ summary: 'Who is signed in', description: 'Answers also when nobody is.' })
  @ApiOkResponse({
    type: AuditorSessionDto,
    example: { signedIn: true, name: 'A. de Auditor', endsAt: '2026-11-21T09:45:00.000Z' },
  })
  @ApiProblems()
  async show(@Req() request: FastifyRequest): Promise<AuditorSessionDto> {
    const session = await this.sessions.find(sessionSecretOf(request));
    if (session?.principal.role !== 'auditor') return { signedIn: false };
    return { signedIn: true, name: session.principal.name, endsAt: endsAt(session).toISOString() };
  }

  @Delete()
  @HttpCode(204)
  @UseGuards(CsrfGuard)
  @ApiOperation({
    summary: 'Sign out',
    description:
      'The session ends at once, on every instance. Signing out twice, or when nobody is signed in, is no error.',
  })
  @ApiNoContentResponse({ description: 'No auditor is signed in in this browser any more.' })
  @ApiProblems('NOT_ALLOWED')
  async end(@Req() request: FastifyRequest, @Res({ passthrough: true }) reply: FastifyReply): Promise<void> {
    await signOut(this.sessions, 'auditor', { request, reply });
  }
}
