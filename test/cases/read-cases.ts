import { parseDocument } from 'yaml';
import {
  type Choice,
  choicesOf,
  type HolderSide,
  type RequesterSide,
  requireSoundDraft,
} from '../../src/core/consent/choices.js';
import { PURPOSES } from '../../src/core/decision/question.js';
import {
  type Matter,
  type Reason,
  REASONS,
  type RulePolicy,
  type Standing,
} from '../../src/core/decision/rule.js';
import {
  CONSULTING_CATEGORIES,
  DATA_CATEGORIES,
  DATA_CATEGORY_CODES,
  type DataCategory,
  GROUP_IDS,
  GROUPS,
  nameOfType,
  PROVIDER_TYPES,
  type ProviderType,
} from '../../src/core/provider/catalogue.js';
import { isDutch, type Requester } from '../../src/core/provider/provider.js';
import { parseUra } from '../../src/core/provider/ura.js';

/** One question with everything that should come of it. */
export interface Row {
  readonly name: string;
  readonly matter: Matter;
  readonly standing: Standing;
  readonly policy: RulePolicy;
  readonly expected: { readonly answer: 'yes' | 'no'; readonly reason: Reason; readonly sentence: string };
}

/** What one person chose, and the questions put to it. */
export interface Situation {
  readonly name: string;
  readonly choices: readonly Choice[];
  readonly rows: readonly Row[];
}

/** One file of cases. */
export interface Cases {
  readonly name: string;
  readonly situations: readonly Situation[];
}

/** A care provider that cases may name. */
export interface NamedProvider {
  readonly party: Requester;
  readonly registered: boolean;
}

/** The care providers that cases may name, by name. */
export type Providers = ReadonlyMap<string, NamedProvider>;

type Fields = Readonly<Record<string, unknown>>;

const EVERYBODY = 'alle zorgaanbieders';
const ALL_DATA = 'alle gegevens';

/** Throws a message that tells whoever edits the tables where to look and what was expected there. */
function refuse(where: string, message: string): never {
  throw new Error(`${where}: ${message}`);
}

function parse(file: string, text: string): unknown {
  const document = parseDocument(text);
  const [problem] = document.errors;
  if (problem)
    refuse(`${file}, line ${problem.linePos?.[0].line ?? '?'}`, problem.message.split('\n', 1)[0] ?? '');
  return document.toJS();
}

function fieldsOf(where: string, found: unknown, allowed?: readonly string[]): Fields {
  if (typeof found !== 'object' || found === null || Array.isArray(found))
    refuse(where, 'expected named fields here.');
  const fields: Fields = { ...found };
  const strange = allowed && Object.keys(fields).find((name) => !allowed.includes(name));
  if (strange !== undefined)
    refuse(where, `"${strange}" is not a field here; there are: ${allowed?.join(', ')}.`);
  return fields;
}

function textOf(where: string, fields: Fields, name: string): string {
  const found = fields[name];
  if (typeof found !== 'string' || found === '') refuse(where, `"${name}" is missing or is not a text.`);
  return found;
}

function listOf(where: string, fields: Fields, name: string): readonly unknown[] {
  const found = fields[name];
  if (!Array.isArray(found) || found.length === 0) refuse(where, `"${name}" is missing or is not a list.`);
  return found;
}

function oneOf<T extends string>(
  where: string,
  fields: Fields,
  name: string,
  allowed: readonly T[],
  otherwise?: T,
): T {
  if (fields[name] === undefined && otherwise !== undefined) return otherwise;
  const found = textOf(where, fields, name);
  return (
    allowed.find((word) => word === found) ??
    refuse(where, `"${name}: ${found}" should be one of: ${allowed.join(', ')}.`)
  );
}

/** The code that goes with a Dutch name of the catalogue. */
function codeOf<C extends string>(
  codes: readonly C[],
  nameOf: (code: C) => string,
  name: string,
): C | undefined {
  return codes.find((code) => nameOf(code) === name);
}

function typeOf(where: string, name: string): ProviderType {
  const code = codeOf(PROVIDER_TYPES, (type) => nameOfType(type).nl, name);
  return code ?? refuse(where, `"${name}" is not a provider type of the catalogue.`);
}

/** Reads the care providers that cases may name. */
export function readProviders(file: string, text: string): Providers {
  const named = Object.entries(fieldsOf(file, parse(file, text)));
  return new Map(
    named.map(([name, found]): [string, NamedProvider] => {
      const where = `${file}, "${name}"`;
      const fields = fieldsOf(where, found, ['ura', 'type', 'country', 'registered']);
      const registered = oneOf(where, fields, 'registered', ['yes', 'no'], 'yes') === 'yes';
      if (fields['country'] !== undefined) {
        return [
          name,
          { party: { country: textOf(where, fields, 'country'), organisation: name }, registered },
        ];
      }
      const ura = parseUra(textOf(where, fields, 'ura'));
      return [name, { party: { ura, type: typeOf(where, textOf(where, fields, 'type')) }, registered }];
    }),
  );
}

