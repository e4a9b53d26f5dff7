import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { makeApp } from './app.module.js';
import { factsOf, LineLog } from './api/shared/log.js';
import { type Config, requireDurable } from './config.js';
import { buildCore, type Core } from './core.module.js';
import { Housekeeping } from './jobs/housekeeping.js';
import { migrate } from './store/migrate.js';
import { openPostgresRegistry } from './store/postgres.registry.js';

/** A registry whose doors are open. */
export interface RunningRegistry {
  readonly core: Core;
  readonly app: NestFastifyApplication;
  /** Lets requests under way finish, then closes doors and database. */
  stop(): Promise<void>;
}

/** Why the registry can't run, in one sentence for whoever started it. */
export class StartError extends Error {
  override readonly name = 'StartError';
}

/** What a start may do between opening the records and opening the doors. */
export type BeforeDoors = (core: Core) => Promise<void>;

/**
 * Opens the records (brought up to date first), builds the core, and opens the doors. Every expected failure is a `StartError`.
 * In production the database must be one that can't forget what was acknowledged.
 */
export async function startRegistry(config: Config, before?: BeforeDoors): Promise<RunningRegistry> {
  const log = new LineLog(process.stdout);
  const registry = await openRecords(config);
  try {
    const core = buildCore({
      registry,
      auditKey: config.keys.audit,
      policy: { presumedConsent: config.presumedConsent },
      source: config.publicUrl,
    });
    const housekeeping = new Housekeeping(registry, core.clock, (error) => {
      log.line('error', 'housekeeping failed and will be tried again', factsOf(error));
    });
    await housekeeping.round();
    await before?.(core);
    const accessLog = config.mode === 'demo' ? 'failures' : 'all';
    const app = await makeApp({ core, config, log, accessLog });
    await listen(app, config);
    housekeeping.start();
    return {
      core,
      app,
      stop: async () => {
        housekeeping.stop();
        await app.close();
        await registry.close();
        log.flush();
      },
    };
  } catch (error) {
    log.flush();
    await registry.close();
    throw error;
  }
}

async function openRecords(config: Config): ReturnType<typeof openPostgresRegistry> {
  if (config.database.kind !== 'server') throw new Error('the embedded database was not started');
  const { url, ownerUrl } = config.database;
  const { bsn, bsnIndex } = config.keys;
  try {
    await migrate(ownerUrl);
    const registry = await openPostgresRegistry({ url, cipher: { bsnKey: bsn, indexKey: bsnIndex } });
    if (config.mode === 'production') requireDurable(await registry.settings());
    return registry;
  } catch (error) {
    throw asStartError(error, url);
  }
}

/** Says in one sentence why the database did not work; passes other errors on. Never repeats the password. */
function asStartError(error: unknown, url: string): unknown {
  if (!(error instanceof Error) || !('code' in error) || typeof error.code !== 'string') return error;
  const { host, pathname } = new URL(url);
  const where = `the database at ${host}${pathname} (DATABASE_URL)`;
  const reasons: Readonly<Record<string, string>> = {
    ECONNREFUSED: `Nothing answers for ${where}: start it, or correct the address.`,
    ENOTFOUND: `The host of ${where} does not exist: correct the address.`,
    EAI_AGAIN: `The host of ${where} can not be looked up: correct the address, or check the network.`,
    ETIMEDOUT: `There is no answer from ${where}: check the address and the network.`,
    '28P01': `The user or password is not right for ${where}: correct the address.`,
    '28000': `The user may not come in at ${where}: correct the address, or let the user in.`,
    '3D000': `There is no such database: ${where}; make it, or correct the address.`,
    '42501': `The user lacks a right in ${where}: ${error.message}; give OWNER_DATABASE_URL a user that may make roles and tables.`,
  };
  const sentence = reasons[error.code];
  return sentence ? new StartError(sentence) : error;
}

async function listen(app: NestFastifyApplication, { host, port }: Config): Promise<void> {
  try {
    await app.listen(port, host);
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EADDRINUSE') {
      throw new StartError(
        `Port ${String(port)} on ${host} is in use: stop what uses it, or set PORT to another one.`,
      );
    }
    throw error;
  }
}
