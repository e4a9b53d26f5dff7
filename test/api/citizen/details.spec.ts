import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { makeAccount } from '../../make.js';
import { openCitizenDoor, type OpenedDoor } from './door.js';

const GOOD = {
  displayName: 'Sam',
  email: 'Sam@Example.ORG',
  bornOn: '1980-05-17',
  language: 'en',
  termsVersion: '2026-11-01',
};

describe('my details', () => {
  let door: OpenedDoor;

  beforeAll(async () => {
    door = await openCitizenDoor();
  });

  afterAll(() => door.close());

  const newcomer = async () =>
    door.signIn(await door.addPerson({ account: undefined, bornOn: undefined, bornOnSource: undefined }));

  it('are absent before first use', async () => {
    expect((await (await newcomer()).get('/me/details').expect(200)).body).toEqual({ bornOnFixed: false });
  });

  it('are kept, with the domain of the address in lower case, and complete first use', async () => {
    const browser = await newcomer();
    const expected = {
      displayName: 'Sam',
      email: 'Sam@example.org',
      bornOn: '1980-05-17',
      bornOnSource: 'self',
      bornOnFixed: true,
      language: 'en',
      termsVersion: '2026-11-01',
      termsAcceptedAt: '2026-11-21T10:00:00.000Z',
    };
    expect((await browser.put('/me/details', GOOD).expect(200)).body).toEqual(expected);
    expect((await browser.get('/me/details')).body).toEqual(expected);
    expect((await browser.get('/session')).body).toMatchObject({ onboarding: 'ready', displayName: 'Sam' });
  });

  it('change, except for the date of birth', async () => {
    const browser = await newcomer();
    await browser.put('/me/details', GOOD).expect(200);
    await browser.put('/me/details', { ...GOOD, displayName: 'Sam 2', language: 'nl' }).expect(200);
    const { body } = await browser.put('/me/details', { ...GOOD, bornOn: '2012-05-17' }).expect(409);
    expect(body).toMatchObject({ code: 'BIRTH_DATE_FIXED' });
    expect((await browser.get('/me/details')).body).toMatchObject({
      displayName: 'Sam 2',
      bornOn: '1980-05-17',
    });
  });

  it('keep a date of birth that a care provider gave', async () => {
    const person = await door.addPerson({ account: undefined, bornOnSource: 'provider' });
    const browser = await door.signIn(person);
    expect((await browser.get('/me/details')).body).toEqual({
      bornOn: '1980-05-17',
      bornOnSource: 'provider',
      bornOnFixed: true,
    });
    await browser.put('/me/details', { ...GOOD, bornOn: '1981-05-17' }).expect(409);
    expect((await browser.put('/me/details', GOOD).expect(200)).body).toMatchObject({
      bornOnSource: 'provider',
    });
  });

  it('ask again when the terms changed', async () => {
    const account = makeAccount({ termsVersion: '2020-01-01' });
    const browser = await door.signIn(await door.addPerson({ account }));
    expect((await browser.get('/session')).body).toMatchObject({ onboarding: 'terms-changed' });
    await browser.put('/me/details', GOOD).expect(200);
    expect((await browser.get('/session')).body).toMatchObject({ onboarding: 'ready' });
  });

  it('tell all wrong fields at once, and never what was sent', async () => {
    const browser = await newcomer();
    const wrong = {
      displayName: '',
      email: 'not an address',
      bornOn: '1980-02-30',
      language: 'fr',
      termsVersion: 1,
      admin: true,
    };
    const { body, text, headers } = await browser.put('/me/details', wrong).expect(400);
    expect(headers['content-type']).toMatch(/^application\/problem\+json/);
    expect(body).toMatchObject({ code: 'INPUT_INVALID', status: 400 });
    const { errors } = body as { errors: { field: string; message: string }[] };
    expect(errors.map(({ field }) => field).sort()).toEqual([
      'admin',
      'bornOn',
      'displayName',
      'email',
      'language',
      'termsVersion',
    ]);
    expect(text).not.toContain('not an address');
    await browser.put('/me/details', {}).expect(400);
  });

  it.each([
    ['a control character', 'Sam\u0007'],
    ['a line break', 'Sam\nPaid'],
    ['nothing visible', '   '],
    ['a character that turns the text around', 'Sam\u202etxt'],
    ['81 characters', 'S'.repeat(81)],
    ['half a character', 'Sam\ud800'],
    ['something that is not text', ['Sam']],
    ['a Hangul filler only', '\u115f'],
    ['a Hangul filler in it', 'Sam\u3164'],
    ['a soft hyphen', 'Sa\u00adm'],
    ['a joiner between Latin letters', 'Sa\u200dm'],
    ['a joiner at its end', 'Sam\u200d'],
    ['a space without width', 'Sam\u200b'],
    ['an isolate', 'Sam\u2067'],
    ['tags, which show nothing', 'Sam\u{e0041}'],
    ['an empty Braille pattern', 'Sam \u2800'],
    ['marks piled up', `S${'\u0301'.repeat(5)}am`],
    ['marks piled up on a letter that has one', `\u00e9${'\u0301'.repeat(4)}`],
    ['a BSN', 'Sam 999990019'],
    ['a BSN in groups', 'Sam 9999.90.019'],
    ['a BSN in wide digits', '９９９９９００１９'],
    ['a BSN spread out', '9 9 9 9 9 0 0 1 9'],
  ])('refuse a name with %s', async (_, displayName) => {
    const { body } = await (await newcomer()).put('/me/details', { ...GOOD, displayName }).expect(400);
    expect(body).toMatchObject({ errors: [{ field: 'displayName' }] });
  });

  it.each([
    'S',
    'Ælfgifu Ðorsdóttir',
    '李小龙',
    'Sam 🧑‍🚀',
    'S'.repeat(80),
    '🙂'.repeat(80),
    "D'Artagnan-Łoś",
    'علی‌رضا',
    'ක්‍ෂ',
    '❤️ Sam',
    '👩🏽‍🚀',
    'Nguyễn',
    'Sam 123456789',
  ])('take the name %s', async (displayName) => {
    const { body } = await (await newcomer()).put('/me/details', { ...GOOD, displayName }).expect(200);
    expect(body).toMatchObject({ displayName });
  });

  it.each([
    ['in the future', { bornOn: '2026-11-22' }, 'bornOn'],
    ['131 years ago', { bornOn: '1895-11-20' }, 'bornOn'],
    ['with old terms', { termsVersion: '2020-01-01' }, 'termsVersion'],
  ])('refuse a birth %s', async (_, given, field) => {
    const { body } = await (await newcomer()).put('/me/details', { ...GOOD, ...given }).expect(400);
    expect(body).toMatchObject({ code: 'INPUT_INVALID', errors: [{ field }] });
  });

  it('are nobody else’s', async () => {
    const mine = await newcomer();
    const theirs = await newcomer();
    await mine.put('/me/details', GOOD).expect(200);
    expect((await theirs.get('/me/details')).body).toEqual({ bornOnFixed: false });
  });
});
