import { isIP } from 'node:net';
import {
  applyDecorators,
  type CanActivate,
  type ExecutionContext,
  Injectable,
  SetMetadata,
} from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import { ApiSecurity } from '@nestjs/swagger';
import type { FastifyInstance } from 'fastify';
import type { Scope } from '../../core/client/client.js';
import type { Asker } from '../../core/decision/question.js';
import { Failure } from '../../core/failure.js';
import type { AccessToken, AccessTokens } from './access-token.js';

/** The part of a request that the door looks at; a Fastify request fits. */
export interface KnockingRequest {
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly query?: unknown;
  readonly body?: unknown;
  /** The caller's address; behind proxies only as far as the HTTP server was told to trust them. */
  readonly ip: string;
}

/** The part of a reply that the door writes to; a Fastify reply fits. */
export interface AnsweringReply {
  header(name: string, value: string): unknown;
}

const BEARER = /^Bearer +([A-Za-z0-9\-._~+/]+=*)$/i;

/** W3C Trace Context §3.2: version, trace id, parent id, flags; later versions may append. */
const TRACEPARENT = /^(?!ff)([0-9a-f]{2})-([0-9a-f]{32})-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}(-.*)?$/;

const identified = new WeakMap<object, AccessToken>();
const askers = new WeakMap<object, Asker>();

/**
 * Admits care-provider systems by their access token (RFC 6750, header only). Usable without Nest where speed matters. Does NOT
 * ask whether the client is still in service or bound to a URA: that belongs to the transaction of the answer.
 */
export class SystemDoor {
  constructor(
    private readonly tokens: AccessTokens,
    /** The name of this door in `WWW-Authenticate`. */
    private readonly realm = 'provider',
  ) {}

  /**
   * Looks at the token alone, once per request: before the body is read, so that a stranger can't make us read one. Refuses as
   * `admit` does, which then looks at the rest.
   */
  async identify(request: KnockingRequest, reply: AnsweringReply): Promise<AccessToken> {
    const token = await this.tokenOf(request, reply);
    identified.set(request, token);
    return token;
  }

  /**
   * Whoever knocks, when their token is good and has every scope. Otherwise a Failure (NOT_SIGNED_IN, SCOPE_MISSING or, for a token
   * in the wrong place, INPUT_INVALID), with the `WWW-Authenticate` header of RFC 6750 §3 already on the reply.
   */
  async admit(request: KnockingRequest, reply: AnsweringReply, scopes: readonly Scope[]): Promise<Asker> {
    this.requireNoToken(request.body, reply);
    const token = identified.get(request) ?? (await this.identify(request, reply));
    const missing = scopes.filter((scope) => !token.scopes.has(scope));
    if (missing.length > 0) {
      this.challenge(reply, { error: 'insufficient_scope', scope: scopes.join(' ') });
      throw new Failure('SCOPE_MISSING', `The access token lacks the scope ${missing.join(' ')}.`);
    }
    const asker = askerBehind(token, request);
    askers.set(request, asker);
    return asker;
  }

  private async tokenOf(request: KnockingRequest, reply: AnsweringReply): Promise<AccessToken> {
    this.requireNoToken(request.query, reply);
    const [, token] = BEARER.exec(headerOf(request, 'authorization') ?? '') ?? [];
    if (token === undefined) {
      this.challenge(reply, {});
      throw new Failure(
        'NOT_SIGNED_IN',
        'Get an access token from the token endpoint and send it as Authorization: Bearer.',
      );
    }
    return this.tokens.verify(token).catch((error: unknown) => {
      if (error instanceof Failure) this.challenge(reply, { error: 'invalid_token' });
      throw error;
    });
  }

  private requireNoToken(part: unknown, reply: AnsweringReply): void {
    if (!carriesToken(part)) return;
    this.challenge(reply, { error: 'invalid_request' });
    throw new Failure(
      'INPUT_INVALID',
      'Send the access token in the Authorization header; never in the address or the body, where it ends up in logs.',
    );
  }

  private challenge(reply: AnsweringReply, facts: Readonly<Record<string, string>>): void {
    const parts = Object.entries({ realm: this.realm, ...facts }).map(
      ([name, value]) => `${name}="${value}"`,
    );
    reply.header('WWW-Authenticate', `Bearer ${parts.join(', ')}`);
  }
}

/** Who asks with this request. Only for requests that were admitted. */
export function askerOf(request: object): Asker {
  const asker = askers.get(request);
  if (!asker) throw new Error('this request was not admitted by the provider door');
  return asker;
}

/**
 * Looks at the token of every request for a route under these paths before its body is read; the guard of the route looks at
 * scopes. To be called before the routes are opened.
 */
export function checkTokensFirst(fastify: FastifyInstance, door: SystemDoor, paths: readonly string[]): void {
  fastify.addHook('onRequest', (request, reply, done) => {
    const { url = '' } = request.routeOptions;
    if (request.is404 || !paths.some((path) => url.startsWith(path))) {
      done();
      return;
    }
    door.identify(request, reply).then(() => {
      done();
    }, done);
  });
}

const NEEDED = 'registry:scopes';

/** The name of this way to come in, in the document of the provider door. */
export const SYSTEM_SECURITY = 'system';

/** The scopes a token needs for this route, all of them; also told in its document. */
export function Scopes(...scopes: readonly [Scope, ...Scope[]]): ClassDecorator & MethodDecorator {
  return applyDecorators(SetMetadata(NEEDED, scopes), ApiSecurity(SYSTEM_SECURITY, [...scopes]));
}

/** Admits care-provider systems to routes that say their `@Scopes`; a route that says none is closed to everyone. */
@Injectable()
export class SystemGuard implements CanActivate {
  constructor(
    private readonly door: SystemDoor,
    private readonly reflector: Reflector,
  ) {}

  async canActivate(context: ExecutionContext): Promise<boolean> {
    const places = [context.getHandler(), context.getClass()];
    const scopes = this.reflector.getAllAndOverride<readonly Scope[] | undefined>(NEEDED, places);
    const http = context.switchToHttp();
    if (!scopes) throw new Error('a route of the provider door does not say which scopes it needs');
    await this.door.admit(http.getRequest<KnockingRequest>(), http.getResponse<AnsweringReply>(), scopes);
    return true;
  }
}

function askerBehind({ clientId, tokenId }: AccessToken, request: KnockingRequest): Asker {
  const address = isIP(request.ip) ? request.ip : undefined;
  return { clientId, tokenId, address, traceId: traceIdOf(headerOf(request, 'traceparent')) };
}

function traceIdOf(traceparent: string | undefined): string | undefined {
  const [, version, traceId, more] = TRACEPARENT.exec(traceparent ?? '') ?? [];
  if (traceId === undefined || /^0+$/.test(traceId)) return undefined;
  return version === '00' && more !== undefined ? undefined : traceId;
}

function headerOf(request: KnockingRequest, name: string): string | undefined {
  const value = request.headers[name];
  return typeof value === 'string' ? value : undefined;
}

function carriesToken(part: unknown): boolean {
  return typeof part === 'object' && part !== null && 'access_token' in part;
}
