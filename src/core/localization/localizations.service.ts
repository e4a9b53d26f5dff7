import { about, type Journal } from '../audit/journal.js';
import type { EntryKind } from '../audit/entry.js';
import { isRefusal, requireInService, requireMayActFor } from '../client/client.js';
import type { Clock, NewId } from '../clock.js';
import type { Asker } from '../decision/question.js';
import { Failure } from '../failure.js';
import type { Bsn } from '../person/bsn.js';
import type { People } from '../person/people.service.js';
import type { Person } from '../person/person.js';
import type { Party, Provider } from '../provider/provider.js';
import type { Records, Registry } from '../registry.js';
import type { Localization } from './localization.js';

/** A provider's word that it holds data about a person. */
export interface Registration {
  readonly bsn: Bsn;
  readonly holder: Party;
}

/** What came of a registration. */
export interface Registered {
  readonly localization: Localization;
  readonly outcome: 'registered' | 'renewed';
}

/** A localization with the provider it is of; undefined when that left the register. */
export interface HeldBy {
  readonly localization: Localization;
  readonly provider: Provider | undefined;
}

/** "I hold data about this person": registered, renewed and ended by the provider that holds it. */
export class Localizations {
  constructor(
    private readonly registry: Registry,
    private readonly journal: Journal,
    private readonly people: People,
    private readonly clock: Clock,
    private readonly newId: NewId,
  ) {}

  /**
   * Registers or renews; the same call twice leaves one localization. A person the registry does not know is added, known by
   * the provider's word only. Refuses a client that may not act for the holder, and a holder (URA and type) that is not in the
   * register (PROVIDER_UNKNOWN).
   */
  async register(asker: Asker, registration: Registration): Promise<Registered> {
    try {
      return await this.keep(asker, registration);
    } catch (error) {
      if (isRefusal(error)) await this.tellRefusal(asker, registration, error);
      throw error;
    }
  }

  private keep(asker: Asker, { bsn, holder }: Registration): Promise<Registered> {
    return this.registry.inTransaction(async (records) => {
      requireMayActFor(await records.clients.find(asker.clientId), holder.ura);
      await requireRegistered(records, holder);
      const { id: personId } = await this.people.knownBy(records, bsn);
      const person = (await records.people.lock(personId)) as Person;
      const present = await records.localizations.findFor(personId, holder.ura, holder.type);
      const now = this.clock.now();
      const renews = present !== undefined && present.endedAt === undefined;
      const localization: Localization = {
        id: present?.id ?? this.newId(),
        personId,
        ...holder,
        registeredAt: renews ? present.registeredAt : now,
        renewedAt: now,
        clientId: asker.clientId,
      };
      await records.localizations.put(localization);
      await this.tell(records, asker, { person, localization, kind: renews ? 'renewed' : 'registered' });
      return { localization, outcome: renews ? 'renewed' : 'registered' };
    });
  }

  /** Ends one; ending it again changes nothing. NOT_FOUND for one that the client's providers do not have. */
  end(asker: Asker, localizationId: string): Promise<void> {
    return this.registry.inTransaction(async (records) => {
      const client = await records.clients.find(asker.clientId);
      requireInService(client);
      const found = await records.localizations.find(localizationId);
      if (!found || !client.uras.includes(found.ura)) {
        throw new Failure('NOT_FOUND', 'Your provider has no registration with this number.');
      }
      const person = (await records.people.lock(found.personId)) as Person;
      const present = await records.localizations.find(localizationId);
      if (!present || present.endedAt) return;
      const localization = { ...present, endedAt: this.clock.now(), clientId: asker.clientId };
      await records.localizations.put(localization);
      await this.tell(records, asker, { person, localization, kind: 'ended' });
    });
  }

  /** The providers that hold data about a person now, oldest registration first. */
  ofPerson(personId: string): Promise<readonly HeldBy[]> {
    return this.registry.inSnapshot(async (records) => {
      const active = await records.localizations.activeOf(personId);
      const providers = await records.providers.findAll(active.map(({ ura }) => ura));
      return active.map((localization) => ({
        localization,
        provider: providers.find(({ ura }) => ura === localization.ura),
      }));
    });
  }

  /** The person sees that a system tried to register data in the name of a provider that is not its own. */
  private tellRefusal(asker: Asker, { bsn, holder }: Registration, refusal: Failure): Promise<void> {
    return this.registry.inTransaction(async (records) => {
      const person = await records.people.findByBsn(bsn);
      await this.journal.write(records, {
        kind: 'client.refused',
        actor: { kind: 'client', clientId: asker.clientId, tokenId: asker.tokenId },
        subject: person ? about(person) : { kind: 'stranger', bsn },
        outcome: 'refused',
        detail: { provider: holder, note: refusal.code, address: asker.address, traceId: asker.traceId },
      });
    });
  }

  private async tell(
    records: Records,
    asker: Asker,
    told: { person: Person; localization: Localization; kind: 'registered' | 'renewed' | 'ended' },
  ): Promise<void> {
    const { person, localization, kind } = told;
    const entry = await this.journal.write(records, {
      kind: `localization.${kind}` satisfies EntryKind,
      actor: { kind: 'client', clientId: asker.clientId, tokenId: asker.tokenId },
      subject: about(person),
      outcome: 'done',
      detail: {
        provider: { ura: localization.ura, type: localization.type },
        address: asker.address,
        traceId: asker.traceId,
      },
    });
    if (kind !== 'renewed') await this.journal.notify(records, person.id, `localization-${kind}`, entry);
  }
}

async function requireRegistered(records: Records, holder: Party): Promise<void> {
  const provider = await records.providers.find(holder.ura);
  if (!provider?.types.includes(holder.type)) {
    throw new Failure(
      'PROVIDER_UNKNOWN',
      'This provider number and type are not in the register of care providers.',
    );
  }
}
