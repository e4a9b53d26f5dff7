import { type DynamicModule, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { type Access, AccessModule, buildAccess, systemAddresses } from './access.module.js';
import { makeAuthorizationServer } from './access/systems/authorization-server.js';
import { mountAuthorizationServer } from './access/systems/mount.js';
import { AUDITOR_DOOR, AuditorDoor } from './api/auditor/auditor.module.js';
import { CITIZEN_DOOR, CitizenDoor } from './api/citizen/citizen.module.js';
import { PROVIDER_DOOR, ProviderDoor } from './api/provider/provider.module.js';
import { makeDoorAdapter } from './api/shared/adapter.js';
import { factsOf, type LineLog } from './api/shared/log.js';
import { openDoors } from './api/shared/open-doors.js';
import type { Config } from './config.js';
import { type Core, CoreModule } from './core.module.js';

/** Which doors are open. */
@Module({})
export class AppModule {
  /** The application over a core and an access that are already built. */
  static of(core: Core, access: Access): DynamicModule {
    return {
      module: AppModule,
      imports: [CoreModule.of(core), AccessModule.of(access), CitizenDoor, ProviderDoor, AuditorDoor],
    };
  }
}

/** How an application is made besides its configuration. */
export interface AppParts {
  readonly core: Core;
  readonly config: Config;
  readonly log: LineLog;
  readonly accessLog: 'all' | 'failures';
}

/** The whole application with every door on it, initialised; `listen` opens it to the world. */
export async function makeApp({ core, config, log, accessLog }: AppParts): Promise<NestFastifyApplication> {
  const { publicUrl, operator, trustedProxies } = config;
  const adapter = makeDoorAdapter({ publicUrl, trustedProxies });
  const module = AppModule.of(core, buildAccess(core, config));
  const app = await NestFactory.create<NestFastifyApplication>(module, adapter, {
    logger: log,
    abortOnError: false,
  });
  const doors = [CITIZEN_DOOR, PROVIDER_DOOR, AUDITOR_DOOR];
  await openDoors(app, { publicUrl, operator, doors, log, accessLog });
  mountAuthorizationServer(
    app.getHttpAdapter().getInstance(),
    makeAuthorizationServer({
      ...systemAddresses(publicUrl),
      signingKeys: [{ ...config.keys.tokenSigning }],
      registry: core.registry,
      clock: core.clock,
      report: (error) => {
        log.line('error', 'the authorization server failed', factsOf(error));
      },
    }),
  );
  await app.init();
  return app;
}

/** How long requests under way may take to finish once the doors close. */
const LAST_ANSWERS_MS = 3_000;

/**
 * Closes the doors: no new requests, those under way may finish; then what is left of connections is cut, also those on which
 * nothing was ever asked, which would otherwise keep the process alive.
 */
export async function closeApp(app: NestFastifyApplication): Promise<void> {
  const server = app.getHttpServer();
  const cut = setTimeout(() => {
    server.closeAllConnections();
  }, LAST_ANSWERS_MS);
  try {
    await app.close();
  } finally {
    clearTimeout(cut);
  }
}
