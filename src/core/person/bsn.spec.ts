import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { Failure } from '../failure.js';
import { isBsn, parseBsn } from './bsn.js';

const digits = (length: number): fc.Arbitrary<string> =>
  fc.integer({ min: 0, max: 10 ** length - 1 }).map((number) => String(number).padStart(length, '0'));

/** The check digit that makes eight digits pass, if there is one: the weighted sum modulo 11, written independently of the product. */
function remainderOf(eight: string): number {
  let remainder = 0;
  let running = 0;
  for (const digit of eight) {
    running += Number(digit);
    remainder += running;
  }
  // Running totals give the weights 8…1; one more total of the digits makes 9…2.
  return (remainder + running) % 11;
}

/** How many strings of `length` digits have each weighted sum modulo 11, weights 9, 8, 7 … from the left. */
function countByRemainder(length: number): readonly number[] {
  if (length === 0) return [1, ...Array<number>(10).fill(0)];
  const weight = 10 - length;
  const counts = Array<number>(11).fill(0);
  countByRemainder(length - 1).forEach((count, remainder) => {
    for (let digit = 0; digit <= 9; digit += 1) {
      const next = (remainder + weight * digit) % 11;
      counts[next] = (counts[next] ?? 0) + count;
    }
  });
  return counts;
}

describe('the 11-test', () => {
  it('accepts numbers from the test range and refuses their neighbours', () => {
    expect(['999990019', '999990020', '123456782', '010464554'].map(isBsn)).toEqual([true, true, true, true]);
    expect(['999990018', '999990021', '123456789', '010464555'].map(isBsn)).toEqual([
      false,
      false,
      false,
      false,
    ]);
  });

  it('passes for at most one check digit: the weighted sum of the first eight, when that is below ten', () => {
    fc.assert(
      fc.property(digits(8), (eight) => {
        fc.pre(eight !== '00000000');
        const passing = Array.from({ length: 10 }, (_, digit) => String(digit)).filter((last) =>
          isBsn(eight + last),
        );
        const remainder = remainderOf(eight);
        expect(passing).toEqual(remainder === 10 ? [] : [String(remainder)]);
      }),
      { numRuns: 5_000 },
    );
  });

  /**
   * Together with the test above this counts without trying a thousand million numbers: one number passes for every eight
   * digits whose weighted sum is not 10 modulo 11. One of them is 000000000, which is no BSN.
   */
  it('passes for exactly 90,909,091 numbers, of which 90,909,090 are a BSN', () => {
    const counts = countByRemainder(8);
    const total = counts.reduce((sum, count) => sum + count, 0);
    expect(total).toBe(100_000_000);
    expect(total - (counts[10] ?? 0)).toBe(90_909_091);
    expect([remainderOf('00000000'), isBsn('000000000')]).toEqual([0, false]);
  });

  it('notices every single wrong digit', () => {
    fc.assert(
      fc.property(digits(9).filter(isBsn), fc.nat(8), fc.integer({ min: 1, max: 9 }), (bsn, place, shift) => {
        const digit = (Number(bsn[place]) + shift) % 10;
        expect(isBsn(`${bsn.slice(0, place)}${digit}${bsn.slice(place + 1)}`)).toBe(false);
      }),
    );
  });

  it('notices two neighbouring digits that changed places', () => {
    fc.assert(
      fc.property(digits(9).filter(isBsn), fc.nat(7), (bsn, place) => {
        const [one, two] = [bsn[place], bsn[place + 1]];
        fc.pre(one !== two);
        expect(isBsn(`${bsn.slice(0, place)}${two}${one}${bsn.slice(place + 2)}`)).toBe(false);
      }),
    );
  });
});

describe('a BSN', () => {
  it('is never 000000000', () => {
    expect(isBsn('000000000')).toBe(false);
  });

  it.each([
    '',
    '12345678',
    '1234567820',
    ' 123456782',
    '123456782\n',
    '12345678２',
    '1234567-2',
    '-12345678',
    '123.456.782',
  ])('is not %j', (text) => {
    expect(isBsn(text)).toBe(false);
  });

  it('comes out of parse as it went in, leading zero included', () => {
    expect(parseBsn('010464554')).toBe('010464554');
  });

  it('is refused without being repeated', () => {
    fc.assert(
      fc.property(
        fc.oneof(digits(9), fc.string()).filter((text) => !isBsn(text)),
        (text) => {
          const refusal = refusalOf(() => parseBsn(text));
          expect(refusal.code).toBe('BSN_INVALID');
          expect(refusal.message).toBe('A BSN has nine digits and passes the 11-test; check it.');
          expect(JSON.stringify(refusal)).toBe('{"code":"BSN_INVALID","facts":{},"name":"Failure"}');
        },
      ),
    );
  });
});

function refusalOf(act: () => unknown): Failure {
  try {
    act();
  } catch (error) {
    if (error instanceof Failure) return error;
  }
  throw new Error('nothing was refused');
}
