import { beforeEach, describe, expect, it, jest } from '@jest/globals';
import fc from 'fast-check';
import * as crypto from 'node:crypto';

const scrypt = jest.fn(crypto.scrypt as (...given: unknown[]) => void);
jest.unstable_mockModule('node:crypto', () => ({ ...crypto, scrypt }));

const {
  keepPairingCode,
  MOST_TRIES_PER_CODE,
  MOST_TRIES_PER_DAY,
  newPairingCode,
  opens,
  PAIRING_CODE_MS,
  readPairingCode,
  selectorOf,
  showPairingCode,
} = await import('./pairing-code.js');
type PairingCode = NonNullable<ReturnType<typeof readPairingCode>>;

const LETTERS = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';

/** A code from twelve numbers below 32. */
const codes = fc
  .array(fc.nat(31), { minLength: 12, maxLength: 12 })
  .map((places) => newPairingCode(() => Buffer.from(places)));

function read(text: string): PairingCode {
  const code = readPairingCode(text);
  if (!code) throw new Error('this code should be readable');
  return code;
}

const about = {
  childId: 'child',
  version: 3,
  madeAt: new Date('2026-11-21T12:00:00Z'),
  expiresAt: new Date('2026-11-24T12:00:00Z'),
};

describe('a new pairing code', () => {
  it('is twelve letters of Crockford base32, without I, L, O and U', () => {
    for (let count = 0; count < 200; count += 1) expect(newPairingCode()).toMatch(/^[0-9A-HJKMNP-TV-Z]{12}$/);
  });

  it('makes every letter equally likely: each from exactly eight of the 256 bytes', () => {
    const letters = Array.from(
      { length: 256 },
      (_, byte) => newPairingCode((size) => Buffer.alloc(size, byte))[0] ?? '',
    );
    for (const letter of LETTERS) expect(letters.filter((made) => made === letter)).toHaveLength(8);
  });

  it('takes each letter from a byte of its own', () => {
    expect(newPairingCode((size) => Buffer.from(Array.from({ length: size }, (_, place) => place)))).toBe(
      '0123456789AB',
    );
  });

  it('does not come twice', () => {
    const made = new Set(Array.from({ length: 2_000 }, () => newPairingCode()));
    expect(made.size).toBe(2_000);
  });
});

describe('reading a pairing code', () => {
  it('reads what was shown', () => {
    fc.assert(
      fc.property(codes, (code) => {
        expect(showPairingCode(code)).toMatch(/^.{4}-.{4}-.{4}$/);
        expect(readPairingCode(showPairingCode(code))).toBe(code);
      }),
    );
  });

  it('does not mind case, spaces, hyphens and look-alikes', () => {
    const habits = fc.record({
      lower: fc.boolean(),
      zero: fc.constantFrom('0', 'o', 'O'),
      one: fc.constantFrom('1', 'i', 'I', 'l', 'L'),
      between: fc.constantFrom('', ' ', '-', ' - ', '\t', '\u00a0'),
    });
    fc.assert(
      fc.property(codes, habits, (code, { lower, zero, one, between }) => {
        const typed = [...(lower ? code.toLowerCase() : code)]
          .join(between)
          .replaceAll('0', zero)
          .replaceAll('1', one);
        expect(readPairingCode(typed)).toBe(code);
      }),
    );
  });

  it.each([
    '',
    '7KQ4M2XD',
    '7KQ4-M2XD-9ABCD',
    '7KQ4-M2XD-9ABU',
    '7KQ4-M2XD-9AB',
    '7KQ4-M2XD-9AB!',
    '7KQ4.M2XD.9ABC',
    '٧KQ4-M2XD-9ABC',
  ])('%j is no code', (text) => {
    expect(readPairingCode(text)).toBeUndefined();
  });

  it('never reads two codes as one', () => {
    fc.assert(
      fc.property(codes, codes, (one, two) => {
        fc.pre(one !== two);
        expect(readPairingCode(showPairingCode(one))).not.toBe(readPairingCode(showPairingCode(two)));
      }),
    );
  });
});

describe('what is kept of a code', () => {
  const code = read('7KQ4-M2XD-9ABC');

  beforeEach(() => {
    scrypt.mockClear();
  });

  it('is the selector to find it by, and a salted slow hash of the rest', async () => {
    const [one, two] = [await keepPairingCode(code, about), await keepPairingCode(code, about)];
    expect(one).toMatchObject({ ...about, selector: '7KQ4' });
    expect([selectorOf(code), one.salt.length, one.hash.length]).toEqual(['7KQ4', 16, 32]);
    expect(one.hash.equals(two.hash)).toBe(false);
  });

  it('holds neither the code nor its secret part', async () => {
    const kept = JSON.stringify(Object.values(await keepPairingCode(code, about)).map(String));
    expect(kept).not.toContain('M2XD9ABC');
    expect(kept).not.toContain('M2XD');
  });

  it('is opened by that code alone', async () => {
    const kept = await keepPairingCode(code, about);
    expect(await opens(code, kept)).toBe(true);
    for (const wrong of ['7KQ4-M2XD-9ABD', '7KQ4-N2XD-9ABC', '7KQ5-M2XD-9ABC', '9ABC-7KQ4-M2XD']) {
      expect([wrong, await opens(read(wrong), kept)]).toEqual([wrong, false]);
    }
  });

  it('costs the same slow hash when there is no such selector as for a wrong secret', async () => {
    const kept = await keepPairingCode(code, about);
    const wrong = read('7KQ4-0000-0000');
    scrypt.mockClear();
    expect([await opens(wrong, kept), await opens(wrong, undefined)]).toEqual([false, false]);
    const [known, unknown] = scrypt.mock.calls.map(([secret, salt, length, cost]) => ({
      secret,
      saltLength: Buffer.isBuffer(salt) ? salt.length : 0,
      length,
      cost,
    }));
    expect(scrypt).toHaveBeenCalledTimes(2);
    expect(unknown).toEqual(known);
    expect(known).toEqual({ secret: '00000000', saltLength: 16, length: 32, cost: { N: 16384, r: 8, p: 1 } });
  });

  it('rises as a defect when the hash can not be made, so that nothing opens by failure', async () => {
    scrypt.mockImplementationOnce((...given) => {
      const done = given.at(-1) as (error: Error) => void;
      done(new Error('no memory'));
    });
    await expect(opens(code, undefined)).rejects.toThrow('no memory');
  });
});

describe('the arithmetic behind the limits', () => {
  it('leaves a guesser five tries of 2⁴⁰, ten a day, within three days', () => {
    const chance = MOST_TRIES_PER_CODE / 32 ** 8;
    expect(chance).toBeLessThan(5e-12);
    expect([MOST_TRIES_PER_CODE, MOST_TRIES_PER_DAY, PAIRING_CODE_MS / 3_600_000]).toEqual([5, 10, 72]);
  });
});
