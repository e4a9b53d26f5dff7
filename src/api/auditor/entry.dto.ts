import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import type { AuditedEntry } from '../../core/audit/auditors.service.js';
import { ENTRY_KINDS, OUTCOMES } from '../../core/audit/entry.js';

const ENTRY_STATES = ['readable', 'forgotten', 'broken'] as const satisfies readonly AuditedEntry['state'][];

/** An entry as an auditor sees it: the record in clear, beside the leaf that is the truth. */
export class EntryDto {
  @ApiProperty({ format: 'uuid' })
  readonly id!: string;

  @ApiProperty({ format: 'date-time' })
  readonly at!: string;

  @ApiProperty({ enum: ENTRY_KINDS })
  readonly kind!: string;

  @ApiProperty({ enum: OUTCOMES })
  readonly outcome!: string;

  @ApiProperty({ description: 'The system it came through, or the kind of person who acted.' })
  readonly clientId!: string;

  @ApiProperty({ description: 'The leaf: canonical JSON (RFC 8785); in an export its bytes in base64.' })
  readonly leaf!: string;

  @ApiProperty({ format: 'byte', description: 'SHA-256(0x00 ‖ leaf), base64.' })
  readonly leafHash!: string;

  @ApiProperty({
    enum: ENTRY_STATES,
    description:
      'forgotten: the key of the person was deleted, so that the record can not be read any more. broken: somebody changed the ' +
      'entry after it was kept; tell the operator.',
  })
  readonly state!: AuditedEntry['state'];

  @ApiPropertyOptional({
    type: String,
    format: 'uuid',
    description: 'Whom it is about, when the registry knows them.',
  })
  readonly personId?: string | undefined;

  @ApiPropertyOptional({ type: String, description: 'The version of the decision rule.' })
  readonly ruleVersion?: string | undefined;

  @ApiPropertyOptional({ type: [String], description: 'The reasons of the answer, as codes.' })
  readonly reasons?: readonly string[] | undefined;

  @ApiPropertyOptional({ type: 'object', additionalProperties: true, description: 'Who did it (NEN 7513).' })
  readonly actor?: object | undefined;

  @ApiPropertyOptional({
    type: 'object',
    additionalProperties: true,
    description:
      'The record (NEN 7513): purpose, requester, professional, and per holder and category the trace of the rule: which ' +
      'choices matched, which decided, and why.',
  })
  readonly detail?: object | undefined;
}

/** A page of a look-up. */
export class LookedUpDto {
  @ApiProperty({ format: 'uuid', description: 'The entry that this look-up itself left.' })
  readonly entryId!: string;

  @ApiProperty({ type: [EntryDto], description: 'Newest first.' })
  readonly entries!: readonly EntryDto[];

  @ApiPropertyOptional({
    format: 'uuid',
    description: 'Give it as `before` for the next page; absent on the last.',
  })
  readonly next?: string;
}

/** An entry in clear; the leaf as text, or its bytes in base64. */
export function shown({ sealed, state, opened }: AuditedEntry, leafAs: 'utf8' | 'base64'): EntryDto {
  return {
    id: sealed.id,
    at: sealed.at.toISOString(),
    kind: sealed.kind,
    outcome: sealed.outcome,
    clientId: sealed.clientId,
    leaf: sealed.leaf.toString(leafAs),
    leafHash: sealed.leafHash.toString('base64'),
    state,
    personId: opened?.personId,
    ruleVersion: opened?.ruleVersion,
    reasons: opened?.reasons,
    actor: opened?.actor,
    detail: opened?.detail,
  };
}
