import { Module } from '@nestjs/common';
import { CsrfGuard } from '../../access/sign-in/csrf.guard.js';
import { AuditorSignInController } from '../../access/sign-in/sign-in.controller.js';
import { AuditorGuard } from '../../access/sign-in/signed-in.guard.js';
import type { DoorDescription } from '../shared/open-api.js';
import { LookUpsController } from './look-ups.controller.js';
import { AuditorSessionController } from './session.controller.js';

/** The door for auditors. Expects `Auditors`, `Sessions`, `SignIn` and `Site` from a global module. */
@Module({
  controllers: [AuditorSignInController, AuditorSessionController, LookUpsController],
  providers: [CsrfGuard, AuditorGuard],
})
export class AuditorDoor {}

/** The auditor door as its document describes it. */
export const AUDITOR_DOOR: DoorDescription = {
  name: 'auditor',
  title: 'Consent registry: auditor door',
  description:
    'For auditors: search and export the log. Every look needs a case number and a reason, is itself an entry in the log, and ' +
    'can be seen by the person it is about. Sign in with a browser at /sign-in; the session is a cookie.',
  module: AuditorDoor,
  admits: 'people',
};
