import { Module } from '@nestjs/common';
import { CitizenSignInController } from '../../access/sign-in/sign-in.controller.js';
import type { DoorDescription } from '../shared/open-api.js';
import { ActivityController } from './activity.controller.js';
import { CatalogueController } from './catalogue.controller.js';
import { ChoicesController } from './choices.controller.js';
import { DetailsController } from './details.controller.js';
import { HeldByController } from './held-by.controller.js';
import { PairingCodeController } from './pairing-code.controller.js';
import { PresentChoices } from './present-choices.js';
import { ReviewsController } from './reviews.controller.js';
import { SessionController } from './session.controller.js';
import { VersionsController } from './versions.controller.js';

/**
 * The door for citizens: JSON for the web client. Expects from a global module: Registry, People, Consents, Guardianship,
 * Localizations and Activity of the core; Sessions, SignIn and Site of access/sign-in.
 */
@Module({
  controllers: [
    CitizenSignInController,
    SessionController,
    CatalogueController,
    DetailsController,
    ChoicesController,
    VersionsController,
    HeldByController,
    ActivityController,
    PairingCodeController,
    ReviewsController,
  ],
  providers: [PresentChoices],
})
export class CitizenDoor {}

/** The door as its document describes it. */
export const CITIZEN_DOOR: DoorDescription = {
  name: 'citizen',
  title: 'Consent registry: citizen door',
  description:
    'For the web client of citizens: sign in, see and change who may share whose medical data with whom, see who asked and why the ' +
    'answer was yes or no. A client maps the codes of problems to words of its own.',
  module: CitizenDoor,
  admits: 'people',
};
