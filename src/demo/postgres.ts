import { spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import {
  appendFileSync,
  chownSync,
  existsSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import pg from 'pg';
import {
  asUser,
  EmbeddedDatabaseError,
  makePrivateFolder,
  OWN_DATABASE,
  prepareHome,
} from './postgres-home.js';
import type { PostgresHome } from './postgres-home.js';
import { isRunning } from './process.js';

export { EmbeddedDatabaseError } from './postgres-home.js';

/** A PostgreSQL server of our own that runs as long as nobody calls `stop`. */
export interface EmbeddedPostgres {
  /** The address of the database `registry`, with user and password: a secret. */
  readonly url: string;
  /** The server's process. */
  readonly pid: number;
  /** Stops the server cleanly and lets go of the folder. A second call does nothing more. */
  stop(): Promise<void>;
}

export interface PostgresWish {
  /** A folder for this database alone. Data, password and port stay there between starts. */
  folder: string;
  /** Without one, a free port is chosen once and kept while it stays free. */
  port?: number;
  /** Hears, in whole sentences, what a person at the terminal should know. Never a secret. */
  log?: (line: string) => void;
}

const USER = 'postgres';
const DATABASE = 'registry';
const LOCAL = '127.0.0.1';
/** Any number will do, as long as every start of ours takes the same one. */
const HOLDER_LOCK = 7_305_001;

/**
 * Starts the PostgreSQL that npm brought along, for demonstrations, tests and small sites; it listens on this machine
 * only. Finds the data of an earlier start again. A server that outlived a killed process is taken over. Two processes
 * never share one folder: the second is refused. A server taken over keeps its port. Every expected failure is an `EmbeddedDatabaseError`.
 * Does not promise anything against the loss of the machine's disk.
 */
export async function startPostgres(wish: PostgresWish): Promise<EmbeddedPostgres> {
  const log = wish.log ?? (() => undefined);
  const home = await prepareHome(wish.folder, log);
  const kept = readKept(wish.folder, home);
  if (existsSync(home.cluster)) await settleFormerServer(home, kept);
  else createCluster(home, kept.password);

  const running = runningServer(home);
  const port = running?.port ?? (await choosePort(wish.port, kept.port));
  if (running === undefined) await startServer(home, port);
  writeKept(wish.folder, { ...kept, port });

  const holder = await holdServer(adminUrl(kept.password, port), home, log);
  if (running !== undefined) log('The database of an earlier start was still running and is taken over.');
  const pid = runningServer(home)?.pid;
  if (pid === undefined) throw new EmbeddedDatabaseError('The database stopped right after its start.');
  let stopped: Promise<void> | undefined;
  return {
    url: databaseUrl(kept.password, port, DATABASE),
    pid,
    stop: () => (stopped ??= stopServer(home, holder)),
  };
}

/**
 * The address of the database that `startPostgres` keeps in `folder`, or undefined when it never started there. For a
 * second process, such as a command, beside the one that runs it; does not tell whether it runs.
 */
export function findPostgres(folder: string): string | undefined {
  const file = join(folder, 'postgres.json');
  if (!existsSync(file)) return undefined;
  const { password, port } = JSON.parse(readFileSync(file, 'utf8')) as Kept;
  return port === undefined ? undefined : databaseUrl(password, port, DATABASE);
}

/** What one start leaves for the next, in a file only we may read. */
interface Kept {
  readonly password: string;
  readonly port?: number;
}

function readKept(folder: string, home: PostgresHome): Kept {
  const file = join(folder, 'postgres.json');
  if (existsSync(file)) return JSON.parse(readFileSync(file, 'utf8')) as Kept;
  if (existsSync(home.cluster)) {
    throw new EmbeddedDatabaseError(
      `The database in ${home.cluster} has lost its password file ${file}: put the file back, or remove both.`,
    );
  }
  const fresh = { password: randomBytes(24).toString('base64url') };
  writeKept(folder, fresh);
  return fresh;
}

function writeKept(folder: string, kept: Kept): void {
  const file = join(folder, 'postgres.json');
  const next = `${file}.${String(process.pid)}`;
  writeFileSync(next, `${JSON.stringify(kept)}\n`, { mode: 0o600 });
  // Root may lend a hand once; the file stays with whoever the folder belongs to.
  const { uid, gid } = statSync(folder);
  if (process.getuid?.() === 0) chownSync(next, uid, gid);
  renameSync(next, file);
}

/** Makes the cluster under another name first, so that a start broken off half-way leaves nothing that looks whole. */
function createCluster(home: PostgresHome, password: string): void {
  const making = `${home.cluster}.new`;
  const passwordFile = `${home.cluster}.password`;
  rmSync(making, { recursive: true, force: true });
  makePrivateFolder(making, home.user);
  writeFileSync(passwordFile, password, { mode: 0o600 });
  if (home.user !== undefined) chownSync(passwordFile, home.user.uid, home.user.gid);
  try {
    run(home, home.programs.initdb, [
      ...['-D', making, '-U', USER, `--pwfile=${passwordFile}`, '--auth=scram-sha-256'],
      // PostgreSQL's own collation: the same order on every system, whatever locales it has.
      ...['-E', 'UTF8', '--locale=C', '--locale-provider=builtin', '--builtin-locale=C.UTF-8'],
    ]);
  } finally {
    rmSync(passwordFile, { force: true });
  }
  appendFileSync(join(making, 'postgresql.conf'), "\ninclude = 'registry.conf'\n");
  renameSync(making, home.cluster);
}

/**
 * Durable settings, modest memory, this machine only. Statements and row values stay out of the server's log, because
 * they can hold personal data.
 */
function settings(port: number): string {
  return `# Written anew at every start.
listen_addresses = '${LOCAL}'
port = ${String(port)}
unix_socket_directories = ''
max_connections = 200
password_encryption = 'scram-sha-256'
fsync = on
full_page_writes = on
synchronous_commit = on
shared_buffers = '256MB'
max_wal_size = '2GB'
timezone = 'UTC'
log_timezone = 'UTC'
log_checkpoints = off
log_error_verbosity = terse
log_min_error_statement = panic
`;
}

async function startServer(home: PostgresHome, port: number): Promise<void> {
  const conf = join(home.cluster, 'registry.conf');
  writeFileSync(conf, settings(port));
  if (home.user !== undefined) chownSync(conf, home.user.uid, home.user.gid);
  const attempts = 20;
  for (let attempt = 1; ; attempt++) {
    rmSync(serverLog(home), { force: true });
    try {
      run(home, home.programs.pgCtl, [
        'start',
        '-D',
        home.cluster,
        '-l',
        serverLog(home),
        '-w',
        '-t',
        '120',
        '-s',
      ]);
      return;
    } catch (error) {
      // After a killed server its children need a moment to notice and to let go of the shared memory.
      if (!readServerLog(home).includes('pre-existing shared memory block') || attempt === attempts) {
        throw explainStart(home, port, error);
      }
      await pause(500);
    }
  }
}

function serverLog(home: PostgresHome): string {
  return join(home.cluster, 'server.log');
}

function readServerLog(home: PostgresHome): string {
  return existsSync(serverLog(home)) ? readFileSync(serverLog(home), 'utf8') : '';
}

function explainStart(home: PostgresHome, port: number, error: unknown): unknown {
  const complaint = readServerLog(home)
    .split('\n')
    .find((line) => /(FATAL|PANIC): /.test(line));
  if (complaint === undefined) return error;
  const reason = complaint.replace(/^.*?(FATAL|PANIC): +/, '');
  return new EmbeddedDatabaseError(
    `The database in ${home.cluster} does not start on port ${String(port)}: ${reason} ` +
      `(more in ${serverLog(home)}).`,
  );
}

async function stopServer(home: PostgresHome, holder: pg.Client): Promise<void> {
  holder.removeAllListeners('end');
  await holder.end().catch(() => undefined);
  if (runningServer(home) === undefined) return;
  run(home, home.programs.pgCtl, ['stop', '-D', home.cluster, '-m', 'fast', '-w', '-t', '60', '-s']);
}

/** Runs one of PostgreSQL's programs to its end as the server's user; its complaint becomes the error. */
function run(home: PostgresHome, program: string, args: string[]): void {
  const done = spawnSync(program, args, {
    ...asUser(home.user),
    env: bareEnvironment(),
    encoding: 'utf8',
    // The server inherits these; a pipe would keep us waiting for it.
    stdio: args[0] === 'start' ? 'ignore' : ['ignore', 'pipe', 'pipe'],
  });
  if (done.status === 0) return;
  const complaint = [done.error?.message, done.stderr].join(' ').trim().split('\n').slice(0, 3).join(' ');
  throw new EmbeddedDatabaseError(
    `The database in ${home.cluster} cannot be used (${complaint}): ${OWN_DATABASE}.`,
  );
}

/** The server gets none of our secrets along, and no setting meant for another PostgreSQL. */
function bareEnvironment(): NodeJS.ProcessEnv {
  const wanted = ['PATH', 'SystemRoot', 'TEMP', 'TMP', 'TMPDIR'];
  const kept = Object.entries(process.env).filter(([name]) => wanted.includes(name));
  return { ...Object.fromEntries(kept), LC_ALL: 'C' };
}

interface RunningServer {
  readonly pid: number;
  readonly port: number;
}

/** Reads postmaster.pid (line 1 the process, line 4 the port); a file left by a process that is gone counts as none. */
function runningServer(home: PostgresHome): RunningServer | undefined {
  const file = join(home.cluster, 'postmaster.pid');
  if (!existsSync(file)) return undefined;
  const lines = readFileSync(file, 'utf8').split('\n');
  const pid = Number(lines[0]);
  const port = Number(lines[3]);
  return isRunning(pid, 'postgres') ? { pid, port } : undefined;
}

/**
 * A server may be there already: one whose process was killed without stopping it, or one that is just going down or
 * coming up. Waits until it either answers or is gone. Removes the mark of a server that is no more, which PostgreSQL
 * itself cannot always tell from a living one.
 */
async function settleFormerServer(home: PostgresHome, kept: Kept): Promise<void> {
  for (let attempt = 0; attempt < 120; attempt++) {
    const running = runningServer(home);
    if (running === undefined) {
      rmSync(join(home.cluster, 'postmaster.pid'), { force: true });
      return;
    }
    if (running.port > 0 && (await answers(adminUrl(kept.password, running.port)))) return;
    await pause(250);
  }
  throw new EmbeddedDatabaseError(
    `A database server already runs in ${home.cluster} and does not answer: stop it and start again.`,
  );
}

async function answers(url: string): Promise<boolean> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 2000 });
  client.on('error', () => undefined);
  try {
    await client.connect();
    return true;
  } catch {
    return false;
  } finally {
    await client.end().catch(() => undefined);
  }
}

