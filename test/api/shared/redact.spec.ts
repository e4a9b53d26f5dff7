import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { LineLog } from '../../../src/api/shared/log.js';
import { redact } from '../../../src/api/shared/redact.js';
import { isBsn } from '../../../src/core/person/bsn.js';
import { makeBsn } from '../../make.js';

describe('redaction', () => {
  it('takes a BSN out of any text around it', () => {
    const around = fc.string().filter((text) => !/\d$|^\d/.test(text));
    fc.assert(
      fc.property(around, around, (before, after) => {
        const bsn = makeBsn();
        expect(redact(`${before}${bsn}${after}`)).not.toContain(bsn);
      }),
      { numRuns: 300 },
    );
  });

  it.each([
    ['999990019', '[bsn]'],
    ['bsn=999990019&x', 'bsn=[bsn]&x'],
    ['BSN999990019a', 'BSN[bsn]a'],
    ['9999.90.019', '[bsn]'],
    ['999-990-019', '[bsn]'],
    ['999990019 and 999990019', '[bsn] and [bsn]'],
  ])('%s becomes %s', (text, redacted) => {
    expect(redact(text)).toBe(redacted);
  });

  it.each([['999990018'], ['1999990019'], ['9999900191'], ['00000001'], ['2026-11-21T09:30:00.123Z']])(
    '%s stays as it is',
    (text) => {
      expect(redact(text)).toBe(text);
    },
  );

  it('leaves exactly the nine-digit numbers that fail the 11-test', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 999_999_999 }), (number) => {
        const digits = String(number).padStart(9, '0');
        expect(redact(digits)).toBe(isBsn(digits) ? '[bsn]' : digits);
      }),
    );
  });
});

describe('the log', () => {
  function logged(act: (log: LineLog) => void): string {
    let text = '';
    const log = new LineLog({ write: (part: string) => (text += part) });
    act(log);
    log.flush();
    return text;
  }

  it('redacts everything, errors and their stacks included', () => {
    const bsn = makeBsn();
    const text = logged((log) => {
      log.line('info', `about ${bsn}`, { path: `/x/${bsn}` });
      log.error(new Error(`for ${bsn}`));
      log.warn({ bsn });
      log.warn(`hello ${bsn}`, 'Somewhere');
    });
    expect(text.trimEnd().split('\n')).toHaveLength(4);
    expect(text).not.toContain(bsn);
  });

  it('gives a line break from outside no line of its own', () => {
    const text = logged((log) => {
      log.line('info', 'x\n{"level":"fatal"}\r\n');
    });
    expect(text.trimEnd().split('\n')).toHaveLength(1);
  });
});
