import { describe, expect, it } from '@jest/globals';
import { RegisterReading, type RegisterRow } from './import.js';

const GOOD: RegisterRow = {
  ura: '12345678',
  name: 'Huisartsenpraktijk De Linde',
  place: 'Zwolle',
  types: ['Z3'],
};

function complaintsAbout(given: Partial<RegisterRow>): readonly string[] {
  const reading = new RegisterReading();
  reading.take('line 2', { ...GOOD, ...given });
  return reading.refusals.flatMap(({ where, complaints }) =>
    complaints.map(({ field, problem }) => `${where}, ${field}: ${problem}`),
  );
}

describe('a row is taken', () => {
  it('as a provider', () => {
    const reading = new RegisterReading();
    reading.take('line 2', GOOD);
    expect(reading.providers).toEqual([GOOD]);
    expect([reading.refusals, reading.count]).toEqual([[], 1]);
  });

  it('without the spaces around its values, and each type once', () => {
    const reading = new RegisterReading();
    reading.take('line 2', {
      ura: ' 12345678 ',
      name: ' De Linde ',
      place: 'Zwolle\t',
      types: ['Z3', 'K3', 'Z3'],
    });
    expect(reading.providers).toEqual([
      { ura: '12345678', name: 'De Linde', place: 'Zwolle', types: ['Z3', 'K3'] },
    ]);
  });
});

describe('a row is refused', () => {
  it.each([
    ['', 'is empty; a URA number of eight digits is expected'],
    ['1234567', 'has 7 digits; eight are expected (spreadsheets drop zeros at the front)'],
    ['1', 'has 1 digit; eight are expected (spreadsheets drop zeros at the front)'],
    ['123456789', 'has 9 digits; eight are expected'],
    ['00000000', 'is all zeros; a real URA number is expected'],
    ['1234-678', 'holds something else than digits; a URA number of eight digits is expected'],
  ])('for the URA number "%s"', (ura, problem) => {
    expect(complaintsAbout({ ura })).toEqual([`line 2, ura: ${problem}`]);
  });

  it.each([
    ['name', '', 'is empty; text is expected'],
    ['name', 'x'.repeat(201), 'has 201 characters; at most 200 are expected'],
    ['name', 'De\nLinde', 'holds a line break or another control character; one line of text is expected'],
    ['place', ' ', 'is empty; text is expected'],
    ['place', 'x'.repeat(101), 'has 101 characters; at most 100 are expected'],
  ])('for its %s "%s"', (field, text, problem) => {
    expect(complaintsAbout({ [field]: text })).toEqual([`line 2, ${field}: ${problem}`]);
  });

  it('for types that are missing or unknown, each by name', () => {
    expect(complaintsAbout({ types: [] })).toEqual([
      'line 2, types: is empty; at least one provider type is expected, such as Z3',
    ]);
    const expected = 'is not a provider type of the catalogue; a code of RoleCodeNL is expected, such as Z3';
    expect(complaintsAbout({ types: ['Z3', 'z3', 'QQ1'] })).toEqual([
      `line 2, types: "z3" ${expected}`,
      `line 2, types: "QQ1" ${expected}`,
    ]);
  });

  it('with everything that is wrong at once', () => {
    expect(complaintsAbout({ ura: '1', name: '', place: '', types: [] })).toHaveLength(4);
  });

  it('without repeating a number that could be a BSN', () => {
    const bsn = '999990019';
    const said = complaintsAbout({ ura: bsn, name: '', types: [bsn] }).join('\n');
    expect(said).toContain('has 9 digits');
    expect(said).not.toContain(bsn);
  });

  it('when its URA number was in the file before; the first counts', () => {
    const reading = new RegisterReading();
    reading.take('line 2', GOOD);
    reading.take('line 3', { ...GOOD, ura: '12345679' });
    reading.take('line 4', { ...GOOD, name: 'Another name' });
    expect(reading.providers.map(({ name }) => name)).toEqual([GOOD.name, GOOD.name]);
    expect(reading.refusals).toEqual([
      {
        where: 'line 4',
        complaints: [
          {
            field: 'ura',
            problem: '12345678 is in this file before, at line 2; each URA number is expected once',
          },
        ],
      },
    ]);
    expect(reading.count).toBe(3);
  });
});

it('calls fields as the file does', () => {
  const reading = new RegisterReading();
  reading.fieldNames = { ura: 'identifier', name: 'name', place: 'address[0].city', types: 'type' };
  reading.take('entry 1', { ...GOOD, place: '' });
  expect(reading.refusals[0]?.complaints[0]?.field).toBe('address[0].city');
});
