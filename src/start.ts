import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { closeApp, makeApp } from './app.module.js';
import { factsOf, LineLog } from './api/shared/log.js';
import { type Config, requireDurable, requireGuarded, requireModest, requireUpToDate } from './config.js';
import { buildCore, type Core } from './core.module.js';
import { refusalOfDatabase } from './database-refusal.js';
import { Housekeeping } from './jobs/housekeeping.js';
import { StartError } from './running-parts.js';
import { migrate, missingMigrations } from './store/migrate.js';
import { openPostgresRegistry, type PostgresRegistry } from './store/postgres.registry.js';

/** A registry whose doors are open. */
export interface RunningRegistry {
  readonly core: Core;
  readonly app: NestFastifyApplication;
  /** Lets requests under way finish, then closes doors and database. */
  stop(): Promise<void>;
}

type ServerDatabase = Extract<Config['database'], { kind: 'server' }>;

/** What a start may do between opening the records and opening the doors. */
export type BeforeDoors = (core: Core) => Promise<void>;

/**
 * Opens the records (brought up to date first, where OWNER_DATABASE_URL is given), builds the core, and opens the doors. Every expected failure is a `StartError`.
 * In production the database must be one that can't forget what was acknowledged and guards its log, and the service's user there
 * one that can't alter the log.
 */
export async function startRegistry(config: Config, before?: BeforeDoors): Promise<RunningRegistry> {
  const log = new LineLog(process.stdout);
  const registry = await openRecords(config, log);
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
        await housekeeping.stop();
        await closeApp(app);
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

async function openRecords(config: Config, log: LineLog): Promise<PostgresRegistry> {
  if (config.database.kind !== 'server') throw new Error('the embedded database was not started');
  const { url } = config.database;
  await bringUpToDate(config.database, log);
  try {
    const { bsn, bsnIndex } = config.keys;
    const registry = await openPostgresRegistry({ url, cipher: { bsnKey: bsn, indexKey: bsnIndex } });
    if (config.mode === 'production') await requireSafe(registry);
    return registry;
  } catch (error) {
    throw refusalOfDatabase(error, url, 'DATABASE_URL');
  }
}

/** Migrates where the owner's address is given; elsewhere refuses a database that somebody must migrate first. */
async function bringUpToDate({ url, ownerUrl }: ServerDatabase, log: LineLog): Promise<void> {
  const setting = ownerUrl === undefined || ownerUrl === url ? 'DATABASE_URL' : 'OWNER_DATABASE_URL';
  try {
    if (ownerUrl === undefined) requireUpToDate(await missingMigrations(url));
    else await migrate(ownerUrl, (sentence) => log.line('warn', sentence));
  } catch (error) {
    throw refusalOfDatabase(error, ownerUrl ?? url, setting);
  }
}

/** Closes the records again when the database, or the service's user there, is not fit for production. */
async function requireSafe(registry: PostgresRegistry): Promise<void> {
  try {
    requireDurable(await registry.settings());
    requireModest(await registry.powers());
    requireGuarded(await registry.isGuarded());
  } catch (error) {
    await registry.close();
    throw error;
  }
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
