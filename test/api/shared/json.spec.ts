import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { isUtf8, saysTwice } from '../../../src/api/shared/json.js';

const check = (text: string): boolean => saysTwice(text, JSON.parse(text));

describe('a name said twice', () => {
  it('is never found in what a serializer wrote, however strange its texts', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.nat(2), (value, space) => {
        expect(check(JSON.stringify(value, null, space))).toBe(false);
      }),
    );
  });

  it('is found wherever one is put', () => {
    fc.assert(
      fc.property(fc.string(), fc.jsonValue(), fc.jsonValue(), (name, first, second) => {
        const [key, one, two] = [name, first, second].map((part) => JSON.stringify(part));
        expect(check(`{"x":[{${key}:${one} , ${key} : ${two}}]}`)).toBe(true);
      }),
    );
  });

  it('is told by the name, not by how it is written', () => {
    expect(check('{"a":1,"\\u0061":2}')).toBe(true);
    expect(check('{"a":"\\"a\\":","b":{"a":1}}')).toBe(false);
  });

  it('takes no long time to look for in the longest texts', () => {
    const started = performance.now();
    for (const part of ['a', '\\n', '\\u0041', '\\"', ' ']) {
      expect(check(`{"a":"${part.repeat(1_000_000 / part.length)}"}`)).toBe(false);
    }
    expect(check(`[${' '.repeat(1_000_000)}]`)).toBe(false);
    expect(check(`${'['.repeat(50_000)}${']'.repeat(50_000)}`)).toBe(false);
    expect(performance.now() - started).toBeLessThan(2_000);
  });
});

describe('a content type', () => {
  it.each([
    ['application/json', true],
    ['application/json; charset=utf-8', true],
    ['application/json;charset="UTF-8"', true],
    ['application/json; charset=utf-16', false],
    ['application/json; charset=iso-8859-1', false],
  ])('%s is read as UTF-8: %s', (type, expected) => {
    expect(isUtf8(type)).toBe(expected);
  });
});
