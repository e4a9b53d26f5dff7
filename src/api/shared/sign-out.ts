import type { FastifyReply, FastifyRequest } from 'fastify';
import { clearSessionCookie, sessionSecretOf } from '../../access/sign-in/cookies.js';
import type { Sessions } from '../../access/sign-in/sessions.js';
import type { Principal } from '../../core/session/session.js';

/**
 * Ends the session that this browser has at the door of a role, and the cookie with it. Nothing happens when there is none: signing
 * out twice is no error, and a door leaves alone who is signed in at another one.
 */
export async function signOut(
  sessions: Sessions,
  role: Principal['role'],
  { request, reply }: { request: FastifyRequest; reply: FastifyReply },
): Promise<void> {
  const secret = sessionSecretOf(request);
  const session = await sessions.find(secret);
  if (session && session.principal.role !== role) return;
  await sessions.end(secret);
  clearSessionCookie(reply);
}
