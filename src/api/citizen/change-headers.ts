import { applyDecorators, createParamDecorator, type ExecutionContext } from '@nestjs/common';
import { ApiHeader } from '@nestjs/swagger';
import type { FastifyRequest } from 'fastify';
import type { Change } from '../../core/consent/consent.service.js';
import { Failure } from '../../core/failure.js';

/** What guards a change against races and repeats. */
export type ChangeGuards = Omit<Change, 'draft'>;

const KEY = /^[\x21-\x7e]{8,64}$/;

/** The guards of a change, from its headers. Refuses a key that is not 8 to 64 visible ASCII characters. */
export function changeGuardsOf({ headers }: Pick<FastifyRequest, 'headers'>): ChangeGuards {
  const key = headers['idempotency-key'];
  if (key === undefined || (typeof key === 'string' && KEY.test(key))) {
    return { ifMatch: headers['if-match'], idempotencyKey: key };
  }
  const sentence = 'An Idempotency-Key has 8 to 64 visible ASCII characters; a UUID fits.';
  throw new Failure('INPUT_INVALID', sentence, { fields: { 'Idempotency-Key': sentence } });
}

/** Gives a method its `ChangeGuards`. */
export const GuardedBy = createParamDecorator(
  (_: unknown, context: ExecutionContext): ChangeGuards =>
    changeGuardsOf(context.switchToHttp().getRequest<FastifyRequest>()),
);

/** Describes the two headers of a change. */
export function ApiChangeHeaders(): MethodDecorator {
  return applyDecorators(
    ApiHeader({
      name: 'If-Match',
      required: true,
      description: 'The ETag of the choices that were on the screen (exactly one).',
      schema: { type: 'string', example: '"3.3.0"' },
    }),
    ApiHeader({
      name: 'Idempotency-Key',
      required: false,
      description: 'Makes repeating the request harmless: the same key gives the same result, once.',
      schema: { type: 'string', minLength: 8, maxLength: 64, example: '6f1c2f4e-3a52-4d0e-9c6d-0a8f8f3f7b1d' },
    }),
  );
}
