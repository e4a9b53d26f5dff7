#!/usr/bin/env node
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { systemAddresses } from './access.module.js';
import { runCommand } from './cli/program.js';
import type { OpenedRegistry } from './cli/surroundings.js';
import { type Config, ConfigError, readConfig, readOwnerDatabase } from './config.js';
import { buildCore } from './core.module.js';
import { Failure } from './core/failure.js';
import { ProviderImport } from './core/provider/import.js';
import { refusalOfDatabase } from './database-refusal.js';
import { StartError } from './running-parts.js';
import { migrate } from './store/migrate.js';
import { openPostgresRegistry, type PostgresRegistry } from './store/postgres.registry.js';

/** The address of the database: the one configured, or the demonstration's own, which runs while `npm start` does. */
function findDatabaseUrl({ database }: Config): string {
  return database.kind === 'server' ? database.url : findEmbedded(database.folder);
}

function findEmbedded(folder: string): string {
  try {
    const kept: unknown = JSON.parse(readFileSync(join(folder, 'postgres.json'), 'utf8'));
    const { password, port } = kept as { readonly password: string; readonly port: number };
    return `postgres://postgres:${password}@127.0.0.1:${port}/registry`;
  } catch {
    throw new Failure(
      'UNAVAILABLE',
      'There is no database here yet: start the registry with npm start and run this command beside it, or set DATABASE_URL.',
    );
  }
}

/** Reads no setting but the address of the owner's database, and tells in a sentence why that does not work. */
async function migrateAsOwner(onWarning: (sentence: string) => void): Promise<readonly string[]> {
  const database = readOwnerDatabase(process.env);
  if (database.kind === 'embedded') return migrate(findEmbedded(database.folder), onWarning);
  return migrate(database.url, onWarning).catch((error: unknown) => {
    throw refusalOfDatabase(error, database.url, database.setting);
  });
}

/** A database that can't be opened is told in a sentence, without its address. */
async function openRecords(config: Config): Promise<PostgresRegistry> {
  const url = findDatabaseUrl(config);
  const cipher = { bsnKey: config.keys.bsn, indexKey: config.keys.bsnIndex };
  return openPostgresRegistry({ url, cipher }).catch((error: unknown) => {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'no reason given';
    throw new Failure(
      'UNAVAILABLE',
      `The database can not be opened (${code}): is the registry running, and is DATABASE_URL right?`,
    );
  });
}

async function open(): Promise<OpenedRegistry> {
  const config = readConfig(process.env);
  const registry = await openRecords(config);
  const core = buildCore({
    registry,
    auditKey: config.keys.audit,
    policy: { presumedConsent: config.presumedConsent },
    source: config.publicUrl,
  });
  return {
    registry,
    clients: core.clients,
    providerImport: new ProviderImport(registry, core.journal),
    ...systemAddresses(config.publicUrl),
    close: () => registry.close(),
  };
}

try {
  process.exitCode = await runCommand(process.argv.slice(2), {
    open,
    migrate: migrateAsOwner,
    out: (text) => process.stdout.write(text),
    err: (text) => process.stderr.write(text),
  });
} catch (error) {
  if (!(error instanceof ConfigError || error instanceof StartError)) throw error;
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 1;
}
