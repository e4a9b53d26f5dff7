import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { Failure } from '../failure.js';
import { isUra, parseUra } from './ura.js';

describe('a URA number', () => {
  it('is every number of eight digits but zero', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 99_999_999 }), (number) => {
        const text = String(number).padStart(8, '0');
        expect(parseUra(text)).toBe(text);
      }),
    );
  });

  it.each([
    '',
    '00000000',
    '1234567',
    '123456789',
    ' 12345678',
    '12345678\n',
    '1234567a',
    '１2345678',
    '-1234567',
    '1234.678',
  ])('is not %j', (text) => {
    expect(isUra(text)).toBe(false);
    expect(() => parseUra(text)).toThrow(Failure);
  });
});
