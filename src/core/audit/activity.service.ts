import type { Clock } from '../clock.js';
import { requirePerson } from '../person/people.service.js';
import type { Ura } from '../provider/ura.js';
import { isUra } from '../provider/ura.js';
import type { EntryCursor, Records, Registry } from '../registry.js';
import type { Client } from '../client/client.js';
import type { Provider } from '../provider/provider.js';
import type { EntryKind, OpenedEntry, Outcome } from './entry.js';
import { openAll, periodsBetween } from './reading.js';
import { periodOf, type Sealer } from './sealer.js';

/** What part of their activity a person wants to see. */
export interface ActivityPage {
  readonly kinds?: readonly EntryKind[] | undefined;
  readonly outcome?: Outcome | undefined;
  readonly from?: Date | undefined;
  /** Exclusive. */
  readonly to?: Date | undefined;
  /** Older than this entry. */
  readonly before?: EntryCursor | undefined;
  readonly limit: number;
}

/** A page of activity, newest first, with the names a reader needs. */
export interface ActivityShown {
  readonly entries: readonly OpenedEntry[];
  /** How many entries of this page can't be read: somebody changed them after they were kept. Normally 0. */
  readonly unreadable: number;
  /** Where the next page begins; absent on the last page. */
  readonly next?: EntryCursor | undefined;
  readonly providers: ReadonlyMap<string, Provider>;
  readonly clients: ReadonlyMap<string, Client>;
}

/** The law keeps the log five years (NEN 7513); nothing older is looked for. */
const YEARS_KEPT = 5;

/** What happened around a person's choices: who asked, for whom, when, and what the answer was. */
export class Activity {
  constructor(
    private readonly registry: Registry,
    private readonly sealer: Sealer,
    private readonly clock: Clock,
  ) {}

  /** Everything about the person, newest first, also from before they first signed in. */
  async of(personId: string, page: ActivityPage): Promise<ActivityShown> {
    const now = this.clock.now();
    // Nothing is kept of the future; looking there would only cost time, a key per half year.
    const end = new Date(now.getTime() + 60_000);
    const to = page.to && page.to < end ? page.to : end;
    const oldest = new Date(Date.UTC(now.getUTCFullYear() - YEARS_KEPT, now.getUTCMonth(), now.getUTCDate()));
    const from = page.from && page.from > oldest ? page.from : oldest;
    return this.registry.inSnapshot(async (records) => {
      const person = await requirePerson(records, personId);
      const subjectTags = periodsBetween(from, to).flatMap((start) =>
        this.sealer.tagsOf(person, periodOf(start)),
      );
      const { kinds, outcome, before, limit } = page;
      const found = await records.audit.search({
        from,
        to,
        subjectTags,
        kinds,
        outcome,
        before,
        limit: limit + 1,
      });
      const shown = found.slice(0, limit);
      const read = await openAll(records, this.sealer, shown);
      const entries = read.flatMap(({ opened }) => opened ?? []);
      const next = found.length > limit ? shown.at(-1)?.id : undefined;
      return {
        entries,
        unreadable: read.length - entries.length,
        next,
        ...(await namesIn(records, entries)),
      };
    });
  }
}

/** The providers and systems that entries name, by URA number and client id. */
export async function namesIn(
  records: Records,
  entries: readonly OpenedEntry[],
): Promise<Pick<ActivityShown, 'providers' | 'clients'>> {
  const uras = new Set<Ura>();
  const clientIds = new Set<string>();
  for (const { actor, detail } of entries) {
    if (actor.kind === 'client') clientIds.add(actor.clientId);
    const { requester, holders = [], provider } = detail;
    const named = [requester && 'ura' in requester ? requester.ura : undefined, provider?.ura];
    for (const ura of [...named, ...holders.map((holder) => holder.ura)])
      if (ura && isUra(ura)) uras.add(ura);
  }
  const providers = await records.providers.findAll([...uras]);
  const clients = await Promise.all([...clientIds].map((id) => records.clients.find(id)));
  return {
    providers: new Map(providers.map((provider) => [provider.ura, provider])),
    clients: new Map(clients.flatMap((client) => (client ? [[client.id, client] as const] : []))),
  };
}
