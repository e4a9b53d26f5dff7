import {
  type CanActivate,
  type ExecutionContext,
  Injectable,
  UnsupportedMediaTypeException,
} from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { Failure } from '../../core/failure.js';
import { Site } from './site.js';

/** The header that our own web client sends with every change; a form on another site can't. */
export const ANTI_FORGERY_HEADER = 'x-requested-by';

/** What the header says. */
export const ANTI_FORGERY_VALUE = 'consent-registry';

const READING = new Set(['GET', 'HEAD', 'OPTIONS']);

/**
 * Refuses changes that another site makes a signed-in browser send (ASVS 3.5.1 to 3.5.3): for every method but GET, HEAD and
 * OPTIONS the custom header must be there, the browser must not say that the request came from elsewhere, and a body must be
 * JSON (a form can send other types without asking first). Does NOT look at who is signed in.
 */
@Injectable()
export class CsrfGuard implements CanActivate {
  constructor(private readonly site: Site) {}

  canActivate(context: ExecutionContext): boolean {
    const request = context.switchToHttp().getRequest<FastifyRequest>();
    if (READING.has(request.method)) return true;
    this.requireFromHere(request);
    requireJson(request);
    return true;
  }

  private requireFromHere({ headers }: FastifyRequest): void {
    const { origin } = headers;
    const place = headers['sec-fetch-site'];
    const foreign =
      (origin !== undefined && origin !== this.site.origin) ||
      (place !== undefined && place !== 'same-origin' && place !== 'none');
    if (foreign) throw new Failure('NOT_ALLOWED', 'A change can only be asked for from this site itself.');
    if (headers[ANTI_FORGERY_HEADER] !== ANTI_FORGERY_VALUE) {
      throw new Failure(
        'NOT_ALLOWED',
        `Send the header X-Requested-By: ${ANTI_FORGERY_VALUE} with every change.`,
      );
    }
  }
}

function requireJson({ headers }: FastifyRequest): void {
  const type = headers['content-type'];
  const hasBody = headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0;
  if (type === undefined && !hasBody) return;
  if (type?.split(';', 1)[0]?.trim().toLowerCase() === 'application/json') return;
  throw new UnsupportedMediaTypeException('The body must be application/json.');
}
