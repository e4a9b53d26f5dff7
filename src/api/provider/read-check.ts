import { Ajv, type ErrorObject } from 'ajv';
import { LARGEST_BATCH } from '../../core/decision/decisions.service.js';
import { type ClosedQuestion, PURPOSES } from '../../core/decision/question.js';
import { isBsn } from '../../core/person/bsn.js';
import { DATA_CATEGORY_CODES, isProviderType } from '../../core/provider/catalogue.js';
import { isUra } from '../../core/provider/ura.js';
import { fieldName, invalidInput, requireObject } from '../shared/validation.pipe.js';
import { SENTENCES } from '../shared/validators.js';
import { ASKED, PATTERNS } from './expected.js';

/*
 * The closed question is asked thousands of times a second, and class-validator would cost more than the decision itself. So its
 * body is judged by a schema that is compiled once. `ConsentCheckDto` stays the documented contract; a test proves that both
 * accept and refuse the same bodies. The `description` of each part is the sentence for whoever gets it wrong.
 */

const text = (pattern: RegExp, description: string) => ({
  type: 'string',
  pattern: pattern.source,
  description,
});

const PARTY = {
  type: 'object',
  description: ASKED.party,
  additionalProperties: false,
  required: ['ura', 'type'],
  properties: {
    ura: { type: 'string', format: 'ura', description: SENTENCES.ura },
    type: { type: 'string', format: 'provider-type', description: SENTENCES.providerType },
  },
};

const CHECK = {
  type: 'object',
  additionalProperties: false,
  required: ['bsn', 'holder', 'requester', 'dataCategories', 'purpose'],
  properties: {
    bsn: { type: 'string', format: 'bsn', description: SENTENCES.bsn },
    holder: PARTY,
    requester: PARTY,
    dataCategories: {
      type: 'array',
      description: ASKED.dataCategories,
      minItems: 1,
      maxItems: DATA_CATEGORY_CODES.length,
      uniqueItems: true,
      items: { type: 'string', enum: DATA_CATEGORY_CODES, description: ASKED.dataCategories },
    },
    purpose: { type: 'string', enum: PURPOSES, description: SENTENCES.purpose },
    professional: {
      type: 'object',
      description: ASKED.professional,
      additionalProperties: false,
      required: ['id'],
      properties: {
        id: text(PATTERNS.professionalId, ASKED.professionalId),
        role: text(PATTERNS.role, ASKED.role),
        mandatedId: text(PATTERNS.professionalId, ASKED.professionalId),
      },
    },
    exchangeSystem: text(PATTERNS.exchangeSystem, ASKED.exchangeSystem),
    automatic: { type: 'boolean', description: ASKED.automatic },
  },
};

const judge = new Ajv({
  allErrors: true,
  verbose: true,
  formats: { bsn: isBsn, ura: isUra, 'provider-type': isProviderType },
}).compile<ClosedQuestion>(CHECK);

/** The closed question in a body, or INPUT_INVALID naming every field that is wrong. */
export function readCheck(body: unknown): ClosedQuestion {
  if (judge(body)) return body;
  requireObject(body);
  throw invalidInput(sentencesOf(judge.errors ?? []));
}

/** The closed questions in a batch, or INPUT_INVALID naming every field that is wrong, such as `checks.17.bsn`. */
export function readChecks(body: unknown): readonly ClosedQuestion[] {
  requireObject(body);
  const fields: Record<string, string> = {};
  for (const name of Object.keys(body)) {
    if (name !== 'checks') fields[fieldName(name)] = SENTENCES.unknownField;
  }
  const checks = readList(body['checks'], fields);
  if (Object.keys(fields).length > 0) throw invalidInput(fields);
  return checks;
}

function readList(list: unknown, fields: Record<string, string>): readonly ClosedQuestion[] {
  if (!Array.isArray(list) || list.length === 0 || list.length > LARGEST_BATCH) {
    fields['checks'] = ASKED.checks;
    return [];
  }
  return list.flatMap((item: unknown, position) => {
    if (judge(item)) return [item];
    Object.assign(fields, sentencesOf(judge.errors ?? [], `checks.${String(position)}`));
    return [];
  });
}

function sentencesOf(errors: readonly ErrorObject[], above = ''): Record<string, string> {
  return Object.fromEntries(errors.map((error) => sentenceOf(error, above)));
}

interface Described {
  readonly description?: string;
  readonly properties?: Readonly<Record<string, Described>>;
}

function sentenceOf(error: ErrorObject, above: string): readonly [string, string] {
  const schema = error.parentSchema as Described;
  const params = error.params as { missingProperty?: string; additionalProperty?: string };
  const { missingProperty: missing, additionalProperty: extra } = params;
  // A mistake in one item is told of the list as a whole.
  const parts = error.instancePath.split('/').filter((part) => part !== '' && !/^\d+$/.test(part));
  const path = [...(above === '' ? [] : [above]), ...parts, missing ?? extra]
    .filter((part) => part !== undefined)
    .join('.');
  if (extra !== undefined) return [fieldName(path), SENTENCES.unknownField];
  const described = missing === undefined ? schema : schema.properties?.[missing];
  return [path, described?.description ?? 'Give an object with the fields of a check.'];
}
