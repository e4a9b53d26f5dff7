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

/**
 * Opens entries with the audit keys of the people they are about. Entries whose key was deleted come back as undefined.
 * Reads each person once.
 */
export async function openAll(
  records: Records,
  sealer: Sealer,
  entries: readonly SealedEntry[],
): Promise<readonly (OpenedEntry | undefined)[]> {
  const keys = new Map<string, Buffer | undefined>();
  for (const entry of entries) {
    const subject = sealer.subjectOf(entry);
    if (subject.kind === 'person' && !keys.has(subject.personId)) {
      keys.set(subject.personId, (await records.people.find(subject.personId))?.auditKey);
    }
  }
  return entries.map((entry) => sealer.open(entry, (personId) => keys.get(personId)));
}
