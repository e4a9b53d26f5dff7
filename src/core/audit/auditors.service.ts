import type { Clock } from '../clock.js';
import { Failure } from '../failure.js';
import type { Bsn } from '../person/bsn.js';
import { requirePerson } from '../person/people.service.js';
import type { Ura } from '../provider/ura.js';
import type { EntryCursor, EntrySearch, Records, Registry } from '../registry.js';
import type { Case, EntryKind, Outcome, SealedEntry } from './entry.js';
import { about, type Journal } from './journal.js';
import { openAll, periodsBetween, type ReadEntry } from './reading.js';
import { type BoxedSubject, periodOf, type Sealer } from './sealer.js';

/** The auditor at the door. */
export interface SignedInAuditor {
  readonly subject: string;
  readonly name: string;
}

/** What an auditor looks for. */
export interface LookUp {
  readonly from: Date;
  /** Exclusive. */
  readonly to: Date;
  readonly bsn?: Bsn | undefined;
  readonly ura?: Ura | undefined;
  readonly clientId?: string | undefined;
  readonly kinds?: readonly EntryKind[] | undefined;
  readonly outcome?: Outcome | undefined;
  readonly before?: EntryCursor | undefined;
  readonly limit: number;
}

/** An entry as an auditor sees it: opened as far as it can be, beside the leaf that is the truth. */
export type AuditedEntry = ReadEntry;

/** A page of a look-up, newest first. */
export interface LookedUp {
  /** The entry that this look-up itself left. */
  readonly entryId: string;
  readonly entries: readonly AuditedEntry[];
  readonly next?: EntryCursor | undefined;
}

/** No entry is older than this software. */
const FIRST_ENTRY = new Date('2026-01-01T00:00:00Z');

/** How many entries an export reads at a time. */
const EXPORT_PAGE = 500;

/** Case numbers and reasons have some length, so that "x" does not pass for one. */
export const SHORTEST_REASON = 5;

/** Auditors: every look needs a case and leaves an entry of its own before anything is shown. */
export class Auditors {
  constructor(
    private readonly registry: Registry,
    private readonly sealer: Sealer,
    private readonly journal: Journal,
    private readonly clock: Clock,
  ) {}

  /** Searches the log. The look-up's own entry is durable before the first result leaves. */
  async lookUp(auditor: SignedInAuditor, forCase: Case, wanted: LookUp): Promise<LookedUp> {
    requireCase(forCase);
    const entryId = await this.log(auditor, forCase, wanted, 'auditor.looked-up');
    const search = await this.searchFor(wanted);
    const found = await this.registry.asAuditor((audit) =>
      audit.search({ ...search, limit: wanted.limit + 1 }),
    );
    const shown = found.slice(0, wanted.limit);
    const entries = await this.open(shown);
    if (wanted.bsn === undefined) await this.logSubjects(auditor, forCase, entries);
    return { entryId, entries, next: found.length > wanted.limit ? shown.at(-1)?.id : undefined };
  }

  /** Starts an export of everything that matches: logs it, then gives the pages one by one, newest first. */
  async export(
    auditor: SignedInAuditor,
    forCase: Case,
    wanted: Omit<LookUp, 'before' | 'limit'>,
  ): Promise<{ entryId: string; pages: AsyncGenerator<readonly AuditedEntry[]> }> {
    requireCase(forCase);
    const entryId = await this.log(auditor, forCase, wanted, 'auditor.exported');
    return { entryId, pages: this.pages(await this.searchFor({ ...wanted, limit: EXPORT_PAGE })) };
  }

  private async *pages(search: EntrySearch): AsyncGenerator<readonly AuditedEntry[]> {
    let before: EntryCursor | undefined;
    for (;;) {
      const found = await this.registry.asAuditor((audit) => audit.search({ ...search, before }));
      if (found.length > 0) yield await this.open(found);
      if (found.length < EXPORT_PAGE) return;
      before = found.at(-1)?.id;
    }
  }

  private async searchFor(wanted: LookUp): Promise<EntrySearch> {
    const { bsn, ura, ...rest } = wanted;
    const search = { ...rest, ...this.withinLog(wanted) };
    const periods = periodsBetween(search.from, search.to).map(periodOf);
    const subjectTags = bsn && (await this.tagsOf(bsn, periods));
    const partyTags = ura && periods.map((period) => this.sealer.partyTag(ura, period));
    return { ...search, subjectTags, partyTags };
  }

