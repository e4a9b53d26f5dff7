import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { Transform } from 'class-transformer';
import { ArrayMaxSize, IsUUID } from 'class-validator';
import type { ActivityPage, ActivityShown } from '../../core/audit/activity.service.js';
import {
  type Case,
  ENTRY_KINDS,
  type EntryKind,
  type HolderAnswer,
  type OpenedEntry,
  type Outcome,
  OUTCOMES,
} from '../../core/audit/entry.js';
import { type Decision, REASONS, type Reason } from '../../core/decision/rule.js';
import { SENTENCES } from '../../core/decision/sentences.js';
import {
  DATA_CATEGORY_CODES,
  type DataCategory,
  isProviderType,
  nameOfType,
} from '../../core/provider/catalogue.js';
import type { Requester } from '../../core/provider/provider.js';
import { IsEntryKind, IsMoment, IsOutcome, IsTextLike, MayBeLeftOut } from '../shared/validators.js';
import { NameAnswer } from './name.js';
import type { Plain } from './plain.js';

const DEFAULT_LIMIT = 25;

function asList({ value }: { value: unknown }): unknown {
  return value === undefined ? undefined : [value].flat();
}

/** What part of their activity a person wants to see, as it stands in an address. */
export class ActivityQuery {
  @MayBeLeftOut()
  @Transform(asList)
  @ArrayMaxSize(ENTRY_KINDS.length, { message: 'Give each kind once.' })
  @IsEntryKind({ each: true })
  @ApiPropertyOptional({ enum: ENTRY_KINDS, isArray: true, description: 'These kinds only; may be repeated' })
  readonly kind?: EntryKind[];

  @MayBeLeftOut()
  @IsOutcome()
  @ApiPropertyOptional({ enum: OUTCOMES, description: 'With this outcome only' })
  readonly outcome?: Outcome;

  @MayBeLeftOut()
  @IsMoment()
  @ApiPropertyOptional({
    format: 'date-time',
    description: 'From this moment',
    example: '2026-11-01T00:00:00Z',
  })
  readonly from?: string;

  @MayBeLeftOut()
  @IsMoment()
  @ApiPropertyOptional({
    format: 'date-time',
    description: 'Before this moment',
    example: '2026-12-01T00:00:00Z',
  })
  readonly to?: string;

  @MayBeLeftOut()
  @IsUUID('all', { message: 'Give the `next` of the page before.' })
  @ApiPropertyOptional({
    format: 'uuid',
    description: 'Older than this entry: the `next` of the page before',
  })
  readonly before?: string;

  @MayBeLeftOut()
  @IsTextLike(/^([1-9]\d?|100)$/, 'A limit is a whole number from 1 to 100.')
  @ApiPropertyOptional({ type: 'integer', minimum: 1, maximum: 100, default: DEFAULT_LIMIT })
  readonly limit?: string;
}

/** Who did something, as far as the person may know. */
export class ActorAnswer {
  @ApiProperty({
    enum: ['self', 'guardian', 'system', 'auditor', 'operator'],
    description: 'The person, a parent or guardian, a system of a care provider, an auditor, or the operator',
    example: 'system',
  })
  readonly kind!: 'self' | 'guardian' | 'system' | 'auditor' | 'operator';

  @ApiPropertyOptional({
    description: 'The care provider that the system worked for',
    example: 'Ziekenhuis Oost',
  })
  readonly name?: string;

  @ApiPropertyOptional({ description: 'The name of the system and its vendor', example: 'Voorbeeld-HIS' })
  readonly system?: string;
}

/** A care provider named in an entry. */
export class NamedPartyAnswer {
  @ApiProperty({ example: '00000001' })
  readonly ura!: string;

  @ApiPropertyOptional({ example: 'Z3' })
  readonly type?: string;

  @ApiPropertyOptional()
  readonly typeName?: NameAnswer;

  @ApiPropertyOptional({
    example: 'Huisartsenpraktijk De Linde',
    description: 'Absent when it left the register',
  })
  readonly name?: string;
}

/** Whoever wanted to see data. */
export class RequesterAnswer {
  @ApiPropertyOptional({ example: '00000002', description: 'For a Dutch care provider' })
  readonly ura?: string;

  @ApiPropertyOptional({ example: 'V4' })
  readonly type?: string;

  @ApiPropertyOptional()
  readonly typeName?: NameAnswer;

  @ApiPropertyOptional({ example: 'Ziekenhuis Oost' })
  readonly name?: string;

  @ApiPropertyOptional({ example: 'BE', description: 'For a care provider elsewhere in the European Union' })
  readonly country?: string;
}

/** The answer about one data category, with the reason in words. */
export class ResultAnswer {
  @ApiProperty({ enum: DATA_CATEGORY_CODES, example: 'GGC013' })
  readonly dataCategory!: DataCategory;

