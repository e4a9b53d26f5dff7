import { ForbiddenException, Injectable } from '@nestjs/common';
import { DataSource, type EntityManager } from 'typeorm';
import { Sealer } from '../../src/core/audit/sealer.js';
import type { SealedEntry } from '../../src/core/audit/entry.js';
import { answer, type Decision, type Trace } from '../../src/core/decision/rule.js';
import { parseBsn } from '../../src/core/person/bsn.js';
import type { DataCategory } from '../../src/core/provider/catalogue.js';
import type { Party } from '../../src/core/provider/provider.js';
import { parseUra } from '../../src/core/provider/ura.js';
import { PersonCipher } from '../../src/store/person-cipher.js';
import type { CheckDto, PartyDto } from './check.dto.js';
import {
  AuditDetail,
  AuditEvent,
  AuditPending,
  ClientRow,
  ConsentVersion,
  PersonIdentity,
  PersonRow,
  ProviderRow,
} from './entities.js';
import type { Asking } from './token.guard.js';

/** The answer, in the shape of our own. */
export interface Checked {
  results: { dataCategory: DataCategory; decision: Decision }[];
  receipt: { entryId: string; leafHash: string };
}

interface Found {
  person: PersonRow | null;
  version: ConsentVersion | null;
  holderKnown: boolean;
  requesterKnown: boolean;
}

/** Looks up with findOne, decides by the same rule, seals by the same sealer, and saves: one transaction per check. */
@Injectable()
export class CheckService {
  constructor(
    private readonly source: DataSource,
    private readonly cipher: PersonCipher,
    private readonly sealer: Sealer,
  ) {}

  check(asking: Asking, dto: CheckDto): Promise<Checked> {
    return this.source.transaction(async (manager) => {
      await requireClient(manager, asking, dto.holder);
      const found = await this.find(manager, dto);
      const traces = dto.dataCategories.map((dataCategory) => decide(dto, dataCategory, found));
      const sealed = this.seal(asking, dto, { found, traces });
      await keep(manager, sealed);
      return {
        results: traces.map(({ dataCategory, decision }) => ({ dataCategory, decision })),
        receipt: { entryId: sealed.id, leafHash: sealed.leafHash.toString('base64') },
      };
    });
  }

  private async find(manager: EntityManager, dto: CheckDto): Promise<Found> {
    const bsnIndex = this.cipher.indexOf(parseBsn(dto.bsn));
    const identity = await manager.getRepository(PersonIdentity).findOne({ where: { bsnIndex } });
    const personId = identity?.personId;
    const person = personId ? await manager.getRepository(PersonRow).findOne({ where: { personId } }) : null;
    const version = personId
      ? await manager.getRepository(ConsentVersion).findOne({ where: { personId, state: 'in-force' } })
      : null;
    return {
      person,
      version,
      holderKnown: await isKnown(manager, dto.holder),
      requesterKnown: await isKnown(manager, dto.requester),
    };
  }

  private seal(
    asking: Asking,
    dto: CheckDto,
    { found: { person, version }, traces }: { found: Found; traces: readonly Trace[] },
  ): SealedEntry {
    const { holder, requester, purpose, professional, exchangeSystem, automatic } = dto;
    return this.sealer.seal({
      kind: 'consent.checked',
      at: new Date(),
      actor: { kind: 'client', ...asking },
      subject: person
        ? { kind: 'person', personId: person.personId, auditKey: person.auditKey }
        : { kind: 'stranger', bsn: parseBsn(dto.bsn) },
      outcome: traces.some(({ decision }) => decision === 'permit') ? 'permit' : 'deny',
      reasons: [...new Set(traces.map(({ reason }) => reason))],
      detail: {
        purpose,
        requester: partyOf(requester),
        professional,
        exchangeSystem,
        automatic,
        address: '127.0.0.1',
        holders: [{ ...partyOf(holder), results: traces }],
        version: version?.number,
      },
    });
  }
}

function decide(dto: CheckDto, dataCategory: DataCategory, found: Found): Trace {
  const { holder, requester, purpose } = dto;
  return answer(
    found.version?.choices ?? [],
    {
      holder: partyOf(holder),
      requester: partyOf(requester),
      purpose,
      dataCategory,
    },
    {
      personKnown: found.person !== null,
      holderKnown: found.holderKnown,
      requesterKnown: found.requesterKnown,
    },
    { presumedConsent: 'allow' },
  );
}

function partyOf({ ura, type }: PartyDto): Party {
  return { ura: parseUra(ura), type };
}

async function requireClient(manager: EntityManager, { clientId }: Asking, holder: PartyDto): Promise<void> {
  const client = await manager.getRepository(ClientRow).findOne({ where: { clientId } });
  if (!client || client.revokedAt || !client.uras.includes(holder.ura)) throw new ForbiddenException();
}

async function isKnown(manager: EntityManager, { ura, type }: PartyDto): Promise<boolean> {
  const provider = await manager.getRepository(ProviderRow).findOne({ where: { ura } });
  return provider?.types.includes(type) ?? false;
}

async function keep(manager: EntityManager, sealed: SealedEntry): Promise<void> {
  const { id, at, kind, outcome, clientId, period, leaf, leafHash } = sealed;
  const { subjectTag, subjectBox, partyTags, detail } = sealed;
  await manager.getRepository(AuditEvent).save({ id, at, kind, outcome, clientId, period, leaf, leafHash });
  await manager
    .getRepository(AuditDetail)
    .save({ id, at, period, subjectTag, subjectBox, partyTags, detail });
  await manager.getRepository(AuditPending).save({ id, leafHash });
}
