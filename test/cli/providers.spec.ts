import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import type { ProviderRecords } from '../../src/core/registry.js';
import { makeProvider } from '../make.js';
import { MemoryRegistry } from '../memory-registry.js';
import { Operator, type Said } from './make-cli.js';

let operator: Operator;

beforeEach(() => {
  operator = new Operator(new MemoryRegistry());
});

afterEach(() => {
  operator.clearUp();
  expect(operator.closed).toBe(operator.opened);
});

const HEADER = 'ura,name,place,types\n';
const LINDE = '12345678,De Linde,Zwolle,Z3';
const LINDE_KEPT = { ura: '12345678', name: 'De Linde', place: 'Zwolle', types: ['Z3'] };

function importCsv(content: string | Uint8Array, ...more: string[]): Promise<Said> {
  return operator.run('providers', 'import', operator.file('register.csv', content), ...more);
}

function importFhir(name: string, content: unknown, ...more: string[]): Promise<Said> {
  const text = typeof content === 'string' ? content : JSON.stringify(content);
  return operator.run('providers', 'import', operator.file(name, text), ...more);
}

async function expectNothingImported(said: Said, ...sentences: string[]): Promise<void> {
  expect(said.code).toBe(1);
  for (const sentence of sentences) expect(said.err).toContain(sentence);
  expect(await operator.providers()).toEqual([]);
  expect(operator.read(operator.registry.entries())).toEqual([]);
}

describe('a good CSV file', () => {
  it('is imported, counted and entered in the log', async () => {
    const { code, out } = await importCsv(`${HEADER}${LINDE}\n87654321,Apotheek Oost,Assen,J8\n`);
    expect([code, out]).toEqual([0, 'Read 2, added 2, changed 0, unchanged 0, refused 0.\n']);
    expect(await operator.providers()).toEqual([
      LINDE_KEPT,
      { ura: '87654321', name: 'Apotheek Oost', place: 'Assen', types: ['J8'] },
    ]);
    expect(operator.read(operator.registry.entries())).toMatchObject([
      {
        kind: 'providers.imported',
        actor: { kind: 'operator' },
        outcome: 'done',
        detail: { count: 2, note: '2 added, 0 changed, 0 unchanged' },
      },
    ]);
  });

  it('changes what changed and leaves the rest, also what it does not name', async () => {
    await importCsv(`${HEADER}${LINDE}\n87654321,Apotheek Oost,Assen,J8\n11112222,Lab,Ede,L1\n`);
    const { out } = await importCsv(`${HEADER}${LINDE}\n87654321,Apotheek West,Assen,J8\n`);
    expect(out).toBe('Read 2, added 0, changed 1, unchanged 1, refused 0.\n');
    expect((await operator.providers()).map(({ name }) => name)).toEqual([
      'Lab',
      'De Linde',
      'Apotheek West',
    ]);
  });

  it.each([
    ['a byte order mark', `\uFEFF${HEADER}${LINDE}\n`],
    ['Windows line ends', `${HEADER}${LINDE}\n`.replaceAll('\n', '\r\n')],
    ['no line end at its end', `${HEADER}${LINDE}`],
    ['blank lines', `\n${HEADER}\n${LINDE}\n,,,\n\n`],
    ['spaces around values', `ura , Name,PLACE,types\n 12345678 , De Linde ,Zwolle, Z3 \n`],
    ['quotes', `"ura","name","place","types"\n"12345678","De Linde","Zwolle","Z3"\n`],
    ['columns in another order', 'types,place,name,ura\nZ3,Zwolle,De Linde,12345678\n'],
  ])('may have %s', async (_what, content) => {
    expect((await importCsv(content)).code).toBe(0);
    expect(await operator.providers()).toEqual([LINDE_KEPT]);
  });

  it('may hold commas and quotes in values, accents, and several types', async () => {
    await importCsv(`${HEADER}12345678,"Café ""Zorg"", vof",'s-Gravenhage,Z3; K3 H1\n`);
    expect(await operator.providers()).toEqual([
      { ura: '12345678', name: 'Café "Zorg", vof', place: "'s-Gravenhage", types: ['Z3', 'K3', 'H1'] },
    ]);
  });

  it('may be large, and tells how far it is', async () => {
    const rows = Array.from({ length: 12_000 }, (_, row) => `${10_000_000 + row},Praktijk ${row},Zwolle,Z3`);
    const { code, out, err } = await importCsv(HEADER + rows.join('\n'));
    expect([code, out]).toEqual([0, 'Read 12000, added 12000, changed 0, unchanged 0, refused 0.\n']);
    expect(err).toBe('5000 read …\n10000 read …\n12000 read; keeping 12000 …\n');
  });

  it('may have another name when its kind is said', async () => {
    const file = operator.file('register.txt', `${HEADER}${LINDE}\n`);
    expect((await operator.run('providers', 'import', file, '--format', 'csv')).code).toBe(0);
  });
});