function providerNamed(where: string, providers: Providers, name: string): NamedProvider {
  return providers.get(name) ?? refuse(where, `"${name}" is not in providers.yaml.`);
}

function holderSideOf(where: string, providers: Providers, name: string): HolderSide {
  if (name === EVERYBODY) return 'all';
  const group = codeOf(GROUP_IDS, (id) => GROUPS[id].name.nl, name);
  if (group) return `group:${group}`;
  const provider = providers.get(name);
  if (!provider || !isDutch(provider.party)) {
    refuse(where, `"${name}" is not "${EVERYBODY}", not a group of the catalogue and not in providers.yaml.`);
  }
  return `provider:${provider.party.ura}`;
}

function requesterSideOf(where: string, providers: Providers, name: string): RequesterSide {
  return name === CONSULTING_CATEGORIES.RPZAC200.nl ? 'group:eu' : holderSideOf(where, providers, name);
}

function categoryOf(where: string, name: string): DataCategory {
  const code = codeOf(DATA_CATEGORY_CODES, (category) => DATA_CATEGORIES[category].nl, name);
  return code ?? refuse(where, `"${name}" is not a data category of the catalogue.`);
}

function choiceOf(where: string, providers: Providers, found: unknown): Choice {
  const fields = fieldsOf(where, found, ['holder', 'requester', 'data', 'answer']);
  const data = textOf(where, fields, 'data');
  return {
    holder: holderSideOf(where, providers, textOf(where, fields, 'holder')),
    requester: requesterSideOf(where, providers, textOf(where, fields, 'requester')),
    dataCategory: data === ALL_DATA ? 'all' : categoryOf(where, data),
    answer: oneOf(where, fields, 'answer', ['yes', 'no']),
  };
}

function choicesIn(where: string, providers: Providers, situation: Fields): readonly Choice[] {
  const option = oneOf(where, situation, 'option', ['all', 'certain', 'none', 'nothing']);
  const listed = situation['choices'] === undefined ? [] : listOf(where, situation, 'choices');
  const choices = listed.map((found, place) => choiceOf(`${where}, choice ${place + 1}`, providers, found));
  if (option === 'nothing')
    return choices.length === 0 ? [] : refuse(where, 'someone who chose nothing has no choices.');
  try {
    requireSoundDraft({ option, choices });
  } catch (error) {
    refuse(where, `no person could choose this: ${JSON.stringify(error)}`);
  }
  return choicesOf({ option, choices });
}

function rowOf(where: string, providers: Providers, situation: Fields, found: unknown): Row {
  const fields = fieldsOf(where, found, [
    'holder',
    'requester',
    'data',
    'purpose',
    'answer',
    'reason',
    'sentence',
  ]);
  const holder = providerNamed(where, providers, textOf(where, fields, 'holder'));
  const requester = providerNamed(where, providers, textOf(where, fields, 'requester'));
  if (!isDutch(holder.party)) refuse(where, 'a holder is a Dutch care provider.');
  const dataCategory = categoryOf(where, textOf(where, fields, 'data'));
  const purpose = oneOf(where, fields, 'purpose', PURPOSES, 'TREAT');
  const answer = oneOf(where, fields, 'answer', ['yes', 'no']);
  const asks = `${String(fields['requester'])} asks ${String(fields['holder'])} for ${String(fields['data'])} (${purpose})`;
  return {
    name: `${where}: ${asks} → ${answer}`,
    matter: { holder: holder.party, requester: requester.party, dataCategory, purpose },
    standing: {
      personKnown: oneOf(where, situation, 'person', ['known', 'unknown'], 'known') === 'known',
      holderKnown: holder.registered,
      requesterKnown: requester.registered,
    },
    policy: { presumedConsent: oneOf(where, situation, 'presumedConsent', ['allow', 'deny'], 'allow') },
    expected: {
      answer,
      reason: oneOf(where, fields, 'reason', REASONS),
      sentence: textOf(where, fields, 'sentence'),
    },
  };
}

/** Reads one file of cases. A mistake in it is refused with the file, the situation and the row where it is. */
export function readCases(file: string, text: string, providers: Providers): Cases {
  const document = fieldsOf(file, parse(file, text), ['nl', 'en', 'situations']);
  const name = `${textOf(file, document, 'nl')} (${textOf(file, document, 'en')})`;
  const situations = listOf(file, document, 'situations').map((found, place): Situation => {
    const where = `${file}, situation ${place + 1}`;
    const situation = fieldsOf(where, found, [
      'nl',
      'en',
      'option',
      'choices',
      'person',
      'presumedConsent',
      'rows',
    ]);
    const title = `${textOf(where, situation, 'nl')} (${textOf(where, situation, 'en')})`;
    return {
      name: title,
      choices: choicesIn(where, providers, situation),
      rows: listOf(where, situation, 'rows').map((row, at) =>
        rowOf(`${where}, row ${at + 1}`, providers, situation, row),
      ),
    };
  });
  return { name, situations };
}
