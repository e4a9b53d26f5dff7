import { Controller, Delete, Get, HttpCode, Post, Req, Res, UseGuards } from '@nestjs/common';
import { ApiOperation, ApiResponse, ApiTags } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { sessionSecretOf } from '../../access/sign-in/cookies.js';
import { CsrfGuard } from '../../access/sign-in/csrf.guard.js';
import { Sessions } from '../../access/sign-in/sessions.js';
import { type SignedInAsCitizen, SignedInCitizen } from '../../access/sign-in/signed-in.guard.js';
import { People } from '../../core/person/people.service.js';
import { endsAt } from '../../core/session/session.js';
import { ApiProblems, PublicRoute } from '../shared/open-api.js';
import { signOut } from '../shared/sign-out.js';
import { CitizensOnly } from './citizens-only.js';
import { ExtensionAnswer, NOBODY_SIGNED_IN, sessionAnswer, SessionAnswer } from './session.js';

/** The visit of a signed-in person. */
@ApiTags('session')
@Controller('citizen/v1/session')
export class SessionController {
  constructor(
    private readonly sessions: Sessions,
    private readonly people: People,
  ) {}

  @Get()
  @PublicRoute()
  @ApiOperation({
    summary: 'Who is signed in, and how far they are with first use',
    description:
      'Answers 200 as well when nobody is signed in, so that a client can start with this question.',
  })
  @ApiResponse({
    status: 200,
    type: SessionAnswer,
    description: 'The visit, or the fact that there is none.',
  })
  @ApiProblems()
  async read(@Req() request: FastifyRequest): Promise<SessionAnswer> {
    const session = await this.sessions.find(sessionSecretOf(request));
    if (session?.principal.role !== 'citizen') return NOBODY_SIGNED_IN;
    const person = await this.people.find(session.principal.personId);
    return sessionAnswer(person, this.people.ageBandOf(person), session);
  }

  @Post('extension')
  @HttpCode(200)
  @CitizensOnly()
  @ApiOperation({
    summary: 'Stay signed in',
    description:
      'Any request prolongs a session; this one does nothing else. No session lasts longer than eight hours.',
  })
  @ApiResponse({ status: 200, type: ExtensionAnswer, description: 'When the session ends now.' })
  @ApiProblems('NOT_SIGNED_IN', 'NOT_ALLOWED')
  extend(@SignedInCitizen() { session }: SignedInAsCitizen): ExtensionAnswer {
    return { endsAt: endsAt(session).toISOString() };
  }

  @Delete()
  @HttpCode(204)
  @UseGuards(CsrfGuard)
  @ApiOperation({
    summary: 'Sign out',
    description:
      'The session is dead at once, everywhere. Signing out twice, or when nobody is signed in, is no error.',
  })
  @ApiResponse({ status: 204, description: 'Nobody is signed in in this browser any more.' })
  @ApiProblems('NOT_ALLOWED')
  async end(@Req() request: FastifyRequest, @Res({ passthrough: true }) reply: FastifyReply): Promise<void> {
    await signOut(this.sessions, 'citizen', { request, reply });
  }
}