describe('a CSV file with refused rows', () => {
  const MIXED = `${HEADER}${LINDE}
1234567,Kort,Zwolle,Z3
87654321,"Twee
regels",Assen,J8
87654322,,Assen,J8
12345678,Nog eens,Zwolle,Z3
87654323,Vier,Assen,J8,meer
87654324,Vijf,Assen,QQ
87654325,Goed,Assen,J8
`;

  it('is not imported at all, and each row is named by line, field, problem and expectation', async () => {
    const said = await importCsv(MIXED);
    await expectNothingImported(
      said,
      'Refused: line 3, ura: has 7 digits; eight are expected (spreadsheets drop zeros at the front).\n',
      'Refused: line 4, name: holds a line break or another control character; one line of text is expected.\n',
      'Refused: line 6, name: is empty; text is expected.\n',
      'Refused: line 7, ura: 12345678 is in this file before, at line 2; each URA number is expected once.\n',
      'Refused: line 8, all: there are 5 values; 4 are expected.\n',
      'Refused: line 9, types: "QQ" is not a provider type of the catalogue; a code of RoleCodeNL is expected, such as Z3.\n',
      '--skip-refused',
    );
    expect(said.out).toBe('Read 8, refused 6: nothing was imported.\n');
    expect(operator.opened).toBe(0);
  });

  it('is imported without them when that is asked for', async () => {
    const { code, out, err } = await importCsv(MIXED, '--skip-refused');
    expect([code, out]).toEqual([0, 'Read 8, added 2, changed 0, unchanged 0, refused 6.\n']);
    expect(err).toContain('Refused: line 3');
    expect((await operator.providers()).map(({ name }) => name)).toEqual(['De Linde', 'Goed']);
  });

  it('is not imported when nothing is left', async () => {
    await expectNothingImported(
      await importCsv(`${HEADER}1,Kort,Zwolle,Z3\n`, '--skip-refused'),
      'line 2, ura',
    );
  });

  it('shows no BSN that got into it', async () => {
    const said = await importCsv(`${HEADER}999990019,999990019,Zwolle,999990019\n`);
    await expectNothingImported(said, 'line 2, ura: has 9 digits');
    expect(said.err + said.out).not.toContain('999990019');
  });
});

