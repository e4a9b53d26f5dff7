import { describe, expect, it } from '@jest/globals';
import { ConsentCheckDto } from '../../../src/api/provider/asked.dto.js';
import { readCheck } from '../../../src/api/provider/read-check.js';
import { InputPipe } from '../../../src/api/shared/validation.pipe.js';
import { Failure } from '../../../src/core/failure.js';
import fc from 'fast-check';
import { makeBsn, makeUra } from '../../make.js';

const pipe = new InputPipe();

/** What a validator says of a body: nothing, or its sentences by field. */
async function verdictOf(judge: () => unknown): Promise<unknown> {
  try {
    await judge();
    return 'accepted';
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    return { code: error.code, fields: error.facts.fields };
  }
}

/** Both get the body as JSON brings it; the HTTP server itself refuses a member named __proto__. */
async function bothJudge(body: unknown): Promise<readonly [unknown, unknown]> {
  const text = JSON.stringify(body) as string | undefined;
  fc.pre(!text?.includes('"__proto__":'));
  const fresh = (): unknown => (text === undefined ? undefined : JSON.parse(text));
  const compiled = await verdictOf(() => readCheck(fresh()));
  const documented = await verdictOf(() =>
    pipe.transform(fresh(), { type: 'body', metatype: ConsentCheckDto, data: undefined }),
  );
  return [compiled, documented];
}

const goodParty = fc.record({
  ura: fc.constantFrom(makeUra(), '00000001', '99999999'),
  type: fc.constantFrom('Z3', 'V4', 'H1', 'ZG'),
});
const goodProfessional = fc.record(
  {
    id: fc.constantFrom('a', '900012345', 'Z'.repeat(60)),
    role: fc.constantFrom('01.015', '99.999'),
    mandatedId: fc.constantFrom('b2', '7'),
  },
  { requiredKeys: ['id'] },
);
const goodCheck = fc.record(
  {
    bsn: fc.constantFrom(makeBsn(), makeBsn(), '999990019'),
    holder: goodParty,
    requester: goodParty,
    dataCategories: fc.uniqueArray(fc.constantFrom('GGC002', 'GGC012', 'GGC013'), { minLength: 1 }),
    purpose: fc.constantFrom('TREAT', 'COC'),
    professional: goodProfessional,
    exchangeSystem: fc.constantFrom('LSP', 'a', 'urn:x/y-1.0', 'a'.repeat(100)),
    automatic: fc.boolean(),
  },
  { requiredKeys: ['bsn', 'holder', 'requester', 'dataCategories', 'purpose'] },
);

/** Values that are nearly right, and values that are nothing like it. */
const nearMiss = fc.oneof(
  fc.constantFrom<unknown>(
    null,
    true,
    0,
    1,
    -1,
    1.5,
    '',
    ' ',
    '0',
    '123456782',
    '123456789',
    '000000000',
    999990019,
    ' 999990019',
    '999990019\n',
    '0000001',
    '00000000',
    '000000001',
    'Z3 ',
    'z3',
    'toString',
    'constructor',
    '__proto__',
    'treat',
    'ggc002',
    '01.15',
    '01.0155',
    'a'.repeat(61),
    'a'.repeat(101),
    'é',
    '-a',
    'a\n',
    '１２３',
    [],
    [[]],
    ['GGC002'],
    ['GGC002', 'GGC002'],
    ['GGC002', null],
    ['GGC999'],
    ['GGC002', 'GGC012', 'GGC013', 'GGC002'],
    [{}],
    [7],
    {},
    { ura: '00000001' },
    { ura: '00000001', type: 'Z3', more: 1 },
    { ura: 1, type: 'Z3' },
    { id: 'a', role: null },
    { id: '' },
    { length: 1 },
    { 0: 'GGC002' },
  ),
  fc.jsonValue({ maxDepth: 2 }),
);
const path = fc.constantFrom<readonly string[]>(
  ['bsn'],
  ['holder'],
  ['holder', 'ura'],
  ['holder', 'type'],
  ['requester'],
  ['requester', 'ura'],
  ['requester', 'more'],
  ['dataCategories'],
  ['dataCategories', '0'],
  ['dataCategories', '3'],
  ['purpose'],
  ['professional'],
  ['professional', 'id'],
  ['professional', 'role'],
  ['professional', 'mandatedId'],
  ['professional', 'more'],
  ['exchangeSystem'],
  ['automatic'],
  ['more'],
);
const change = fc.record({ path, value: nearMiss, remove: fc.boolean() });

function changed(
  body: object,
  changes: readonly { path: readonly string[]; value: unknown; remove: boolean }[],
): unknown {
  const copy = structuredClone(body) as Record<string, unknown>;
  for (const { path, value, remove } of changes) {
    const last = path.at(-1) ?? '';
    let at: unknown = copy;
    for (const part of path.slice(0, -1)) at = (at as Record<string, unknown> | undefined)?.[part];
    if (typeof at !== 'object' || at === null) continue;
    if (remove) Reflect.deleteProperty(at, last);
    else (at as Record<string, unknown>)[last] = structuredClone(value);
  }
  return copy;
}

describe('the compiled validator and the documented contract', () => {
  it('accept the same good checks', async () => {
    await fc.assert(
      fc.asyncProperty(goodCheck, async (body) => {
        expect(await bothJudge(body)).toEqual(['accepted', 'accepted']);
      }),
      { numRuns: 500 },
    );
  });

  it('say the same, field by field, of checks with up to three near-misses', async () => {
    let refused = 0;
    await fc.assert(
      fc.asyncProperty(goodCheck, fc.array(change, { minLength: 1, maxLength: 3 }), async (body, changes) => {
        const [compiled, documented] = await bothJudge(changed(body, changes));
        expect(compiled).toEqual(documented);
        if (compiled !== 'accepted') refused += 1;
      }),
      { numRuns: 4_000 },
    );
    expect(refused).toBeGreaterThan(1_000);
  });

  it('say the same of anything at all', async () => {
    await fc.assert(
      fc.asyncProperty(fc.jsonValue(), async (body) => {
        const [compiled, documented] = await bothJudge(body);
        expect(compiled).toEqual(documented);
        expect(compiled).not.toBe('accepted');
      }),
      { numRuns: 1_000 },
    );
  });

  it('a body that was never sent is refused by both', async () => {
    expect(await bothJudge(undefined)).toEqual([
      { code: 'INPUT_INVALID', fields: undefined },
      { code: 'INPUT_INVALID', fields: undefined },
    ]);
  });
});
