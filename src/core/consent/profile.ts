import { createHash } from 'node:crypto';
import { type Choice, keyOf, type Option } from './choices.js';

/**
 * Where a version stands. Exactly one version of a person can be `in-force`, at most one `awaiting-guardian` and one
 * `proposed`. A version's choices never change; only its state moves on, and never back.
 */
export type VersionState =
  'proposed' | 'awaiting-guardian' | 'in-force' | 'superseded' | 'refused' | 'lapsed';

const NEXT: Readonly<Record<VersionState, readonly VersionState[]>> = {
  proposed: ['in-force', 'refused', 'lapsed'],
  'awaiting-guardian': ['in-force', 'refused', 'lapsed'],
  'in-force': ['superseded'],
  superseded: [],
  refused: [],
  lapsed: [],
};

/** Whether a version in one state may move to another. */
export function mayBecome(from: VersionState, to: VersionState): boolean {
  return NEXT[from].includes(to);
}

/** Who made a version: the person, or a care provider on the person's request. */
export type Maker =
  { readonly kind: 'self' } | { readonly kind: 'provider'; readonly ura: string; readonly clientId: string };

/** One immutable version of a person's choices. */
export interface ProfileVersion {
  readonly personId: string;
  /** 1, 2, 3 … per person. */
  readonly number: number;
  readonly state: VersionState;
  readonly option: Option;
  readonly choices: readonly Choice[];
  readonly catalogueVersion: string;
  readonly madeAt: Date;
  readonly madeBy: Maker;
  /** The version whose choices were taken over, when this one restores an earlier one. */
  readonly restoredFrom?: number | undefined;
  /** The person id of the guardian who approved or refused. */
  readonly decidedBy?: string | undefined;
  readonly inForceFrom?: Date | undefined;
  /** When the version was superseded, refused or lapsed. */
  readonly endedAt?: Date | undefined;
}

/** What a person's choices are now. */
export interface Profile {
  readonly personId: string;
  readonly inForce?: ProfileVersion | undefined;
  readonly awaiting?: ProfileVersion | undefined;
  /** The highest version number ever used; 0 for someone who never chose. */
  readonly latest: number;
}

/**
 * Says exactly what a version chose: SHA-256 (base64url) over its number and choices, whatever their order. The log commits to it,
 * so that a version changed afterwards is noticed.
 */
export function digestOf({ number, choices }: Pick<ProfileVersion, 'number' | 'choices'>): string {
  const lines = choices.map((choice) => `${keyOf(choice)}=${choice.answer}`).sort();
  return createHash('sha256')
    .update([String(number), ...lines].join('\n'))
    .digest('base64url');
}

/** Changes whenever the profile changes: the strong entity tag (RFC 9110 §8.8.3), quotes included. */
export function tagOf(profile: Profile): string {
  return `"${profile.latest}.${profile.inForce?.number ?? 0}.${profile.awaiting?.number ?? 0}"`;
}
