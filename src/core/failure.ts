/**
 * Every refusal a caller may hear about. Core never mentions a status number or a wire format:
 * each door owns one `Record<FailureCode, …>` to its own dialect, so a forgotten code does not compile.
 */
export const FAILURE_CODES = [
  'INPUT_INVALID',
  'BSN_INVALID',
  'NOT_SIGNED_IN',
  'SIGN_IN_REFUSED',
  'ASSURANCE_TOO_LOW',
  'NOT_ALLOWED',
  'CLIENT_UNKNOWN',
  'CLIENT_REVOKED',
  'NOT_YOUR_PROVIDER',
  'SCOPE_MISSING',
  'DETAILS_MISSING',
  'BIRTH_DATE_FIXED',
  'NOT_FOUND',
  'VERSION_NOT_FOUND',
  'VERSION_CHANGED',
  'PRECONDITION_MISSING',
  'CHOICES_CONFLICT',
  'IDEMPOTENCY_KEY_REUSED',
  'NOTHING_AWAITING',
  'PAIRING_CODE_REFUSED',
  'GUARDIAN_TOO_YOUNG',
  'GUARDIANSHIP_ENDED',
  'DECLARATION_MISSING',
  'REVIEW_CLOSED',
  'PROVIDER_UNKNOWN',
  'CASE_MISSING',
  'TOO_MANY_TRIES',
  'UNAVAILABLE',
] as const;

/** The stable name of a refusal; part of every door's contract. */
export type FailureCode = (typeof FAILURE_CODES)[number];

/** What a refusal may carry for the caller besides its sentence: never personal data. */
export interface FailureFacts {
  /** One sentence per refused input field, keyed by the field's path. */
  readonly fields?: Readonly<Record<string, string>>;
  /** Seconds after which trying again makes sense. */
  readonly retryAfterSeconds?: number;
}

/** A refusal with a stable code and a sentence the caller can act on. Anything else that is thrown is a defect. */
export class Failure extends Error {
  constructor(
    readonly code: FailureCode,
    message: string,
    readonly facts: FailureFacts = {},
  ) {
    super(message);
    this.name = 'Failure';
  }
}
