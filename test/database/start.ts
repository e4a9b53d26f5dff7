import { chmodSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { registerHooks } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { EmbeddedPostgres, startPostgres } from '../../src/demo/postgres.js';
import type { isRunning } from '../../src/demo/process.js';

/** What the end of the test run must clean up; both files run in jest's own process. */
export interface TestServer {
  readonly server: EmbeddedPostgres;
  readonly folder: string;
}

declare global {
  var testServer: TestServer | undefined;
}

interface Launcher {
  startPostgres: typeof startPostgres;
  isRunning: typeof isRunning;
}

const PREFIX = 'consent-registry-test-';

/**
 * Gives the test run one PostgreSQL: the server named by TEST_DATABASE_URL (a user that may make databases and roles),
 * or one of our own in a temporary folder, as durable as in use. Test files get their database from `makeDatabase`.
 */
export default async function start(): Promise<void> {
  if (process.env['TEST_DATABASE_URL'] !== undefined) return;
  const launcher = await loadLauncher();
  await clearUpAfterKilledRuns(launcher);
  const folder = mkdtempSync(join(tmpdir(), `${PREFIX}${String(process.pid)}-`));
  // Temporary folders are closed to others; run by root, the server is another user and must get through.
  chmodSync(folder, 0o755);
  const server = await launcher.startPostgres({ folder });
  globalThis.testServer = { server, folder };
  // The worker processes are started later and inherit this.
  process.env['TEST_DATABASE_URL'] = server.url;
}

/**
 * jest compiles this file and what it imports, but looks imports up with Node's own resolver, which takes a name that
 * ends in `.js` at its word. (Inside tests jest's moduleNameMapper does this.)
 */
async function loadLauncher(): Promise<Launcher> {
  const hooks = registerHooks({
    resolve: (specifier, context, next) => {
      const ours = specifier.startsWith('.') && !context.parentURL?.includes('/node_modules/');
      return next(ours ? specifier.replace(/\.js$/, '.ts') : specifier, context);
    },
  });
  try {
    const [postgres, process] = await Promise.all([
      import('../../src/demo/postgres.js'),
      import('../../src/demo/process.js'),
    ]);
    return { startPostgres: postgres.startPostgres, isRunning: process.isRunning };
  } finally {
    hooks.deregister();
  }
}

/** A run that was killed could not stop its server; the folder's name tells whose it was. */
async function clearUpAfterKilledRuns(launcher: Launcher): Promise<void> {
  for (const name of readdirSync(tmpdir()).filter((found) => found.startsWith(PREFIX))) {
    if (launcher.isRunning(Number(name.slice(PREFIX.length).split('-')[0]))) continue;
    const folder = join(tmpdir(), name);
    try {
      await (await launcher.startPostgres({ folder })).stop();
      rmSync(folder, { recursive: true, force: true });
    } catch {
      // Another user's folder, or another run is clearing it up at this moment: neither is ours to worry about.
    }
  }
}