describe('a file that is no register', () => {
  it.each([
    ['an empty file', '', 'The file is empty.'],
    ['a header alone', HEADER, 'The file holds no providers.'],
    ['blank lines alone', '\n\n', 'The file holds no providers.'],
    [
      'another header',
      `agb,naam\n1,2\n`,
      'Line 1: the header is not the one expected: ura,name,place,types.',
    ],
    ['a column too many', `ura,name,place,types,more\n`, 'the header is not the one expected'],
    ['a column twice', `ura,name,name,types\n`, 'the header is not the one expected'],
    ['no header', `${LINDE}\n`, 'the header is not the one expected'],
    ['semicolons', `ura;name;place;types\n`, 'the columns are separated by semicolons; commas are expected'],
    [
      'quotes that do not end',
      `${HEADER}${LINDE}\n87654321,"Open,Assen,J8\n`,
      'Line 3: the quotes are not as RFC 4180',
    ],
    ['text after quotes', `${HEADER}"12345678"9,De Linde,Zwolle,Z3\n`, 'the quotes are not as RFC 4180'],
    [
      'another encoding',
      Buffer.from(`${HEADER}12345678,Café,Zwolle,Z3\n`, 'latin1'),
      'The file is not UTF-8 text',
    ],
    ['a picture', Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a]), 'The file is not UTF-8 text'],
  ])('such as %s is refused in a sentence', async (_what, content, sentence) => {
    await expectNothingImported(await importCsv(content), sentence);
    await expectNothingImported(await importCsv(content, '--skip-refused'), sentence);
  });

  it('nor is one that is not there, a folder, or of a kind that nobody can tell', async () => {
    await expectNothingImported(
      await operator.run('providers', 'import', '/nowhere/r.csv'),
      'There is no such file.',
    );
    await expectNothingImported(
      await operator.run('providers', 'import', '/', '--format', 'csv'),
      'This is not a file.',
    );
    const file = operator.file('register.xlsx', 'PK');
    await expectNothingImported(
      await operator.run('providers', 'import', file),
      'say --format csv or --format fhir',
    );
    await expectNothingImported(
      await operator.run('providers', 'import', file, '--format', 'xlsx'),
      'Allowed choices',
    );
  });
});

const URA = 'http://fhir.nl/fhir/NamingSystem/ura';
const TYPE = 'http://nictiz.nl/fhir/NamingSystem/organization-type';

function organization(ura: string, given: Record<string, unknown> = {}): Record<string, unknown> {
  return {
    resourceType: 'Organization',
    id: `org-${ura}`,
    identifier: [
      { system: 'http://fhir.nl/fhir/NamingSystem/agb-z', value: '01010101' },
      { system: URA, value: ura },
    ],
    type: [
      {
        coding: [
          { system: 'http://example.org/other', code: 'x' },
          { system: TYPE, code: 'Z3' },
        ],
      },
    ],
    name: 'De Linde',
    address: [{ city: 'Zwolle' }],
    ...given,
  };
}

function bundle(...resources: unknown[]): Record<string, unknown> {
  return { resourceType: 'Bundle', type: 'collection', entry: resources.map((resource) => ({ resource })) };
}

