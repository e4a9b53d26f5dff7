import { type ArgumentMetadata, Injectable, ValidationPipe } from '@nestjs/common';
import type { ValidationError } from 'class-validator';
import { Failure } from '../../core/failure.js';
import { redact } from './redact.js';
import { SENTENCES } from './validators.js';

const LONGEST_FIELD_NAME = 100;

/** The one pipe of the doors: unknown fields are refused, and all errors of all fields are told at once. */
@Injectable()
export class InputPipe extends ValidationPipe {
  constructor() {
    super({
      whitelist: true,
      forbidNonWhitelisted: true,
      forbidUnknownValues: true,
      transform: true,
      exceptionFactory: (errors) => invalidInput(sentencesOf(errors)),
    });
  }

  override async transform(value: unknown, metadata: ArgumentMetadata): Promise<unknown> {
    if (metadata.type === 'body' && isClass(metadata.metatype)) requireObject(value);
    return (await super.transform(value, metadata)) as unknown;
  }
}

/** The refusal of an input by its fields. */
export function invalidInput(fields: Readonly<Record<string, string>>): Failure {
  return new Failure('INPUT_INVALID', 'Some fields are not right; see errors.', { fields });
}

/** Refuses a body that is not one JSON object. */
export function requireObject(body: unknown): asserts body is Readonly<Record<string, unknown>> {
  if (typeof body !== 'object' || body === null || Array.isArray(body)) {
    throw new Failure('INPUT_INVALID', 'Send one JSON object as the body.');
  }
}

/** The name of a field as it may be told back: a caller could put a BSN in a name. */
export function fieldName(path: string): string {
  return redact(path).slice(0, LONGEST_FIELD_NAME);
}

function isClass(metatype: ArgumentMetadata['metatype']): boolean {
  return typeof metatype === 'function' && (metatype as unknown) !== Object;
}

function sentencesOf(errors: readonly ValidationError[], above = ''): Record<string, string> {
  const fields: Record<string, string> = {};
  for (const { property, constraints, children = [] } of errors) {
    const path = `${above}${property}`;
    // Of a part that is wrong as a whole, nothing inside is worth telling.
    if (constraints) fields[fieldName(path)] = sentenceOf(constraints);
    else Object.assign(fields, sentencesOf(children, `${path}.`));
  }
  return fields;
}

function sentenceOf(constraints: Readonly<Record<string, string>>): string {
  if ('whitelistValidation' in constraints) return SENTENCES.unknownField;
  return Object.values(constraints).at(-1) ?? 'This field is not right.';
}
