import { existsSync, readFileSync } from 'node:fs';

/**
 * Tells whether a process still runs and, where the system shows it, whether its command line holds `word`. After a
 * restart of the machine the same number may belong to any other program; a process that ended but was never collected
 * by its parent (usual in containers) has no command line and counts as gone.
 */
export function isRunning(pid: number, word = ''): boolean {
  if (!Number.isInteger(pid) || pid <= 0 || !exists(pid)) return false;
  if (!existsSync('/proc/self/cmdline')) return true;
  const commandLine = readCommandLine(pid);
  return commandLine !== '' && commandLine.includes(word);
}

function exists(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}

function readCommandLine(pid: number): string {
  try {
    return readFileSync(`/proc/${String(pid)}/cmdline`, 'utf8');
  } catch {
    return '';
  }
}
