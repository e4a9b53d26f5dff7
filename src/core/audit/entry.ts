import type { Professional } from '../decision/question.js';
import type { Decision, Reason, Trace } from '../decision/rule.js';
import type { Bsn } from '../person/bsn.js';
import type { DataCategory } from '../provider/catalogue.js';
import type { Requester } from '../provider/provider.js';

/** Everything that leaves an entry. */
export const ENTRY_KINDS = [
  'consent.checked',
  'location.asked',
  'choices.saved',
  'choices.proposed',
  'choices.withdrawn',
  'choices.restored',
  'choices.approved',
  'choices.refused',
  'guardian.code-made',
  'guardian.code-tried',
  'guardian.review-opened',
  'guardian.approved',
  'guardian.refused',
  'localization.registered',
  'localization.renewed',
  'localization.ended',
  'person.details-saved',
  'person.signed-in',
  'auditor.signed-in',
  'auditor.looked-up',
  'auditor.exported',
  'client.created',
  'client.refused',
  'client.revoked',
  'providers.imported',
] as const;

/** The stable name of a kind of entry. */
export type EntryKind = (typeof ENTRY_KINDS)[number];

/** Whether the text is a kind of entry. */
export function isEntryKind(text: string): text is EntryKind {
  return (ENTRY_KINDS as readonly string[]).includes(text);
}

/** How it ended: a decision, or done / refused for anything that is not a question. */
export type Outcome = Decision | 'done' | 'refused';

/** The possible outcomes. */
export const OUTCOMES = ['permit', 'deny', 'done', 'refused'] as const satisfies readonly Outcome[];

/** Who did it (NEN 7513: user). */
export type Actor =
  | { readonly kind: 'client'; readonly clientId: string; readonly tokenId?: string | undefined }
  | { readonly kind: 'citizen'; readonly personId: string; readonly as: 'self' | 'guardian' }
  | { readonly kind: 'auditor'; readonly subject: string; readonly name: string }
  | { readonly kind: 'operator' };

/** Whom it is about. A stranger is a person asked about whom the registry does not know. */
export type Subject =
  | { readonly kind: 'person'; readonly personId: string; readonly auditKey: Buffer }
  | { readonly kind: 'stranger'; readonly bsn: Bsn }
  | { readonly kind: 'nobody' };

/** The answer about one holder: to the closed question its categories, to the open question one holder's part of the list. */
export interface HolderAnswer {
  readonly ura: string;
  readonly type: string;
  readonly results: readonly Trace[];
}

/** The auditor's reason for looking. */
export interface Case {
  readonly caseNumber: string;
  readonly reason: string;
}

/** What an entry says beyond kind, time and outcome. Kept encrypted; shown to the person and to auditors. */
export interface EntryDetail {
  readonly purpose?: string | undefined;
  readonly requester?: Requester | undefined;
  readonly professional?: Professional | undefined;
  readonly exchangeSystem?: string | undefined;
  readonly automatic?: boolean | undefined;
  readonly holders?: readonly HolderAnswer[] | undefined;
  readonly dataCategories?: readonly DataCategory[] | undefined;
  /** The number of the consent version that the decision rested on, or that was changed. */
  readonly version?: number | undefined;
  /** What that version chose (`digestOf` in consent/profile.ts). */
  readonly versionDigest?: string | undefined;
  readonly restoredFrom?: number | undefined;
  /** The provider a localization is about, or that an auditor searched for. */
  readonly provider?: { readonly ura: string; readonly type?: string } | undefined;
  readonly client?: { readonly id: string; readonly name: string } | undefined;
  readonly case?: Case | undefined;
  /** What was searched, imported or tried, in words; never a BSN. */
  readonly note?: string | undefined;
  readonly count?: number | undefined;
  readonly address?: string | undefined;
  readonly traceId?: string | undefined;
}

/** An entry as a service hands it over, before it is sealed. */
export interface Entry {
  readonly kind: EntryKind;
  readonly at: Date;
  readonly actor: Actor;
  readonly subject: Subject;
  readonly outcome: Outcome;
  /** The reasons, one per distinct reason among the answers. */
  readonly reasons: readonly Reason[];
  readonly detail: EntryDetail;
}

/** An entry as it is kept. The bytes of `leaf` are the truth; the rest serves to find and read it. */
export interface SealedEntry {
  /** UUIDv7. */
  readonly id: string;
  readonly at: Date;
  readonly kind: EntryKind;
  readonly outcome: Outcome;
  readonly clientId: string;
  /** The half year, such as `2026h2`. */
  readonly period: string;
  /** RFC 8785 canonical JSON, at most 1 KiB, no personal data. */
  readonly leaf: Buffer;
  /** SHA-256(0x00 ‖ leaf), RFC 6962 §2.1. */
  readonly leafHash: Buffer;
  /** Finds "all entries about me" within a period. */
  readonly subjectTag: Buffer;
  /** Whose entry it is, encrypted under a key that is not in the database. */
  readonly subjectBox: Buffer;
  /** Finds the entries that name a provider, as requester or holder: tags of 16 bytes one after another. */
  readonly partyTags: Buffer;
  /** The NEN 7513 record, AES-256-GCM under a key of this event. */
  readonly detail: Buffer;
}

/** What `Sealer.open` gives back: the NEN 7513 record in clear. */
export interface OpenedEntry {
  readonly id: string;
  readonly at: Date;
  readonly kind: EntryKind;
  readonly outcome: Outcome;
  readonly reasons: readonly Reason[];
  readonly ruleVersion: string;
  readonly actor: Actor;
  readonly personId?: string | undefined;
  readonly detail: EntryDetail;
}
