import { expect, it } from '@jest/globals';
import { isDutch } from './provider.js';
import { parseUra } from './ura.js';

it('a requester with a URA number is Dutch, one with a country is not', () => {
  expect(isDutch({ ura: parseUra('10000001'), type: 'Z3' })).toBe(true);
  expect(isDutch({ country: 'BE', organisation: 'Hospital abroad' })).toBe(false);
});
