import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { Failure } from '../failure.js';
import { isEmail, parseEmail } from './email.js';

const local = 'a'.repeat(64);

describe('an e-mail address', () => {
  it.each([
    'sam@example.nl',
    'sam.de.vries+mitz@mail.example.nl',
    "o'neil@example.org",
    'SAM@EXAMPLE.NL',
    'x@a-b.example',
    '1_2%3@123.example',
    `${local}@example.nl`,
  ])('%s can be mailed', (text) => {
    expect(isEmail(text)).toBe(true);
  });

  it.each([
    '',
    'sam',
    'sam@',
    '@example.nl',
    'sam@example',
    'sam@@example.nl',
    'sam@exa mple.nl',
    'sam @example.nl',
    '.sam@example.nl',
    'sam.@example.nl',
    'sa..m@example.nl',
    'sam@.example.nl',
    'sam@example..nl',
    'sam@example.nl.',
    'sam@-example.nl',
    'sam@example-.nl',
    'sam@example.n',
    'sam@example.123',
    'sam@[127.0.0.1]',
    '"sam"@example.nl',
    'Sam <sam@example.nl>',
    'sam@example.nl,eve@example.nl',
    'sám@example.nl',
    `a${local}@example.nl`,
    `sam@${'a'.repeat(64)}.nl`,
    `sam@${'abcdefghi.'.repeat(26)}nl`,
  ])('%j can not', (text) => {
    expect(isEmail(text)).toBe(false);
    expect(() => parseEmail(text)).toThrow(Failure);
  });

  it('has at most 254 characters', () => {
    const domain = ['a', 'b', 'c', 'd'].map((letter) => letter.repeat(60)).join('.');
    const ofLength = (length: number): string => `${'x'.repeat(length - domain.length - 1)}@${domain}`;
    expect([ofLength(254), ofLength(255)].map((text) => [text.length, isEmail(text)])).toEqual([
      [254, true],
      [255, false],
    ]);
  });

  it('carries no line break into the head of a mail', () => {
    fc.assert(
      fc.property(
        fc.string(),
        fc.constantFrom('\r', '\n', '\r\n', '\0'),
        fc.string(),
        (before, breaking, after) => {
          expect(isEmail(`${before}${breaking}${after}@example.nl`)).toBe(false);
          expect(isEmail(`sam@example.nl${breaking}${after}`)).toBe(false);
        },
      ),
    );
  });

  it('is read quickly, however it is written', () => {
    const started = performance.now();
    for (const piece of ['a-', 'a.', '-', '.', 'a']) isEmail(`sam@${piece.repeat(100_000)}!`);
    expect(performance.now() - started).toBeLessThan(500);
  });
});

describe('reading an e-mail address', () => {
  it('leaves the part before the @ as it was and folds the domain', () => {
    expect(parseEmail('  Sam.DeVries@Example.NL ')).toBe('Sam.DeVries@example.nl');
  });

  it('changes nothing the second time', () => {
    fc.assert(
      fc.property(fc.emailAddress(), (text) => {
        fc.pre(isEmail(text));
        expect(parseEmail(parseEmail(text))).toBe(parseEmail(text));
      }),
    );
  });

  it('refuses without repeating what was typed', () => {
    expect(() => parseEmail('secret')).toThrow('Write an e-mail address like name@example.nl.');
  });
});
