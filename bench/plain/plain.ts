import 'reflect-metadata';
import { type DynamicModule, Module, type Provider, ValidationPipe } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { DataSource } from 'typeorm';
import { v7 as newId } from 'uuid';
import { AccessTokens } from '../../src/access/systems/access-token.js';
import { Keyring } from '../../src/core/audit/keyring.js';
import { Sealer } from '../../src/core/audit/sealer.js';
import { PersonCipher } from '../../src/store/person-cipher.js';
import { answerParent } from '../child.js';
import type { World } from '../world.js';
import { CheckController } from './check.controller.js';
import { CheckService } from './check.service.js';
import { ENTITIES } from './entities.js';

/** As many connections as the app of our own may use in all. */
const POOL = 20;

/** As whoever owns the tables, as ordinary applications do: `save` reads what it is about to insert, which our own role may not everywhere. */
async function openSource(world: World): Promise<DataSource> {
  const source = new DataSource({
    type: 'postgres',
    url: world.databaseUrl,
    entities: ENTITIES,
    synchronize: false,
    logging: false,
    poolSize: POOL,
  });
  return source.initialize();
}

function providersFor(world: World, source: DataSource): Provider[] {
  const key = (text: string): Buffer => Buffer.from(text, 'base64');
  const tokens = new AccessTokens({
    issuer: `${world.publicUrl}/oauth`,
    resource: `${world.publicUrl}/provider`,
    keys: [world.tokenSigningKey],
    clock: { now: () => new Date() },
  });
  const cipher = new PersonCipher({ bsnKey: key(world.keys.bsn), indexKey: key(world.keys.bsnIndex) });
  return [
    CheckService,
    { provide: DataSource, useValue: source },
    { provide: AccessTokens, useValue: tokens },
    { provide: PersonCipher, useValue: cipher },
    {
      provide: Sealer,
      useFactory: () => new Sealer(new Keyring(key(world.keys.audit)), () => newId(), 'bench'),
    },
  ];
}

@Module({})
class PlainModule {
  readonly name = 'plain';
}

/** Opens the plain version and tells its address. */
async function open(world: World): Promise<string> {
  const module: DynamicModule = {
    module: PlainModule,
    controllers: [CheckController],
    providers: providersFor(world, await openSource(world)),
  };
  const app = await NestFactory.create<NestFastifyApplication>(module, new FastifyAdapter(), {
    logger: ['error', 'warn'],
  });
  app.useGlobalPipes(new ValidationPipe({ whitelist: true, forbidNonWhitelisted: true, transform: true }));
  await app.listen(0, '127.0.0.1');
  return app.getUrl();
}

let address: Promise<string> | undefined;
answerParent((world: World) => (address ??= open(world)));
