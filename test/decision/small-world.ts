import type { Choice, HolderSide, RequesterSide } from '../../src/core/consent/choices.js';
import { decide, type Matter, type RulePolicy, type Trace } from '../../src/core/decision/rule.js';
import { groupOf } from '../../src/core/provider/catalogue.js';
import { isDutch, type Party, type Requester } from '../../src/core/provider/provider.js';
import { parseUra } from '../../src/core/provider/ura.js';
import type { Asked } from './naive-model.js';

/** Two groups with two care providers each. Every one of them may be on either side of a question. */
export const PARTIES: readonly Party[] = [
  { ura: parseUra('10000001'), type: 'Z3' },
  { ura: parseUra('10000002'), type: 'H1' },
  { ura: parseUra('20000001'), type: 'V4' },
  { ura: parseUra('20000002'), type: 'V5' },
];

/** A care provider elsewhere in the European Union. */
export const ABROAD: Requester = { country: 'BE', organisation: 'Hospital abroad' };

/** Everybody who can ask. */
export const REQUESTERS: readonly Requester[] = [...PARTIES, ABROAD];

/** Every word for the holder side in this world. */
export const HOLDER_SIDES: readonly HolderSide[] = [
  'all',
  'group:general-practice',
  'group:hospital',
  ...PARTIES.map(({ ura }) => `provider:${ura}` as const),
];

/** Every word for the requester side in this world. */
export const REQUESTER_SIDES: readonly RequesterSide[] = [...HOLDER_SIDES, 'group:eu'];

/** Every word for the data. */
export const CATEGORY_SIDES = [
  'all',
  'GGC002',
  'GGC012',
  'GGC013',
] as const satisfies Choice['dataCategory'][];

/** Every choice that can be made with these words, each with a yes and with a no. */
export function choicesWith(words: {
  readonly holders: readonly HolderSide[];
  readonly requesters: readonly RequesterSide[];
  readonly categories: readonly Choice['dataCategory'][];
}): readonly (readonly [Choice, Choice])[] {
  return words.holders.flatMap((holder) =>
    words.requesters.flatMap((requester) =>
      words.categories.map((dataCategory) => {
        const about = { holder, requester, dataCategory };
        return [{ ...about, answer: 'yes' } as const, { ...about, answer: 'no' } as const] as const;
      }),
    ),
  );
}

/** Every matter that can be asked about in this world. */
export const MATTERS: readonly Matter[] = PARTIES.flatMap((holder) =>
  REQUESTERS.flatMap((requester) =>
    (['GGC002', 'GGC012', 'GGC013'] as const).flatMap((dataCategory) =>
      (['TREAT', 'COC'] as const).map((purpose) => ({ holder, requester, dataCategory, purpose })),
    ),
  ),
);

/** Both settings of the rule. */
export const POLICIES: readonly RulePolicy[] = [{ presumedConsent: 'allow' }, { presumedConsent: 'deny' }];

/** The policy the registry starts with. */
export const POLICY: RulePolicy = { presumedConsent: 'allow' };

/** The product's answer. */
export function decided(choices: readonly Choice[], matter: Matter, policy: RulePolicy = POLICY): Trace {
  return decide(choices, matter, policy);
}

/** A matter in the words of the model. */
export function inPlainWords(matter: Matter, policy: RulePolicy = POLICY): Asked {
  const { holder, requester, dataCategory, purpose } = matter;
  return {
    holder: { number: holder.ura, group: groupOf(holder.type) },
    ...(isDutch(requester) && { requester: { number: requester.ura, group: groupOf(requester.type) } }),
    dataCategory,
    purpose,
    presumedConsent: policy.presumedConsent,
  };
}

/** Every set of exactly `size` possibilities, each answered yes or no in every way. */
export function* profilesOf(
  pool: readonly (readonly [Choice, Choice])[],
  size: number,
  from = 0,
): Generator<readonly Choice[]> {
  if (size === 0) {
    yield [];
    return;
  }
  for (let position = from; position <= pool.length - size; position += 1) {
    for (const rest of profilesOf(pool, size - 1, position + 1)) {
      for (const choice of pool[position] ?? []) yield [choice, ...rest];
    }
  }
}
