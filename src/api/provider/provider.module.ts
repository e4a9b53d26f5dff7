import { Module } from '@nestjs/common';
import { SystemGuard } from '../../access/systems/bearer.guard.js';
import type { DoorDescription } from '../shared/open-api.js';
import { ConsentChecksController } from './consent-checks.controller.js';
import { LocalizationsController } from './localizations.controller.js';
import { LocationQuestionsController } from './location-questions.controller.js';
import { ProvidersController } from './providers.controller.js';

/** The door for the systems of care providers. Expects the core's services and `SystemDoor` from a global module. */
@Module({
  controllers: [
    ConsentChecksController,
    LocationQuestionsController,
    LocalizationsController,
    ProvidersController,
  ],
  providers: [SystemGuard],
})
export class ProviderDoor {}

/** The provider door as its document describes it. */
export const PROVIDER_DOOR: DoorDescription = {
  name: 'provider',
  title: 'Consent registry: provider door',
  description:
    'For the systems of care providers: ask whether data may be shared, ask who holds data, register that data is held, and ' +
    'look up care providers. A system gets an access token with its own key (OAuth 2 client credentials, private_key_jwt) and ' +
    'acts only for the provider numbers (URA) it is registered for.',
  module: ProviderDoor,
  admits: 'systems',
};