  @ApiProperty({ enum: ['permit', 'deny'], example: 'permit' })
  readonly decision!: Decision;

  @ApiProperty({ enum: REASONS, example: 'YES_GROUP' })
  readonly reason!: Reason;

  @ApiProperty()
  readonly sentence!: NameAnswer;
}

/** The answer about one care provider that holds data. */
export class HolderResultsAnswer extends NamedPartyAnswer {
  @ApiProperty({ type: [ResultAnswer] })
  readonly results!: readonly ResultAnswer[];
}

/** A reason with its sentence. */
export class EntryReasonAnswer extends NameAnswer {
  @ApiProperty({ enum: REASONS, example: 'YES_GROUP' })
  readonly code!: Reason;
}

/** The human being behind a question, as far as the asking system named one. */
export class ProfessionalAnswer {
  @ApiProperty({ example: '900000001' })
  readonly id!: string;

  @ApiPropertyOptional({ example: '01.015', description: 'RoleCodeNL' })
  readonly role?: string;

  @ApiPropertyOptional({ example: '900000002', description: 'Who acted under this professional’s mandate' })
  readonly mandatedId?: string;
}

/** Why an auditor looked. */
export class CaseAnswer implements Case {
  @ApiProperty({ example: 'KLACHT-2026-0042' })
  readonly caseNumber!: string;

  @ApiProperty({ example: 'The person asked who looked.' })
  readonly reason!: string;
}

/** One thing that happened around a person's choices. */
export class ActivityEntryAnswer {
  @ApiProperty({ format: 'uuid', example: '019a0000-0000-7000-8000-000000000001' })
  readonly id!: string;

  @ApiProperty({ format: 'date-time', example: '2026-11-21T10:00:00.000Z' })
  readonly at!: string;

  @ApiProperty({ enum: ENTRY_KINDS, example: 'consent.checked' })
  readonly kind!: EntryKind;

  @ApiProperty({ enum: OUTCOMES, example: 'permit' })
  readonly outcome!: Outcome;

  @ApiProperty()
  readonly actor!: ActorAnswer;

  @ApiPropertyOptional()
  readonly requester?: RequesterAnswer;

  @ApiPropertyOptional({
    type: [HolderResultsAnswer],
    description: 'Per holder and data category: yes or no, and why',
  })
  readonly holders?: readonly HolderResultsAnswer[];

  @ApiPropertyOptional({ description: 'The care provider that says it holds data, or no longer does' })
  readonly provider?: NamedPartyAnswer;

  @ApiPropertyOptional({ enum: ['TREAT', 'COC'], example: 'TREAT' })
  readonly purpose?: string;

  @ApiPropertyOptional()
  readonly professional?: ProfessionalAnswer;

  @ApiPropertyOptional({ description: 'The exchange system that would carry the data' })
  readonly exchangeSystem?: string;

  @ApiPropertyOptional({ description: 'Asked by a machine without a professional at hand' })
  readonly automatic?: boolean;

  @ApiPropertyOptional({ isArray: true, enum: DATA_CATEGORY_CODES })
  readonly dataCategories?: readonly DataCategory[];

  @ApiProperty({ type: [EntryReasonAnswer], description: 'Each reason that occurs, once' })
  readonly reasons!: readonly EntryReasonAnswer[];

  @ApiPropertyOptional({
    description: 'The version of the choices that this rested on, or that was changed',
    example: 3,
  })
  readonly version?: number;

  @ApiPropertyOptional({ description: 'The version whose choices were taken over', example: 1 })
  readonly restoredFrom?: number;

  @ApiPropertyOptional()
  readonly case?: CaseAnswer;
}

/** A page of activity. */
export class ActivityAnswer {
  @ApiProperty({ type: [ActivityEntryAnswer], description: 'Newest first' })
  readonly entries!: readonly ActivityEntryAnswer[];

  @ApiPropertyOptional({
    type: 'integer',
    minimum: 1,
    description: 'How many entries of this page can not be read: somebody changed them. Normally absent',
    example: 1,
  })
  readonly unreadable?: number;

  @ApiPropertyOptional({
    format: 'uuid',
    description: 'Send it as `before` for the next page; absent on the last page',
  })
  readonly next?: string;
}

/** The query in the core's own types. */
export function pageOf({ kind, outcome, from, to, before, limit }: ActivityQuery): ActivityPage {
  return {
    kinds: kind,
    outcome,
    from: from === undefined ? undefined : new Date(from),
    to: to === undefined ? undefined : new Date(to),
    before: before?.toLowerCase(),
    limit: limit === undefined ? DEFAULT_LIMIT : Number(limit),
  };
}

