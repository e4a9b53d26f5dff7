/** A look-up as the document shows it. */
export const LOOK_UP_EXAMPLE = {
  case: { caseNumber: 'A-2026-0117', reason: 'Complaint about an unexpected refusal' },
  from: '2026-11-01T00:00:00Z',
  to: '2026-12-01T00:00:00Z',
  ura: '00001234',
} as const;

/** An entry as the document shows it. */
export const ENTRY_EXAMPLE = {
  id: '019aa7d2-6f3e-7c10-8a55-3f6f0a5b9c11',
  at: '2026-11-21T09:30:00.000Z',
  kind: 'consent.checked',
  outcome: 'deny',
  clientId: '019aa7d2-0000-7000-8000-000000000001',
  leaf: '{"bc":"…","client":"…","dc":"…","id":"…","kind":"consent.checked","outcome":"deny","sc":"…","v":1}',
  leafHash: '3q2+796tvu/erb7v3q2+796tvu/erb7v3q2+796tvu8=',
  state: 'readable',
  reasons: ['NO_PROVIDER'],
  actor: { kind: 'client', clientId: '019aa7d2-0000-7000-8000-000000000001' },
  detail: { purpose: 'TREAT', version: 3 },
} as const;
