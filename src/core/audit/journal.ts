import type { Clock, NewId } from '../clock.js';
import type { Notice, NoticeKind } from '../notice/notice.js';
import type { Person } from '../person/person.js';
import type { Records } from '../registry.js';
import type { Entry, SealedEntry, Subject } from './entry.js';
import type { Sealer } from './sealer.js';

/** What a service tells about a change: the entry without its moment. */
export type Told = Omit<Entry, 'at' | 'reasons'> & Partial<Pick<Entry, 'reasons'>>;

/** The subject of entries about a person. */
export function about(person: Pick<Person, 'id' | 'auditKey'>): Subject {
  return { kind: 'person', personId: person.id, auditKey: person.auditKey };
}

/** Writes entries and notices inside the transaction of the change that they tell about. */
export class Journal {
  constructor(
    private readonly sealer: Sealer,
    private readonly clock: Clock,
    private readonly newId: NewId,
  ) {}

  /** Keeps an entry; durable when the surrounding transaction is. */
  async write(records: Records, told: Told): Promise<SealedEntry> {
    const sealed = this.sealer.seal({ reasons: [], ...told, at: this.clock.now() });
    await records.audit.append([sealed]);
    return sealed;
  }

  /** Keeps a notice to a person about an entry. */
  async notify(records: Records, personId: string, kind: NoticeKind, entry: SealedEntry): Promise<void> {
    const notice: Notice = { id: this.newId(), personId, kind, at: entry.at, entryId: entry.id };
    await records.notices.add(notice);
  }
}
