import type { CookieSerializeOptions } from '@fastify/cookie';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { SIGN_IN_ATTEMPT_MS } from '../../core/session/session.js';

/** The cookie with the secret of a session. The prefix makes browsers refuse it from a subdomain or over plain http. */
export const SESSION_COOKIE = '__Host-session';

/** The cookie that ties an answer of the identity provider to the browser that asked. */
export const SIGN_IN_COOKIE = '__Host-sign-in';

/**
 * Lax, not Strict: the browser comes back from the identity provider by a link from another site (ASVS 3.3.1 to 3.3.4). Browsers
 * accept `Secure` on http://localhost, so the demo needs no exception.
 */
const GUARDED = {
  path: '/',
  secure: true,
  httpOnly: true,
  sameSite: 'lax',
} as const satisfies CookieSerializeOptions;

/** Hands the secret of a session to the browser, until it closes. */
export function setSessionCookie(reply: FastifyReply, secret: string): void {
  reply.setCookie(SESSION_COOKIE, secret, GUARDED);
}

/** Makes the browser forget the session's secret. Does NOT end the session: `Sessions.end` does. */
export function clearSessionCookie(reply: FastifyReply): void {
  reply.clearCookie(SESSION_COOKIE, GUARDED);
}

/** The secret of a session as the browser sent it, unchecked. */
export function sessionSecretOf(request: FastifyRequest): string | undefined {
  return request.cookies[SESSION_COOKIE];
}

/**
 * Ties the sign-in that begins to this browser, for as long as it may take. Stays when one is completed: another may be under way
 * in the next tab. By itself it opens nothing; each sign-in's state works once.
 */
export function setSignInCookie(reply: FastifyReply, secret: string): void {
  reply.setCookie(SIGN_IN_COOKIE, secret, { ...GUARDED, maxAge: SIGN_IN_ATTEMPT_MS / 1000 });
}

/** What the browser kept of the sign-ins it began, unchecked. */
export function signInSecretOf(request: FastifyRequest): string | undefined {
  return request.cookies[SIGN_IN_COOKIE];
}
