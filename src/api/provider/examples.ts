/** A check as the document shows it: a test BSN, made-up providers. */
export const CHECK_EXAMPLE = {
  bsn: '999990019',
  holder: { ura: '00001234', type: 'Z3' },
  requester: { ura: '00005678', type: 'V4' },
  dataCategories: ['GGC002'],
  purpose: 'TREAT',
  professional: { id: '900012345', role: '01.015' },
} as const;

/** A receipt as the document shows it. */
export const RECEIPT_EXAMPLE = {
  entryId: '019aa7d2-6f3e-7c10-8a55-3f6f0a5b9c11',
  leafHash: '3q2+796tvu/erb7v3q2+796tvu/erb7v3q2+796tvu8=',
} as const;
