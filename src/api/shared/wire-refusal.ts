import type { WireCode } from './problem.js';

/** What a caller reads when the transport itself refuses. */
export const WIRE_SENTENCES: Readonly<Record<WireCode, string>> = {
  REQUEST_MALFORMED: 'This request can not be read; send well-formed JSON and a well-formed address.',
  ROUTE_UNKNOWN: 'There is nothing at this address; see the OpenAPI document of the door.',
  METHOD_NOT_ALLOWED: 'This address takes other methods only; see the header Allow.',
  NOT_ACCEPTABLE: 'This address answers another media type than the header Accept asks for.',
  REQUEST_TOO_SLOW: 'The request took too long to arrive; send it again.',
  BODY_TOO_LARGE: 'The body is larger than this address takes; send less at a time.',
  ADDRESS_TOO_LONG: 'The address, or a part of it, is longer than is taken here.',
  MEDIA_TYPE_UNSUPPORTED: 'Send the body as application/json.',
  EXPECTATION_FAILED: 'The header Expect asks for something else than 100-continue; leave it out.',
  HEADERS_TOO_LARGE: 'The headers are larger than is taken here.',
  DEFECT: 'Something went wrong on our side. Mention the trace when you report it.',
};

const BY_STATUS: Readonly<Record<number, WireCode>> = {
  404: 'ROUTE_UNKNOWN',
  405: 'METHOD_NOT_ALLOWED',
  406: 'NOT_ACCEPTABLE',
  408: 'REQUEST_TOO_SLOW',
  413: 'BODY_TOO_LARGE',
  414: 'ADDRESS_TOO_LONG',
  415: 'MEDIA_TYPE_UNSUPPORTED',
  417: 'EXPECTATION_FAILED',
  431: 'HEADERS_TOO_LARGE',
};

/** A refusal by the transport; thrown by our hooks, and made of what the framework throws. */
export class WireRefusal extends Error {
  constructor(readonly wireCode: WireCode) {
    super(WIRE_SENTENCES[wireCode]);
  }
}

/** The code for an error status of the framework; any status below 500 that has no code of its own is a malformed request. */
export function wireCodeOf(status: number): WireCode {
  if (status >= 500) return 'DEFECT';
  return BY_STATUS[status] ?? 'REQUEST_MALFORMED';
}
