import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { createHash, type KeyObject, randomBytes } from 'node:crypto';
import { parseBsn } from '../person/bsn.js';
import { decrypt, encrypt, Keyring, secretKey } from './keyring.js';

const newKey = (): KeyObject => secretKey(randomBytes(32));
const bytesOf = (made: KeyObject): Buffer => made.export();
const key = newKey();
const ring = new Keyring(randomBytes(32));
const [one, two] = [parseBsn('999990019'), parseBsn('999990020')];
const bytes = fc.uint8Array({ maxLength: 200 }).map((made) => Buffer.from(made));

function flipped(sealed: Buffer, place: number, bit: number): Buffer {
  const changed = Buffer.from(sealed);
  changed[place] = (changed[place] ?? 0) ^ (1 << bit);
  return changed;
}

describe('encryption', () => {
  it('gives back what went in, under the same key and context', () => {
    fc.assert(
      fc.property(bytes, fc.string(), (plain, context) => {
        expect(decrypt(key, encrypt(key, plain, context), context).equals(plain)).toBe(true);
      }),
    );
  });

  it('opens under no other key and in no other context', () => {
    const sealed = encrypt(key, Buffer.from('plain'), 'context');
    expect(() => decrypt(newKey(), sealed, 'context')).toThrow();
    expect(() => decrypt(key, sealed, 'contexT')).toThrow();
    expect(() => decrypt(key, sealed, '')).toThrow();
  });

  it('notices every changed bit: nonce, text and tag', () => {
    const sealed = encrypt(key, Buffer.from('plain'), 'context');
    for (let place = 0; place < sealed.length; place += 1) {
      for (let bit = 0; bit < 8; bit += 1)
        expect(() => decrypt(key, flipped(sealed, place, bit), 'context')).toThrow();
    }
  });

  it('opens nothing that was cut short or made longer', () => {
    const sealed = encrypt(key, Buffer.from('plain'), 'context');
    for (let length = 0; length < sealed.length; length += 1) {
      expect(() => decrypt(key, sealed.subarray(0, length), 'context')).toThrow();
    }
    expect(() => decrypt(key, Buffer.concat([sealed, Buffer.alloc(1)]), 'context')).toThrow();
  });

  it('never gives the same bytes twice', () => {
    const made = Array.from({ length: 100 }, () =>
      encrypt(key, Buffer.from('plain'), 'context').toString('hex'),
    );
    expect(new Set(made).size).toBe(100);
  });
});

describe('the keyring', () => {
  it.each([0, 16, 31, 33, 64])('takes a root of 32 bytes, not %d', (size) => {
    expect(() => new Keyring(Buffer.alloc(size, 1))).toThrow('the audit root key has 32 bytes');
  });

  it('wraps a fresh key for each person, which nobody else unwraps', () => {
    const [wrapped, again] = [ring.newWrappedKey('p1'), ring.newWrappedKey('p1')];
    expect(bytesOf(ring.unwrap('p1', wrapped))).toHaveLength(32);
    expect(ring.unwrap('p1', wrapped).equals(ring.unwrap('p1', wrapped))).toBe(true);
    expect(ring.unwrap('p1', wrapped).equals(ring.unwrap('p1', again))).toBe(false);
    expect(() => ring.unwrap('p2', wrapped)).toThrow();
    expect(() => new Keyring(randomBytes(32)).unwrap('p1', wrapped)).toThrow();
  });

  it('wraps so that the key itself is not in what is kept', () => {
    const wrapped = ring.newWrappedKey('p1');
    expect(wrapped.includes(bytesOf(ring.unwrap('p1', wrapped)))).toBe(false);
  });

  it('has one key per stranger and period', () => {
    const keys = [
      ring.strangerKey(one, '2026h1'),
      ring.strangerKey(one, '2026h2'),
      ring.strangerKey(two, '2026h1'),
      ring.strangerKey(two, '2026h2'),
      ring.systemKey(),
      ring.subjectKey('2026h1'),
      ring.subjectKey('2026h2'),
    ].map((made) => bytesOf(made).toString('hex'));
    expect(new Set(keys).size).toBe(keys.length);
    expect(bytesOf(ring.strangerKey(one, '2026h1')).toString('hex')).toBe(keys[0]);
  });

  it('makes keys that nobody without the root can compute from a BSN or a URA number', () => {
    const bare = (value: string): Buffer => createHash('sha256').update(value).digest();
    const known = [
      bare(one),
      bare(`2026h1|${one}`),
      bare('10000001').subarray(0, 16),
      bare('2026h1|10000001').subarray(0, 16),
    ];
    const made = [bytesOf(ring.strangerKey(one, '2026h1')), ring.partyTag('10000001', '2026h1')];
    for (const guess of known) expect(made.some((real) => real.equals(guess))).toBe(false);
    expect(
      new Keyring(randomBytes(32)).strangerKey(one, '2026h1').equals(ring.strangerKey(one, '2026h1')),
    ).toBe(false);
  });

  it('tags a provider the same within a period and otherwise in the next', () => {
    expect(ring.partyTag('10000001', '2026h1')).toHaveLength(16);
    expect(ring.partyTag('10000001', '2026h1').equals(ring.partyTag('10000001', '2026h1'))).toBe(true);
    expect(ring.partyTag('10000001', '2026h1').equals(ring.partyTag('10000001', '2026h2'))).toBe(false);
    expect(ring.partyTag('10000001', '2026h1').equals(ring.partyTag('10000002', '2026h1'))).toBe(false);
  });
});
