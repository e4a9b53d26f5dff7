import type { Failure, FailureCode } from '../../core/failure.js';

/** How a refusal looks on the wire: a status number and a title that never changes for its code. */
interface ProblemKind {
  readonly status: number;
  readonly title: string;
}

/** Refusals of the transport itself, before or beside any rule of the registry. */
export const WIRE_CODES = [
  'REQUEST_MALFORMED',
  'ROUTE_UNKNOWN',
  'METHOD_NOT_ALLOWED',
  'NOT_ACCEPTABLE',
  'REQUEST_TOO_SLOW',
  'BODY_TOO_LARGE',
  'ADDRESS_TOO_LONG',
  'MEDIA_TYPE_UNSUPPORTED',
  'EXPECTATION_FAILED',
  'HEADERS_TOO_LARGE',
  'DEFECT',
] as const;

/** The stable name of a refusal of the transport. */
export type WireCode = (typeof WIRE_CODES)[number];

/** Every code that a JSON door can answer with. */
export type ProblemCode = FailureCode | WireCode;

/** Codes of the core in the dialect of the JSON doors (RFC 9110 statuses; RFC 6585 for 428, 429 and 431). */
const KINDS: Readonly<Record<ProblemCode, ProblemKind>> = {
  INPUT_INVALID: { status: 400, title: 'Some fields are not right' },
  BSN_INVALID: { status: 400, title: 'The BSN is not right' },
  NOT_SIGNED_IN: { status: 401, title: 'Not signed in' },
  SIGN_IN_REFUSED: { status: 403, title: 'The sign-in was refused' },
  ASSURANCE_TOO_LOW: { status: 403, title: 'The level of assurance is too low' },
  NOT_ALLOWED: { status: 403, title: 'Not allowed' },
  CLIENT_UNKNOWN: { status: 401, title: 'This system is not registered' },
  CLIENT_REVOKED: { status: 401, title: 'The registration of this system has ended' },
  NOT_YOUR_PROVIDER: { status: 403, title: 'This system may not act for that provider' },
  SCOPE_MISSING: { status: 403, title: 'The access token lacks a scope' },
  DETAILS_MISSING: { status: 409, title: 'Details are missing' },
  BIRTH_DATE_FIXED: { status: 409, title: 'The date of birth can not be changed' },
  NOT_FOUND: { status: 404, title: 'Not found' },
  VERSION_NOT_FOUND: { status: 404, title: 'This version does not exist' },
  VERSION_CHANGED: { status: 412, title: 'The choices changed meanwhile' },
  PRECONDITION_MISSING: { status: 428, title: 'A precondition is missing' },
  CHOICES_CONFLICT: { status: 409, title: 'The choices contradict each other' },
  IDEMPOTENCY_KEY_REUSED: { status: 422, title: 'This idempotency key was used for another request' },
  NOTHING_AWAITING: { status: 409, title: 'Nothing is waiting' },
  PAIRING_CODE_REFUSED: { status: 403, title: 'The pairing code was refused' },
  GUARDIAN_TOO_YOUNG: { status: 403, title: 'Too young to decide for someone else' },
  GUARDIANSHIP_ENDED: { status: 409, title: 'The guardianship has ended' },
  DECLARATION_MISSING: { status: 400, title: 'A declaration is missing' },
  REVIEW_CLOSED: { status: 409, title: 'The review is closed' },
  PROVIDER_UNKNOWN: { status: 422, title: 'The care provider is not in the register' },
  CASE_MISSING: { status: 400, title: 'A case number or reason is missing' },
  TOO_MANY_TRIES: { status: 429, title: 'Too many tries' },
  UNAVAILABLE: { status: 503, title: 'Not available at this moment' },
  REQUEST_MALFORMED: { status: 400, title: 'The request can not be read' },
  ROUTE_UNKNOWN: { status: 404, title: 'There is nothing at this address' },
  METHOD_NOT_ALLOWED: { status: 405, title: 'This address does not take that method' },
  NOT_ACCEPTABLE: { status: 406, title: 'The wanted media type is not made here' },
  REQUEST_TOO_SLOW: { status: 408, title: 'The request took too long to arrive' },
  BODY_TOO_LARGE: { status: 413, title: 'The body is too large' },
  ADDRESS_TOO_LONG: { status: 414, title: 'The address is too long' },
  MEDIA_TYPE_UNSUPPORTED: { status: 415, title: 'The media type of the body is not taken here' },
  EXPECTATION_FAILED: { status: 417, title: 'The expectation can not be met' },
  HEADERS_TOO_LARGE: { status: 431, title: 'The headers are too large' },
  DEFECT: { status: 500, title: 'Something went wrong on our side' },
};

/** One refused field: its path in the input and a sentence that tells what is expected. */
export interface FieldError {
  readonly field: string;
  readonly message: string;
}

/** The body of a refusal: RFC 9457 problem details, with the stable code and the refused fields. */
export interface ProblemBody {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly detail: string;
  readonly code: ProblemCode;
  readonly errors?: readonly FieldError[];
  /** Names the line in our log that tells more. */
  readonly trace?: string;
  readonly [extension: string]: unknown;
}

/** The media type of every refusal. */
export const PROBLEM_TYPE = 'application/problem+json';

/** Every code with its status and title, for documents and tests. */
export function problemKinds(): readonly (ProblemKind & { readonly code: ProblemCode })[] {
  return (Object.keys(KINDS) as ProblemCode[]).map((code) => ({ code, ...KINDS[code] }));
}

/** The status of a code. */
export function statusOf(code: ProblemCode): number {
  return KINDS[code].status;
}

/** A code as it stands in an address: `VERSION_CHANGED` is `version-changed`. */
export function slugOf(code: ProblemCode): string {
  return code.toLowerCase().replaceAll('_', '-');
}

/** Writes problems whose `type` lies under the public address of this registry. */
export class Problems {
  constructor(private readonly publicUrl: string) {}

  /** The body for a code, with a sentence for the caller; `more` adds members of its own. */
  of(code: ProblemCode, detail: string, more: Readonly<Record<string, unknown>> = {}): ProblemBody {
    const { status, title } = KINDS[code];
    return { type: `${this.publicUrl}/problems/${slugOf(code)}`, title, status, detail, code, ...more };
  }

  /** The body for a refusal of the core: every refused field named, nothing else told. */
  ofFailure(failure: Failure): ProblemBody {
    const { fields } = failure.facts;
    const errors = fields && Object.entries(fields).map(([field, message]) => ({ field, message }));
    const extra = 'members' in failure ? (failure.members as Readonly<Record<string, unknown>>) : {};
    return this.of(failure.code, failure.message, { ...extra, ...(errors && { errors }) });
  }
}
