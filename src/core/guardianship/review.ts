/** How long a guardian may take to decide once the code was accepted. */
export const REVIEW_MS = 24 * 60 * 60_000;

/** Where a review stands. */
export type ReviewState = 'open' | 'approved' | 'refused';

/** A guardian looking at one proposed version of one child's choices. Opened by a pairing code, decided once. */
export interface Review {
  readonly id: string;
  readonly guardianId: string;
  readonly childId: string;
  readonly version: number;
  readonly state: ReviewState;
  readonly openedAt: Date;
  readonly expiresAt: Date;
  readonly decidedAt?: Date | undefined;
}