/**
 * Claims the server for this process with a session lock, which PostgreSQL lets go of by itself when we die, and makes
 * the registry's database on first use.
 */
async function holdServer(url: string, home: PostgresHome, log: (line: string) => void): Promise<pg.Client> {
  const client = new pg.Client({ connectionString: url });
  client.on('error', () => undefined);
  await client.connect();
  if (!(await takeLock(client))) {
    await client.end();
    throw new EmbeddedDatabaseError(
      `The database in ${home.cluster} is in use by another process of this service: ` +
        'stop that one, or choose another DATA_FOLDER.',
    );
  }
  const found = await client.query('SELECT 1 FROM pg_database WHERE datname = $1', [DATABASE]);
  if (found.rowCount === 0) await client.query(`CREATE DATABASE ${DATABASE}`);
  client.on('end', () => {
    log('The database stopped unexpectedly; nothing can be answered until the next start.');
  });
  return client;
}

async function takeLock(client: pg.Client): Promise<boolean> {
  for (let attempt = 0; attempt < 8; attempt++) {
    const { rows } = await client.query<{ taken: boolean }>('SELECT pg_try_advisory_lock($1) AS taken', [
      HOLDER_LOCK,
    ]);
    if (rows[0]?.taken === true) return true;
    await pause(250);
  }
  return false;
}

async function choosePort(wished: number | undefined, former: number | undefined): Promise<number> {
  if (wished !== undefined) {
    if (await isFree(wished)) return wished;
    throw new EmbeddedDatabaseError(
      `Port ${String(wished)} of ${LOCAL}, meant for the database, is in use: choose another port.`,
    );
  }
  if (former !== undefined && (await isFree(former))) return former;
  return listenOnce(0);
}

async function isFree(port: number): Promise<boolean> {
  return listenOnce(port).then(
    () => true,
    () => false,
  );
}

function listenOnce(port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen({ port, host: LOCAL }, () => {
      const address = server.address();
      server.close(() => {
        resolve(typeof address === 'object' && address !== null ? address.port : port);
      });
    });
  });
}

function databaseUrl(password: string, port: number, database: string): string {
  return `postgres://${USER}:${password}@${LOCAL}:${String(port)}/${database}`;
}

function adminUrl(password: string, port: number): string {
  return databaseUrl(password, port, 'postgres');
}
