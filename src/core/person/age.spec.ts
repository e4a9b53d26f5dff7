import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { Failure } from '../failure.js';
import {
  ageBandOf,
  ageOn,
  type Day,
  dayInAmsterdam,
  DUTCH_AGES,
  isDay,
  mayBeGuardian,
  needsGuardian,
  parseDay,
} from './age.js';

const day = (text: string): Day => parseDay(text);
const at = (text: string): Date => new Date(text);

const anyDay = fc
  .date({ min: at('1900-01-01T00:00:00Z'), max: at('2099-12-31T00:00:00Z'), noInvalidDate: true })
  .map((date) => day(date.toISOString().slice(0, 10)));

describe('a day', () => {
  it.each(['2026-11-21', '2024-02-29', '2000-02-29', '1900-12-31', '0001-01-01'])('%s exists', (text) => {
    expect(parseDay(text)).toBe(text);
  });

  it.each([
    '2026-02-29',
    '1900-02-29',
    '2026-04-31',
    '2026-13-01',
    '2026-00-10',
    '2026-01-00',
    '2026-1-1',
    '26-01-01',
    '',
    '2026-01-01T00:00',
    '2026-01-01\n',
    '２026-01-01',
  ])('%j does not exist', (text) => {
    expect(isDay(text)).toBe(false);
    expect(() => parseDay(text)).toThrow(Failure);
  });
});

describe('the day in the Netherlands', () => {
  it.each([
    ['in winter begins an hour before midnight UTC', '2026-01-31T22:59:59.999Z', '2026-01-31'],
    ['in winter begins an hour before midnight UTC', '2026-01-31T23:00:00.000Z', '2026-02-01'],
    ['in summer begins two hours before midnight UTC', '2026-06-30T21:59:59.999Z', '2026-06-30'],
    ['in summer begins two hours before midnight UTC', '2026-06-30T22:00:00.000Z', '2026-07-01'],
    ['on the day the clock goes forward begins in winter time', '2026-03-28T23:00:00.000Z', '2026-03-29'],
    ['on the day the clock goes forward ends in summer time', '2026-03-29T22:00:00.000Z', '2026-03-30'],
    ['on the day the clock goes back begins in summer time', '2026-10-24T22:00:00.000Z', '2026-10-25'],
    ['on the day the clock goes back ends in winter time', '2026-10-25T22:30:00.000Z', '2026-10-25'],
    ['begins the year there, not in UTC', '2026-12-31T23:00:00.000Z', '2027-01-01'],
  ])('%s: %s is %s', (_, moment, expected) => {
    expect(dayInAmsterdam(at(moment))).toBe(expected);
  });

  it('is a day that exists, whatever the moment', () => {
    fc.assert(
      fc.property(
        fc.date({ min: at('1900-01-01T12:00:00Z'), max: at('2099-12-31T00:00:00Z'), noInvalidDate: true }),
        (moment) => {
          expect(isDay(dayInAmsterdam(moment))).toBe(true);
        },
      ),
    );
  });
});

describe('age', () => {
  it.each([
    ['2014-11-21', '2026-11-20', 11],
    ['2014-11-21', '2026-11-21', 12],
    ['2014-11-21', '2026-11-22', 12],
    ['2014-12-31', '2026-01-01', 11],
    ['2012-02-29', '2024-02-28', 11],
    ['2012-02-29', '2024-02-29', 12],
    ['2012-02-29', '2025-02-28', 12],
    ['2012-02-29', '2025-03-01', 13],
    ['2012-02-29', '2028-02-28', 15],
    ['2012-02-29', '2028-02-29', 16],
    ['2026-11-21', '2026-11-21', 0],
  ])('born %s, on %s: %d years', (born, today, years) => {
    expect(ageOn(day(born), day(today))).toBe(years);
  });

  it('never goes down as days pass', () => {
    fc.assert(
      fc.property(anyDay, anyDay, anyDay, (born, one, two) => {
        const [earlier, later] = one < two ? [one, two] : [two, one];
        expect(ageOn(born, later)).toBeGreaterThanOrEqual(ageOn(born, earlier));
      }),
    );
  });

  it('goes up by one on each birthday', () => {
    fc.assert(
      fc.property(
        anyDay.filter((born) => !born.endsWith('02-29')),
        fc.integer({ min: 1, max: 99 }),
        (born, years) => {
          const year = String(Number(born.slice(0, 4)) + years).padStart(4, '0');
          const birthday = day(`${year}${born.slice(4)}`);
          const before = day(new Date(Date.parse(birthday) - 86_400_000).toISOString().slice(0, 10));
          expect([ageOn(born, before), ageOn(born, birthday)]).toEqual([years - 1, years]);
        },
      ),
    );
  });
});

describe('the ages at which the law changes who decides', () => {
  const born = day('2010-05-10');

  // In May the Netherlands is two hours ahead of UTC: the birthday begins at 22:00 UTC the evening before.
  it.each([
    ['the last second at 11', '2022-05-09T21:59:59Z', 'under-twelve'],
    ['the first second at 12', '2022-05-09T22:00:00Z', 'twelve-to-sixteen'],
    ['the last second at 15', '2026-05-09T21:59:59Z', 'twelve-to-sixteen'],
    ['the first second at 16', '2026-05-09T22:00:00Z', 'sixteen-or-older'],
    ['long after', '2090-01-01T00:00:00Z', 'sixteen-or-older'],
  ])('%s: %s', (_, moment, band) => {
    expect(ageBandOf(born, at(moment))).toBe(band);
    expect(needsGuardian(born, at(moment))).toBe(band !== 'sixteen-or-older');
  });

  it('someone may be a guardian from the first second at 18', () => {
    expect(mayBeGuardian(born, at('2028-05-09T21:59:59Z'))).toBe(false);
    expect(mayBeGuardian(born, at('2028-05-09T22:00:00Z'))).toBe(true);
  });

  it('someone born on 29 February turns 16 on 29 February, and 18 on 1 March', () => {
    const leap = day('2012-02-29');
    expect(needsGuardian(leap, at('2028-02-28T22:59:59Z'))).toBe(true);
    expect(needsGuardian(leap, at('2028-02-28T23:00:00Z'))).toBe(false);
    expect(mayBeGuardian(leap, at('2030-02-28T22:59:59Z'))).toBe(false);
    expect(mayBeGuardian(leap, at('2030-02-28T23:00:00Z'))).toBe(true);
  });

  it('are policy: another country can put them elsewhere', () => {
    const policy = { childSoloMinimum: 10, guardianUntil: 18, guardianMinimum: 21 };
    const atSeventeen = at('2027-06-01T12:00:00Z');
    expect([needsGuardian(born, atSeventeen), needsGuardian(born, atSeventeen, policy)]).toEqual([
      false,
      true,
    ]);
    expect(ageBandOf(born, at('2020-06-01T12:00:00Z'), policy)).toBe('twelve-to-sixteen');
    expect(mayBeGuardian(born, at('2030-06-01T12:00:00Z'), policy)).toBe(false);
  });

  it('are 12, 16 and 18 in the Netherlands', () => {
    expect(DUTCH_AGES).toEqual({ childSoloMinimum: 12, guardianUntil: 16, guardianMinimum: 18 });
  });

  it('nobody needs a guardian and may be one at the same moment', () => {
    fc.assert(
      fc.property(anyDay, anyDay, (birth, today) => {
        const moment = at(`${today}T12:00:00Z`);
        expect(needsGuardian(birth, moment) && mayBeGuardian(birth, moment)).toBe(false);
      }),
    );
  });
});