describe('FHIR organizations', () => {
  it('come in a Bundle', async () => {
    const { code, out } = await importFhir(
      'register.json',
      bundle(organization('12345678'), organization('87654321')),
    );
    expect([code, out]).toEqual([0, 'Read 2, added 2, changed 0, unchanged 0, refused 0.\n']);
    expect((await operator.providers())[0]).toEqual(LINDE_KEPT);
  });

  it('come in a Bundle over many lines', async () => {
    const text = JSON.stringify(bundle(organization('12345678')), undefined, 2);
    expect((await importFhir('register.json', text)).code).toBe(0);
    expect(await operator.providers()).toEqual([LINDE_KEPT]);
  });

  it('are one line even where a name holds a line separator', async () => {
    const text = `${JSON.stringify(organization('12345678', { name: 'De\u2028Linde' }))}\n`;
    expect((await importFhir('register.ndjson', text)).code).toBe(0);
    expect(await operator.providers()).toHaveLength(1);
  });

  it.each(['register.ndjson', 'register.json', 'register.data'])('come one to a line in %s', async (name) => {
    const text = `\n${JSON.stringify(organization('12345678'))}\n${JSON.stringify(organization('87654321'))}`;
    const { code } = await importFhir(name, text, '--format', 'fhir');
    expect(code).toBe(0);
    expect(await operator.providers()).toHaveLength(2);
  });

  it('come alone', async () => {
    expect((await importFhir('one.json', JSON.stringify(organization('12345678'), undefined, 2))).code).toBe(
      0,
    );
    expect(await operator.providers()).toEqual([LINDE_KEPT]);
  });

  it('may work as several types', async () => {
    const type = [{ coding: [{ system: TYPE, code: 'Z3' }] }, { coding: [{ system: TYPE, code: 'K3' }] }];
    await importFhir('register.json', bundle(organization('12345678', { type })));
    expect((await operator.providers())[0]?.types).toEqual(['Z3', 'K3']);
  });

  it.each([
    ['out of service', { active: false }, 'active: is false; only organizations in service are expected'],
    ['without a URA number', { identifier: [] }, `identifier of system ${URA}: is empty`],
    [
      'with two URA numbers',
      {
        identifier: [
          { system: URA, value: '12345678' },
          { system: URA, value: '12345679' },
        ],
      },
      'more than once',
    ],
    [
      'with a short URA number',
      { identifier: [{ system: URA, value: '1234' }] },
      'has 4 digits; eight are expected',
    ],
    ['without a name', { name: undefined }, 'name: is empty'],
    ['with a name of another kind', { name: 7 }, 'name: is empty'],
    ['without an address', { address: undefined }, 'address[0].city: is empty'],
    ['with an address of another kind', { address: ['Zwolle'] }, 'address[0].city: is empty'],
    [
      'without a type we know',
      { type: [{ coding: [{ system: 'x', code: 'Z3' }] }] },
      `type.coding of system ${TYPE}: is empty`,
    ],
    [
      'with an unknown type',
      { type: [{ coding: [{ system: TYPE, code: 'QQ' }] }] },
      '"QQ" is not a provider type',
    ],
  ])('are refused %s, named by entry, id and field', async (_what, given, sentence) => {
    const said = await importFhir(
      'register.json',
      bundle(organization('87654321'), organization('12345678', given)),
    );
    await expectNothingImported(said, 'Refused: entry 2 (Organization/org-12345678), ', sentence);
  });

  it('are imported without the refused ones when that is asked for', async () => {
    const file = bundle(organization('12345678'), organization('87654321', { active: false }));
    const { code, out } = await importFhir('register.json', file, '--skip-refused');
    expect([code, out]).toEqual([0, 'Read 2, added 1, changed 0, unchanged 0, refused 1.\n']);
    expect(await operator.providers()).toEqual([LINDE_KEPT]);
  });

  it('are told apart from other resources, and twins from each other', async () => {
    const said = await importFhir(
      'register.json',
      bundle(organization('12345678'), { resourceType: 'Patient', id: 'p' }, null, organization('12345678')),
    );
    await expectNothingImported(
      said,
      'Refused: entry 2 (Organization/p), resourceType: is another; an Organization is expected.',
      'Refused: entry 3, resourceType',
      'Refused: entry 4 (Organization/org-12345678)',
      'is in this file before, at entry 1 (Organization/org-12345678)',
    );
  });

  it('are named by line where there are lines', async () => {
    const lines = [JSON.stringify(organization('12345678')), '{"resourceType":', '', '[]'];
    await expectNothingImported(
      await importFhir('register.ndjson', lines.join('\n')),
      'Refused: line 2, all: is not JSON; one Organization is expected on each line.',
      'Refused: line 4, resourceType: is another; an Organization is expected.',
    );
  });

  it.each([
    ['not JSON', 'ura,name', 'The file is not JSON.'],
    ['JSON of another kind', '{"a":\n1}', 'The file holds neither a FHIR Bundle nor an Organization.'],
    ['an empty Bundle', bundle(), 'The file holds no providers.'],
    ['a Bundle without entries', { resourceType: 'Bundle' }, 'The file holds no providers.'],
  ])('are not %s', async (_what, content, sentence) => {
    await expectNothingImported(await importFhir('register.json', content), sentence);
  });
});

