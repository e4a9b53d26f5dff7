import { expect, it } from '@jest/globals';
import { parseDay } from './age.js';
import { parseBsn } from './bsn.js';
import { parseEmail } from './email.js';
import { type Person, requireBirthDate } from './person.js';

const stranger: Person = { id: 'p1', bsn: parseBsn('999990019'), auditKey: Buffer.alloc(60) };
const account = {
  displayName: 'Sam',
  email: parseEmail('sam@example.nl'),
  language: 'nl',
  termsVersion: '2026-11-01',
  termsAcceptedAt: new Date('2026-11-21T12:00:00Z'),
  createdAt: new Date('2026-11-21T12:00:00Z'),
} as const;

it('someone who filled in details has a birth date', () => {
  expect(requireBirthDate({ ...stranger, account, bornOn: parseDay('2012-03-01') })).toBe('2012-03-01');
});

it.each([
  ['nothing', stranger],
  [
    'only a birth date, given by a care provider',
    { ...stranger, bornOn: parseDay('2012-03-01'), bornOnSource: 'provider' },
  ],
  ['an account without a birth date', { ...stranger, account }],
] as const)('someone of whom the registry has %s is sent to fill in the details', (_, person) => {
  expect(() => requireBirthDate(person)).toThrow(expect.objectContaining({ code: 'DETAILS_MISSING' }));
});
