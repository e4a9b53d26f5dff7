import { type CanActivate, createParamDecorator, type ExecutionContext, Injectable } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { Failure } from '../../core/failure.js';
import type { Principal, Session } from '../../core/session/session.js';
import { sessionSecretOf } from './cookies.js';
import { Sessions } from './sessions.js';

/** A signed-in citizen, as a door's method receives it. */
export interface SignedInAsCitizen {
  readonly personId: string;
  readonly session: Session;
}

/** A signed-in auditor, as a door's method receives it. */
export interface SignedInAsAuditor {
  readonly subject: string;
  readonly name: string;
  readonly session: Session;
}

/** Kept beside the request, not on it: only a guard can say who is signed in. */
const sessionOf = new WeakMap<FastifyRequest, Session>();

function notSignedIn(): Failure {
  return new Failure('NOT_SIGNED_IN', 'You are not signed in, or your session has ended. Sign in.');
}

/** Who a guard found at this request, or NOT_SIGNED_IN. */
export function principalOf(request: FastifyRequest): Principal {
  return requireSession(request).principal;
}

/** The session a guard found at this request, or NOT_SIGNED_IN. */
export function requireSession(request: FastifyRequest): Session {
  const session = sessionOf.get(request);
  if (!session) throw notSignedIn();
  return session;
}

async function admit(sessions: Sessions, role: Principal['role'], context: ExecutionContext): Promise<true> {
  const request = context.switchToHttp().getRequest<FastifyRequest>();
  const session = await sessions.find(sessionSecretOf(request));
  // Someone signed in at another door is not signed in at this one, and learns no more than that.
  if (session?.principal.role !== role) throw notSignedIn();
  sessionOf.set(request, session);
  return true;
}

/** Lets signed-in citizens in, and nobody else (NOT_SIGNED_IN). */
@Injectable()
export class CitizenGuard implements CanActivate {
  constructor(private readonly sessions: Sessions) {}

  canActivate(context: ExecutionContext): Promise<boolean> {
    return admit(this.sessions, 'citizen', context);
  }
}

/** Lets signed-in auditors in, and nobody else (NOT_SIGNED_IN). */
@Injectable()
export class AuditorGuard implements CanActivate {
  constructor(private readonly sessions: Sessions) {}

  canActivate(context: ExecutionContext): Promise<boolean> {
    return admit(this.sessions, 'auditor', context);
  }
}

/** Gives a method behind `CitizenGuard` its `SignedInAsCitizen`. */
export const SignedInCitizen = createParamDecorator(
  (_: unknown, context: ExecutionContext): SignedInAsCitizen => {
    const session = requireSession(context.switchToHttp().getRequest<FastifyRequest>());
    if (session.principal.role !== 'citizen') throw notSignedIn();
    return { personId: session.principal.personId, session };
  },
);

/** Gives a method behind `AuditorGuard` its `SignedInAsAuditor`. */
export const SignedInAuditor = createParamDecorator(
  (_: unknown, context: ExecutionContext): SignedInAsAuditor => {
    const session = requireSession(context.switchToHttp().getRequest<FastifyRequest>());
    if (session.principal.role !== 'auditor') throw notSignedIn();
    const { subject, name } = session.principal;
    return { subject, name, session };
  },
);