  /** Nothing is kept of the future or from before this log could exist; looking there would cost a key per half year. */
  private withinLog({ from, to }: Pick<LookUp, 'from' | 'to'>): Pick<LookUp, 'from' | 'to'> {
    const end = new Date(this.clock.now().getTime() + 60_000);
    return { from: from > FIRST_ENTRY ? from : FIRST_ENTRY, to: to < end ? to : end };
  }

  private async tagsOf(bsn: Bsn, periods: readonly string[]): Promise<readonly Buffer[]> {
    const person = await this.registry.inSnapshot((records) => records.people.findByBsn(bsn));
    return periods.flatMap((period) =>
      person ? this.sealer.tagsOf(person, period) : [this.sealer.strangerTag(bsn, period)],
    );
  }

  private open(entries: readonly SealedEntry[]): Promise<readonly AuditedEntry[]> {
    return this.registry.inSnapshot((records) => openAll(records, this.sealer, entries));
  }

  /** Whoever's entry an auditor reads, sees that in their own activity: one entry per person and page, before the page leaves. */
  private logSubjects(
    auditor: SignedInAuditor,
    forCase: Case,
    entries: readonly AuditedEntry[],
  ): Promise<void> {
    const subjects = new Map<string, BoxedSubject>();
    for (const { sealed, state } of entries) {
      if (state !== 'readable') continue;
      const subject = this.sealer.subjectOf(sealed);
      if (subject.kind !== 'nobody') subjects.set(JSON.stringify(subject), subject);
    }
    return this.registry.inTransaction(async (records) => {
      for (const boxed of subjects.values()) {
        const subject = boxed.kind === 'person' ? about(await requirePerson(records, boxed.personId)) : boxed;
        await this.journal.write(records, {
          kind: 'auditor.looked-up',
          actor: { kind: 'auditor', ...auditor },
          subject,
          outcome: 'done',
          detail: { case: forCase, note: 'an entry about this person was among those shown' },
        });
      }
    });
  }

  /** A search for one person is an entry about that person, so that they see it too. */
  private log(
    auditor: SignedInAuditor,
    forCase: Case,
    wanted: Omit<LookUp, 'limit'>,
    kind: 'auditor.looked-up' | 'auditor.exported',
  ): Promise<string> {
    return this.registry.inTransaction(async (records) => {
      const entry = await this.journal.write(records, {
        kind,
        actor: { kind: 'auditor', ...auditor },
        subject: await subjectOf(records, wanted.bsn),
        outcome: 'done',
        detail: {
          case: forCase,
          note: describe(wanted),
          provider: wanted.ura === undefined ? undefined : { ura: wanted.ura },
        },
      });
      return entry.id;
    });
  }
}

async function subjectOf(
  records: Records,
  bsn: Bsn | undefined,
): Promise<Parameters<Journal['write']>[1]['subject']> {
  if (bsn === undefined) return { kind: 'nobody' };
  const person = await records.people.findByBsn(bsn);
  return person ? about(person) : { kind: 'stranger', bsn };
}

function requireCase({ caseNumber, reason }: Case): void {
  const fields: Record<string, string> = {};
  if (caseNumber.trim() === '') fields['caseNumber'] = 'Every look-up needs a case number.';
  if (reason.trim().length < SHORTEST_REASON) fields['reason'] = 'Say in a few words why you look.';
  if (Object.keys(fields).length > 0) {
    throw new Failure('CASE_MISSING', 'A look into the log needs a case number and a reason.', { fields });
  }
}

/** What was searched for, in words, without the BSN. */
function describe(wanted: Omit<LookUp, 'limit'>): string {
  const parts = [
    `from ${wanted.from.toISOString()} to ${wanted.to.toISOString()}`,
    wanted.bsn && 'one person',
    wanted.ura && `provider ${wanted.ura}`,
    wanted.clientId && `system ${wanted.clientId}`,
    wanted.kinds && `kinds ${wanted.kinds.join(', ')}`,
    wanted.outcome && `outcome ${wanted.outcome}`,
    wanted.before && `older than ${wanted.before}`,
  ];
  return parts.filter(Boolean).join('; ');
}
