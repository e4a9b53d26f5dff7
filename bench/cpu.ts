import { readdirSync, readFileSync } from 'node:fs';

/** Clock ticks per second in /proc; the same on every Linux that Node runs on. */
const TICKS = 100;

interface Usage {
  readonly pid: number;
  readonly parent: number;
  /** Its own time, and that of children that have ended. */
  readonly own: number;
  readonly ended: number;
}

/**
 * The processor seconds that the processes below this one, and a server with everything below it, have used so far. Undefined where
 * the system has no /proc. Unlike checks per second it does not depend on what else the machine is doing.
 */
export function cpuSeconds(server: number): number | undefined {
  const all = readAll();
  if (all.length === 0) return undefined;
  const below = descendantsOf([process.pid, server], all);
  return all
    .filter(({ pid }) => below.has(pid))
    .reduce((sum, { pid, own, ended }) => sum + ended + (pid === process.pid ? 0 : own), 0);
}

function readAll(): readonly Usage[] {
  try {
    return readdirSync('/proc')
      .filter((name) => /^\d+$/.test(name))
      .flatMap((name) => readOne(Number(name)) ?? []);
  } catch {
    return [];
  }
}

/** proc(5), /proc/pid/stat; the program's name, the second field, may hold spaces and brackets. */
function readOne(pid: number): Usage | undefined {
  try {
    const text = readFileSync(`/proc/${String(pid)}/stat`, 'utf8');
    const fields = text
      .slice(text.lastIndexOf(')') + 2)
      .split(' ')
      .map(Number);
    const [parent = 0, user = 0, system = 0, userEnded = 0, systemEnded = 0] = [1, 11, 12, 13, 14].map(
      (position) => fields[position],
    );
    return { pid, parent, own: (user + system) / TICKS, ended: (userEnded + systemEnded) / TICKS };
  } catch {
    // It ended while we looked.
    return undefined;
  }
}

function descendantsOf(roots: readonly number[], all: readonly Usage[]): ReadonlySet<number> {
  const found = new Set(roots);
  for (let before = 0; before < found.size;) {
    before = found.size;
    for (const { pid, parent } of all) if (found.has(parent)) found.add(pid);
  }
  return found;
}

/** The processor seconds that the whole machine has been busy since it started; undefined where the system has no /proc. */
export function busySeconds(): number | undefined {
  try {
    const [line = ''] = readFileSync('/proc/stat', 'utf8').split('\n', 1);
    const [user = 0, nice = 0, system = 0, , , irq = 0, softIrq = 0, steal = 0] = line
      .trim()
      .split(/\s+/)
      .slice(1)
      .map(Number);
    return (user + nice + system + irq + softIrq + steal) / TICKS;
  } catch {
    return undefined;
  }
}
