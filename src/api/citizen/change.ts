import { applyDecorators, createParamDecorator, type ExecutionContext } from '@nestjs/common';
import { ApiExtraModels, ApiHeader, ApiProperty, ApiResponse, getSchemaPath } from '@nestjs/swagger';
import type { FastifyRequest } from 'fastify';
import type { Change } from '../../core/consent/consent.service.js';
import { Failure } from '../../core/failure.js';
import { ProblemDto } from '../shared/open-api.js';
import { PROBLEM_TYPE, statusOf } from '../shared/problem.js';
import { ChangedAnswer, ProfileAnswer } from './choices.js';

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
export const GuardedBy = createParamDecorator((_: unknown, context: ExecutionContext): ChangeGuards =>
  changeGuardsOf(context.switchToHttp().getRequest<FastifyRequest>()),
);

/** The refusal of a change that came too late, with the choices as they are now. */
export class ChoicesChangedProblem extends ProblemDto {
  @ApiProperty({ description: 'The choices as they are now; the header ETag belongs to them' })
  readonly current!: ProfileAnswer;
}

/** The entity tag of a person's choices, as the documents describe it. */
export const ETAG = {
  ETag: {
    description: 'Changes whenever the choices do; goes back in If-Match.',
    schema: { type: 'string', example: '"3.3.0"' },
  },
} as const;

/** Describes the two headers of a change, and its answers: done, or too late. */
export function ApiChange(): MethodDecorator {
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
      schema: {
        type: 'string',
        minLength: 8,
        maxLength: 64,
        example: '6f1c2f4e-3a52-4d0e-9c6d-0a8f8f3f7b1d',
      },
    }),
    ApiResponse({ status: 200, type: ChangedAnswer, description: 'Saved as a new version.', headers: ETAG }),
    ApiExtraModels(ChoicesChangedProblem),
    ApiResponse({
      status: statusOf('VERSION_CHANGED'),
      description: 'The member `current` shows the choices as they are now.',
      headers: ETAG,
      content: { [PROBLEM_TYPE]: { schema: { $ref: getSchemaPath(ChoicesChangedProblem) } } },
    }),
  );
}
