/** How long a signed-in person stays signed in: 15 minutes without a request, 8 hours in all. */
export const SESSION_IDLE_MS = 15 * 60_000;

/** The longest a session lasts, however busy. */
export const SESSION_LONGEST_MS = 8 * 60 * 60_000;

/** How long someone may take at the identity provider. */
export const SIGN_IN_ATTEMPT_MS = 10 * 60_000;

/** Who signed in: a citizen (by person id) or an auditor (by subject at the auditors' identity provider). */
export type Principal =
  | { readonly role: 'citizen'; readonly personId: string }
  | { readonly role: 'auditor'; readonly subject: string; readonly name: string };

/** A signed-in visit. The browser holds a random secret; the registry keeps its SHA-256 hash only. */
export interface Session {
  /** SHA-256 of the secret in the cookie. */
  readonly secretHash: Buffer;
  readonly principal: Principal;
  /** The level of assurance (acr) the identity provider stated. */
  readonly assurance: string;
  readonly startedAt: Date;
  readonly seenAt: Date;
}

/** A sign-in under way at the identity provider; consumed exactly once when the person comes back. */
export interface SignInAttempt {
  /** SHA-256 of the state parameter. */
  readonly stateHash: Buffer;
  /** SHA-256 of the secret in the browser's own cookie: the answer must come back to the same browser. */
  readonly browserHash: Buffer;
  readonly role: Principal['role'];
  readonly nonce: string;
  /** PKCE verifier (RFC 7636). */
  readonly verifier: string;
  /** Where to go after sign-in: a path on this site. */
  readonly returnTo: string;
  readonly startedAt: Date;
}

/** Whether a session still counts at a moment. */
export function isAlive(session: Pick<Session, 'startedAt' | 'seenAt'>, at: Date): boolean {
  return (
    at.getTime() - session.seenAt.getTime() < SESSION_IDLE_MS &&
    at.getTime() - session.startedAt.getTime() < SESSION_LONGEST_MS
  );
}

/** The moment at which a session ends if no further request comes. */
export function endsAt(session: Pick<Session, 'startedAt' | 'seenAt'>): Date {
  return new Date(
    Math.min(session.seenAt.getTime() + SESSION_IDLE_MS, session.startedAt.getTime() + SESSION_LONGEST_MS),
  );
}
