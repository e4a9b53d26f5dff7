/** The full version of the JSON doors (semantic versioning); the `v1` in their addresses is its first number. */
export const API_VERSION = '1.0.0';

/**
 * What every answer carries (ASVS V3.4, NL API Design Rules). Made once: a registry that answers thousands of checks a second
 * does not compute constants per request.
 */
export const HEADERS: Readonly<Record<string, string>> = {
  'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
  'strict-transport-security': 'max-age=31536000; includeSubDomains',
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
  'referrer-policy': 'no-referrer',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'cache-control': 'no-store',
  'api-version': API_VERSION,
};

/** For OpenAPI documents: anyone may read them, from any page. */
export const DOCUMENT_HEADERS: Readonly<Record<string, string>> = {
  ...HEADERS,
  'access-control-allow-origin': '*',
  'cross-origin-resource-policy': 'cross-origin',
  'cache-control': 'public, max-age=300',
};

/**
 * For the readable page, which brings scripts and styles of its own, all from this server. Swagger UI writes style elements into
 * its page, hence 'unsafe-inline' for styles; scripts stay strict.
 */
export const PAGE_HEADERS: Readonly<Record<string, string>> = {
  ...HEADERS,
  'content-security-policy': [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self' 'unsafe-inline'",
    "img-src 'self' data:",
    "connect-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join('; '),
  'cache-control': 'public, max-age=300',
};

const DOCUMENT = /^\/[a-z]+\/openapi\.json(?:\?|$)/;
const PAGE = /^\/[a-z]+\/docs(?:[/?]|$)/;

/** The headers that belong to an address. */
export function headersFor(address: string): Readonly<Record<string, string>> {
  if (DOCUMENT.test(address)) return DOCUMENT_HEADERS;
  return PAGE.test(address) ? PAGE_HEADERS : HEADERS;
}