/** A page of activity as the person sees it. */
export function activityAnswer(personId: string, shown: ActivityShown): ActivityAnswer {
  return {
    entries: shown.entries.map((entry) => entryAnswer(personId, entry, shown)),
    ...(shown.unreadable > 0 && { unreadable: shown.unreadable }),
    ...(shown.next !== undefined && { next: shown.next }),
  };
}

type Names = Pick<ActivityShown, 'providers' | 'clients'>;

function entryAnswer(personId: string, entry: OpenedEntry, names: Names): ActivityEntryAnswer {
  const { id, at, kind, outcome, reasons, detail } = entry;
  const { requester, holders, provider, professional } = detail;
  return {
    id,
    at: at.toISOString(),
    kind,
    outcome,
    actor: actorAnswer(personId, entry, names),
    ...(requester && { requester: requesterAnswer(requester, names) }),
    ...(holders && { holders: holders.map((holder) => holderAnswer(holder, names)) }),
    // An auditor's search for a provider is not the person's business; a localization is.
    ...(provider && kind.startsWith('localization.') && { provider: partyAnswer(provider, names) }),
    ...(professional && { professional: professionalAnswer(professional) }),
    ...plainPartsOf(detail),
    reasons: reasons.map((code) => ({ code, ...SENTENCES[code] })),
  };
}

type PlainParts = Pick<
  ActivityEntryAnswer,
  'purpose' | 'exchangeSystem' | 'automatic' | 'dataCategories' | 'version' | 'restoredFrom' | 'case'
>;

function plainPartsOf(detail: OpenedEntry['detail']): PlainParts {
  const { purpose, exchangeSystem, automatic, holders, version, restoredFrom, case: forCase } = detail;
  const dataCategories = detail.dataCategories ?? (holders && [...new Set(holders.flatMap(categoriesOf))]);
  return {
    ...(purpose !== undefined && { purpose }),
    ...(exchangeSystem !== undefined && { exchangeSystem }),
    ...(automatic !== undefined && { automatic }),
    ...(dataCategories && { dataCategories }),
    ...(version !== undefined && { version }),
    ...(restoredFrom !== undefined && { restoredFrom }),
    ...(forCase && { case: { caseNumber: forCase.caseNumber, reason: forCase.reason } }),
  };
}

function categoriesOf({ results }: HolderAnswer): readonly DataCategory[] {
  return results.map(({ dataCategory }) => dataCategory);
}

/** Auditors and guardians appear by their role: the case says why an auditor looked, and the child knows its guardian. */
function actorAnswer(personId: string, entry: OpenedEntry, names: Names): ActorAnswer {
  const { actor } = entry;
  switch (actor.kind) {
    case 'client': {
      const system = names.clients.get(actor.clientId)?.name ?? actor.clientId;
      const name = nameBehind(entry, names);
      return { kind: 'system', system, ...(name !== undefined && { name }) };
    }
    case 'citizen':
      return { kind: actor.personId === personId ? 'self' : 'guardian' };
    case 'auditor':
    case 'operator':
      return { kind: actor.kind };
    default:
      return actor satisfies never;
  }
}

/** The care provider a system worked for: with "where is data?" the one that asks, otherwise the one that holds data. */
function nameBehind({ kind, detail }: OpenedEntry, { providers }: Names): string | undefined {
  const { holders = [], provider, requester } = detail;
  const asks = requester && 'ura' in requester ? requester.ura : undefined;
  const ura = kind === 'location.asked' ? asks : (provider?.ura ?? holders[0]?.ura);
  return ura === undefined ? undefined : providers.get(ura)?.name;
}

function partyAnswer(
  { ura, type }: { ura: string; type?: string },
  { providers }: Names,
): Plain<NamedPartyAnswer> {
  const name = providers.get(ura)?.name;
  return {
    ura,
    ...(type !== undefined && { type }),
    ...(type !== undefined && isProviderType(type) && { typeName: nameOfType(type) }),
    ...(name !== undefined && { name }),
  };
}

function requesterAnswer(requester: Requester, names: Names): RequesterAnswer {
  if ('ura' in requester) return partyAnswer(requester, names);
  return { country: requester.country, name: requester.organisation };
}

function holderAnswer(holder: HolderAnswer, names: Names): HolderResultsAnswer {
  return {
    ...partyAnswer(holder, names),
    results: holder.results.map(({ dataCategory, decision, reason }) => ({
      dataCategory,
      decision,
      reason,
      sentence: SENTENCES[reason],
    })),
  };
}

function professionalAnswer({
  id,
  role,
  mandatedId,
}: NonNullable<OpenedEntry['detail']['professional']>): ProfessionalAnswer {
  return { id, ...(role !== undefined && { role }), ...(mandatedId !== undefined && { mandatedId }) };
}
