import { type ArgumentMetadata, Injectable, ValidationPipe } from '@nestjs/common';
import type { ValidationError } from 'class-validator';
import { Failure } from '../../core/failure.js';
import { redact } from './redact.js';
import { SENTENCES } from './validators.js';

const LONGEST_FIELD_NAME = 100;

/** Deeper than any body of ours. */
const DEEPEST = 20;

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
    if (metadata.data !== undefined || !isClass(metadata.metatype)) return await this.judge(value, metadata);
    requireObject(value);
    const strange = takeStrangeParts(value);
    try {
      const read = await this.judge(value, metadata);
      if (Object.keys(strange).length === 0) return read;
    } catch (error) {
      if (!(error instanceof Failure)) throw error;
      const { fields = {} } = error.facts;
      throw invalidInput({ ...notWithin(fields, strange), ...fields });
    }
    throw invalidInput(strange);
  }

  private async judge(value: unknown, metadata: ArgumentMetadata): Promise<unknown> {
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

/**
 * Takes out what the validators under this pipe pass over without a word, and gives back a sentence for each: fields named like
 * something every object or class has, such as `toString`, and texts that no database keeps. Refuses an input nested so deeply
 * that validators would run out of stack.
 */
function takeStrangeParts(input: object): Record<string, string> {
  // Without a prototype, so that `__proto__` is a name like any other.
  const fields = Object.create(null) as Record<string, string>;
  const waiting: { readonly part: object; readonly path: string; readonly depth: number }[] = [
    { part: input, path: '', depth: 0 },
  ];
  for (let next = waiting.pop(); next; next = waiting.pop()) {
    const { part, path, depth } = next;
    if (depth > DEEPEST) throw new Failure('INPUT_INVALID', 'This body is nested too deeply.');
    for (const [name, value] of Object.entries(part) as [string, unknown][]) {
      if (name in Object.prototype || name === 'prototype') {
        fields[fieldName(`${path}${name}`)] = SENTENCES.unknownField;
        Reflect.deleteProperty(part, name);
      } else if (typeof value === 'string') {
        if (!isKeepable(value)) fields[fieldName(`${path}${name}`)] = SENTENCES.text;
      } else if (typeof value === 'object' && value !== null) {
        waiting.push({ part: value, path: `${path}${name}.`, depth: depth + 1 });
      }
    }
  }
  return fields;
}

/** PostgreSQL keeps no U+0000, and half a surrogate pair is no text in any encoding. */
function isKeepable(text: string): boolean {
  return !text.includes('\0') && text.isWellFormed();
}

/** Those fields that do not lie within a refused one: of a part that is wrong as a whole, nothing inside is worth telling. */
function notWithin(
  refused: Readonly<Record<string, string>>,
  fields: Readonly<Record<string, string>>,
): Record<string, string> {
  const names = Object.keys(refused);
  return Object.fromEntries(
    Object.entries(fields).filter(([field]) => !names.some((name) => field.startsWith(`${name}.`))),
  );
}
