import { Column, Entity, PrimaryColumn } from 'typeorm';
import type { Choice } from '../../src/core/consent/choices.js';

/*
 * The tables of the check path as an ordinary TypeORM application maps them: one class per table, next to the domain's own types.
 */

/** Which person has which BSN. */
@Entity({ name: 'person_identity' })
export class PersonIdentity {
  @PrimaryColumn({ name: 'bsn_index', type: 'bytea' })
  bsnIndex!: Buffer;

  @Column({ name: 'person_id', type: 'uuid' })
  personId!: string;
}

/** A person. */
@Entity({ name: 'person' })
export class PersonRow {
  @PrimaryColumn({ name: 'person_id', type: 'uuid' })
  personId!: string;

  @Column({ name: 'audit_key', type: 'bytea' })
  auditKey!: Buffer;
}

/** A version of somebody's choices. */
@Entity({ name: 'consent_version' })
export class ConsentVersion {
  @PrimaryColumn({ name: 'person_id', type: 'uuid' })
  personId!: string;

  @PrimaryColumn({ type: 'integer' })
  number!: number;

  @Column({ type: 'text' })
  state!: string;

  @Column({ type: 'jsonb' })
  choices!: Choice[];
}

/** A care provider. */
@Entity({ name: 'provider' })
export class ProviderRow {
  @PrimaryColumn({ type: 'text' })
  ura!: string;

  @Column({ type: 'text', array: true })
  types!: string[];
}

/** A provider system. */
@Entity({ name: 'client' })
export class ClientRow {
  @PrimaryColumn({ name: 'client_id', type: 'text' })
  clientId!: string;

  @Column({ type: 'text', array: true })
  uras!: string[];

  @Column({ name: 'revoked_at', type: 'timestamptz', nullable: true })
  revokedAt!: Date | null;
}

/** The public part of an entry of the log. */
@Entity({ name: 'audit_event' })
export class AuditEvent {
  @PrimaryColumn({ name: 'event_id', type: 'uuid' })
  id!: string;

  @PrimaryColumn({ type: 'timestamptz' })
  at!: Date;

  @Column({ type: 'text' })
  kind!: string;

  @Column({ type: 'text' })
  outcome!: string;

  @Column({ name: 'client_id', type: 'text' })
  clientId!: string;

  @Column({ type: 'text' })
  period!: string;

  @Column({ type: 'bytea' })
  leaf!: Buffer;

  @Column({ name: 'leaf_hash', type: 'bytea' })
  leafHash!: Buffer;
}

/** The encrypted part of an entry. */
@Entity({ name: 'audit_detail' })
export class AuditDetail {
  @PrimaryColumn({ name: 'event_id', type: 'uuid' })
  id!: string;

  @PrimaryColumn({ type: 'timestamptz' })
  at!: Date;

  @Column({ type: 'text' })
  period!: string;

  @Column({ name: 'subject_tag', type: 'bytea' })
  subjectTag!: Buffer;

  @Column({ name: 'subject_box', type: 'bytea' })
  subjectBox!: Buffer;

  @Column({ name: 'party_tags', type: 'bytea' })
  partyTags!: Buffer;

  @Column({ type: 'bytea' })
  detail!: Buffer;
}

/** An entry that waits for its number. */
@Entity({ name: 'audit_pending' })
export class AuditPending {
  @PrimaryColumn({ name: 'event_id', type: 'uuid' })
  id!: string;

  @Column({ name: 'leaf_hash', type: 'bytea' })
  leafHash!: Buffer;
}

/** All of them, for the data source. */
export const ENTITIES = [
  PersonIdentity,
  PersonRow,
  ConsentVersion,
  ProviderRow,
  ClientRow,
  AuditEvent,
  AuditDetail,
  AuditPending,
];
