import { randomUUID } from 'node:crypto';
import { type ArgumentsHost, Catch, type ExceptionFilter, HttpException } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Failure } from '../../core/failure.js';
import type { KnownRoutes } from './known-routes.js';
import { factsOf, type LineLog } from './log.js';
import { PROBLEM_TYPE, type ProblemBody, type Problems } from './problem.js';
import { WireRefusal, WIRE_SENTENCES, wireCodeOf } from './wire-refusal.js';

/**
 * Turns everything that is thrown into problem+json (RFC 9457). A Failure becomes its problem, an error of the framework its
 * wire problem, and anything else a 500 that reveals nothing but a trace, under which the log tells more, once.
 */
@Catch()
export class ProblemFilter implements ExceptionFilter {
  constructor(
    private readonly problems: Problems,
    private readonly log: LineLog,
    private readonly routes: KnownRoutes,
  ) {}

  catch(error: unknown, host: ArgumentsHost): void {
    const http = host.switchToHttp();
    const reply = http.getResponse<FastifyReply>();
    if (reply.sent || reply.raw.headersSent) {
      this.log.line('error', 'an answer broke off', factsOf(error));
      reply.raw.destroy();
      return;
    }
    const body = this.problemOf(error, http.getRequest<FastifyRequest>(), reply);
    reply
      .status(body.status)
      .header('content-type', PROBLEM_TYPE)
      // Also where the answer itself may be kept: a refusal passes.
      .header('cache-control', 'no-store')
      .send(JSON.stringify(body));
  }

  private problemOf(error: unknown, request: FastifyRequest, reply: FastifyReply): ProblemBody {
    if (error instanceof Failure) return this.ofFailure(error, reply);
    if (error instanceof WireRefusal) return this.problems.of(error.wireCode, error.message);
    const status = statusOfFramework(error);
    if (status === 404) return this.ofMissing(request, reply);
    if (status === 403) return this.problems.of('NOT_ALLOWED', 'This is not allowed.');
    if (status !== undefined && status < 500) {
      const code = wireCodeOf(status);
      return this.problems.of(code, WIRE_SENTENCES[code]);
    }
    const trace = this.trace('error', 'a defect', error);
    return this.problems.of('DEFECT', WIRE_SENTENCES.DEFECT, { trace });
  }

  private ofFailure(failure: Failure, reply: FastifyReply): ProblemBody {
    const body = this.problems.ofFailure(failure);
    const { retryAfterSeconds } = failure.facts;
    if (retryAfterSeconds !== undefined) reply.header('retry-after', String(Math.ceil(retryAfterSeconds)));
    if (body.status === 401 && !reply.hasHeader('www-authenticate')) {
      reply.header('www-authenticate', challengeOf(failure));
    }
    if (failure.code !== 'UNAVAILABLE') return body;
    return { ...body, trace: this.trace('warn', 'not available', failure) };
  }

  private ofMissing(request: FastifyRequest, reply: FastifyReply): ProblemBody {
    const [path = '/'] = request.raw.url?.split('?', 1) ?? [];
    const methods = this.routes.methodsAt(path);
    if (methods.length === 0 || methods.includes(request.method))
      return this.problems.of('ROUTE_UNKNOWN', WIRE_SENTENCES.ROUTE_UNKNOWN);
    reply.header('allow', methods.join(', '));
    return this.problems.of('METHOD_NOT_ALLOWED', WIRE_SENTENCES.METHOD_NOT_ALLOWED);
  }

  private trace(level: 'warn' | 'error', message: string, error: unknown): string {
    const trace = randomUUID();
    this.log.line(level, message, { trace, ...factsOf(error) });
    return trace;
  }
}

/** RFC 9110 asks for a challenge with every 401; a browser's session cookie has no scheme registered. */
function challengeOf({ code }: Failure): string {
  return code === 'NOT_SIGNED_IN'
    ? 'Cookie realm="session"'
    : 'Bearer realm="provider", error="invalid_token"';
}

/** The status that Nest, or Fastify under it, meant; undefined for anything that is not theirs. */
function statusOfFramework(error: unknown): number | undefined {
  if (error instanceof HttpException) return error.getStatus();
  if (!(error instanceof Error) || !('statusCode' in error)) return undefined;
  const ofFramework = error.name === 'FastifyError' || error instanceof SyntaxError;
  return ofFramework && typeof error.statusCode === 'number' ? error.statusCode : undefined;
}
