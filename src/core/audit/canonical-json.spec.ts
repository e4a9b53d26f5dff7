import { describe, expect, it } from '@jest/globals';
import canonicalize from 'canonicalize';
import fc from 'fast-check';
import { canonicalJson } from './canonical-json.js';

/** Any text without half a surrogate pair, which is no text. */
const text = fc.string({ unit: 'binary' });
const field = fc.oneof(text, fc.boolean(), fc.maxSafeInteger());

describe('canonical JSON', () => {
  it('is what RFC 8785 asks for, byte by byte (against the reference implementation)', () => {
    fc.assert(
      fc.property(fc.dictionary(text, field, { noNullPrototype: true }), (fields) => {
        expect(canonicalJson(fields)).toBe(canonicalize(fields));
      }),
      { numRuns: 2_000 },
    );
  });

  it('sorts keys by UTF-16 code units, as the example of RFC 8785 §3.2.3', () => {
    const fields = { '\u20ac': 1, '\r': 2, '\ufb33': 3, '1': 4, '\ud83d\ude00': 5, '\u0080': 6, '\u00f6': 7 };
    expect(canonicalJson(fields)).toBe(
      '{"\\r":2,"1":4,"\u0080":6,"\u00f6":7,"\u20ac":1,"\ud83d\ude00":5,"\ufb33":3}',
    );
  });

  it('does not depend on the order in which fields were written', () => {
    expect(canonicalJson({ b: 1, a: 'x' })).toBe(canonicalJson({ a: 'x', b: 1 }));
  });

  it.each([0.5, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 53, -(2 ** 53)])(
    'refuses %p: its text could differ',
    (number) => {
      expect(() => canonicalJson({ n: number })).toThrow('field n of a leaf is not a safe integer');
    },
  );
});
