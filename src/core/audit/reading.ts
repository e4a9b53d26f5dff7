import type { Records } from '../registry.js';
import type { OpenedEntry, SealedEntry } from './entry.js';
import type { Sealer } from './sealer.js';

/** The first moment of the half year that a moment lies in, in UTC. */
function startOfPeriod(at: Date): Date {
  return new Date(Date.UTC(at.getUTCFullYear(), at.getUTCMonth() < 6 ? 0 : 6, 1));
}

/** The first moments of all log periods that a stretch of time touches, newest first. `to` is exclusive. */
export function periodsBetween(from: Date, to: Date): readonly Date[] {
  const starts: Date[] = [];
  let start = startOfPeriod(new Date(to.getTime() - 1));
  while (start.getTime() >= startOfPeriod(from).getTime()) {
    starts.push(start);
    start = startOfPeriod(new Date(start.getTime() - 1));
  }
  return starts;
}

/** An entry as a reader gets it. `forgotten`: the key was deleted; `broken`: somebody changed it after it was kept. */
export type ReadEntry =
  | { readonly sealed: SealedEntry; readonly state: 'readable'; readonly opened: OpenedEntry }
  | { readonly sealed: SealedEntry; readonly state: 'forgotten' | 'broken'; readonly opened?: undefined };

/**
 * Opens entries with the audit keys of the people they are about. One that can't be opened does not hide the others: it comes back
 * as forgotten or broken. Reads each person once.
 */
export async function openAll(
  records: Records,
  sealer: Sealer,
  entries: readonly SealedEntry[],
): Promise<readonly ReadEntry[]> {
  const keys = new Map<string, Buffer | undefined>();
  for (const entry of entries) {
    const personId = personIn(sealer, entry);
    if (personId !== undefined && !keys.has(personId)) {
      keys.set(personId, (await records.people.find(personId))?.auditKey);
    }
  }
  return entries.map((sealed) => openOne(sealer, sealed, keys));
}

function personIn(sealer: Sealer, entry: SealedEntry): string | undefined {
  try {
    const subject = sealer.subjectOf(entry);
    return subject.kind === 'person' ? subject.personId : undefined;
  } catch {
    return undefined;
  }
}

function openOne(
  sealer: Sealer,
  sealed: SealedEntry,
  keys: ReadonlyMap<string, Buffer | undefined>,
): ReadEntry {
  try {
    const opened = sealer.open(sealed, (personId) => keys.get(personId));
    return opened ? { sealed, state: 'readable', opened } : { sealed, state: 'forgotten' };
  } catch {
    return { sealed, state: 'broken' };
  }
}
