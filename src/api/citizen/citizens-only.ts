import { applyDecorators, UseGuards } from '@nestjs/common';
import { CsrfGuard } from '../../access/sign-in/csrf.guard.js';
import { CitizenGuard } from '../../access/sign-in/signed-in.guard.js';

/**
 * Routes for signed-in citizens only. The defence against forged changes comes first, so that a request from another site does
 * not even keep a session alive.
 */
export function CitizensOnly(): ClassDecorator & MethodDecorator {
  return applyDecorators(UseGuards(CsrfGuard, CitizenGuard));
}