describe('nothing is half imported', () => {
  const rows = Array.from({ length: 2_500 }, (_, row) => `${10_000_000 + row},Praktijk ${row},Zwolle,Z3`);

  it('when the records fail half-way', async () => {
    const { registry } = operator;
    const inTransaction = registry.inTransaction.bind(registry);
    jest.spyOn(registry, 'inTransaction').mockImplementation((act) =>
      inTransaction((records) => {
        const putAll: ProviderRecords['putAll'] = async (providers) => {
          await records.providers.putAll(providers.slice(0, 1_000));
          expect(await records.providers.search({ limit: 10_000 })).toHaveLength(1_000);
          throw new Error('disk full');
        };
        return act({ ...records, providers: { ...records.providers, putAll } });
      }),
    );
    await expect(importCsv(HEADER + rows.join('\n'))).rejects.toThrow('disk full');
    expect(await operator.providers()).toEqual([]);
    expect(operator.read(operator.registry.entries())).toEqual([]);
  });

  it('when the entry can not be kept', async () => {
    const { registry } = operator;
    const inTransaction = registry.inTransaction.bind(registry);
    const append = (): Promise<void> => Promise.reject(new Error('the log is full'));
    jest
      .spyOn(registry, 'inTransaction')
      .mockImplementation((act) =>
        inTransaction((records) => act({ ...records, audit: { ...records.audit, append } })),
      );
    await expect(importCsv(HEADER + rows.join('\n'))).rejects.toThrow('the log is full');
    expect(await operator.providers()).toEqual([]);
  });

  it('when the registry is away, which is said in a sentence', async () => {
    operator.registry.unavailable = true;
    const said = await importCsv(`${HEADER}${LINDE}\n`);
    expect([said.code, said.out]).toEqual([1, '']);
    expect(said.err).toContain('The registry is not available.');
    operator.registry.unavailable = false;
    expect(await operator.providers()).toEqual([]);
  });
});

describe('providers find', () => {
  beforeEach(async () => {
    await operator.registry.inTransaction((records) =>
      records.providers.putAll([
        makeProvider({ ...LINDE_KEPT, ura: LINDE_KEPT.ura as never, types: ['Z3', 'K3'] }),
        makeProvider({
          ura: '22222222' as never,
          name: 'Apotheek Zwolle-Zuid',
          place: 'Hattem',
          types: ['J8'],
        }),
      ]),
    );
  });

  it.each([
    ['12345678', ['12345678']],
    ['linde', ['12345678']],
    ['ZWOLLE', ['12345678', '22222222']],
    ['hattem', ['22222222']],
    ['99999999', []],
    ['nowhere', []],
  ])('finds %s', async (text, uras) => {
    const { code, out } = await operator.run('providers', 'find', text, '--json');
    expect(code).toBe(0);
    expect((JSON.parse(out) as { ura: string }[]).map(({ ura }) => ura)).toEqual(uras);
  });

  it('shows them in words', async () => {
    const { out } = await operator.run('providers', 'find', 'linde');
    expect(out).toBe(
      '12345678  De Linde  Zwolle  Z3 (GP practice), K3 (GP practice with an in-house pharmacy)\n',
    );
    expect((await operator.run('providers', 'find', 'nowhere')).out).toContain('No provider has this');
  });
});

describe('the command itself', () => {
  it('explains itself', async () => {
    const { code, out } = await operator.run('--help');
    expect(code).toBe(0);
    expect(out).toContain('clients');
    expect(out).toContain('providers');
    expect((await operator.run('providers', 'import', '--help')).out).toContain('--skip-refused');
  });

  it.each([[['nonsense']], [['providers']], [['providers', 'import']], [['clients', 'add', '--wrong']]])(
    'refuses %j',
    async (args) => {
      const { code, err } = await operator.run(...args);
      expect(code).toBe(1);
      expect(err).not.toBe('');
    },
  );
});
