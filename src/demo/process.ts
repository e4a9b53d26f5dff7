import { existsSync, readFileSync } from 'node:fs';
import { basename } from 'node:path';

/**
 * Tells whether a process still runs and, where the system shows it, whether it runs `program`: after a restart of the
 * machine the same number may belong to any other. A process that ended but was never collected by its parent (usual
 * in containers) counts as gone.
 */
export function isRunning(pid: number, program?: string): boolean {
  if (!Number.isInteger(pid) || pid <= 0 || !exists(pid)) return false;
  if (!existsSync('/proc/self/cmdline')) return true;
  const [name = ''] = readCommandLine(pid).split('\0');
  return name !== '' && (program === undefined || basename(name) === program);
}

/** The code of an error of the system (ENOENT, EPERM, …), if it has one. */
export function codeOf(error: unknown): string | undefined {
  const has = typeof error === 'object' && error !== null && 'code' in error;
  return has && typeof error.code === 'string' ? error.code : undefined;
}

function exists(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return codeOf(error) === 'EPERM';
  }
}

function readCommandLine(pid: number): string {
  try {
    return readFileSync(`/proc/${String(pid)}/cmdline`, 'utf8');
  } catch {
    return '';
  }
}
