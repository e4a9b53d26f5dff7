import { describe, expect, it } from '@jest/globals';
import { REASONS } from './rule.js';
import { SENTENCES } from './sentences.js';

const texts = REASONS.flatMap((reason) =>
  (['nl', 'en'] as const).map((language) => ({ reason, language, text: SENTENCES[reason][language] })),
);

const sentencesIn = (text: string): string[] => text.split(/(?<=[.?!])\s+/);

describe('the sentence for a reason', () => {
  it('exists for every reason and for nothing else', () => {
    expect(Object.keys(SENTENCES).sort()).toEqual([...REASONS].sort());
  });

  it.each(texts)('$reason in $language is plain: whole sentences of at most 20 words (B1)', ({ text }) => {
    expect(text).toMatch(/^\p{Lu}.*\.$/u);
    for (const sentence of sentencesIn(text)) {
      expect(sentence).toMatch(/^\p{Lu}.*[.?!]$/u);
      expect(sentence.split(/\s+/).length).toBeLessThanOrEqual(20);
    }
  });

  it.each(texts)(
    '$reason in $language speaks to the person, without codes or words of the trade',
    ({ text }) => {
      expect(text).not.toMatch(/_|GGC|RPZAC|COC|TREAT|URA|BSN|null|undefined/);
      expect(text).not.toMatch(
        /\b(u|uw|conform|betreffende|autorisatie|authori[sz]ation|requester|data subject)\b/i,
      );
    },
  );

  it.each(['nl', 'en'] as const)('is another one for each reason (%s)', (language) => {
    expect(new Set(REASONS.map((reason) => SENTENCES[reason][language])).size).toBe(REASONS.length);
  });

  it('says no where the answer is no', () => {
    const no = /\b(nee|niet|niets|geen|no|not|nothing)\b/;
    const yes = ['YES_ALL', 'YES_GROUP', 'YES_PROVIDER', 'PRESUMED'];
    for (const { reason, text } of texts)
      expect([reason, no.test(text)]).toEqual([reason, !yes.includes(reason)]);
  });
});
