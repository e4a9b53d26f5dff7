/** What a person must hear of. Kept in the same transaction as what it tells about; carried out by mail later. */
export type NoticeKind =
  | 'choices-saved'
  | 'choices-proposed'
  | 'choices-withdrawn'
  | 'choices-approved'
  | 'choices-refused'
  | 'guardian-approved'
  | 'guardian-refused'
  | 'localization-registered'
  | 'localization-ended'
  | 'details-saved';

/** One thing to tell one person. Holds no provider, group or outcome: the text only says that something happened. */
export interface Notice {
  readonly id: string;
  readonly personId: string;
  readonly kind: NoticeKind;
  readonly at: Date;
  /** The entry of the log that it tells about. */
  readonly entryId: string;
}
