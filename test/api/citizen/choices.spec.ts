import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { childOf14, openCitizenDoor, type OpenedDoor } from './door.js';

const TO_HOSPITALS = {
  holder: 'group:general-practice',
  requester: 'group:hospital',
  dataCategory: 'all',
  answer: 'yes',
};
const CERTAIN = { option: 'certain', choices: [TO_HOSPITALS] };

describe('my choices', () => {
  let door: OpenedDoor;

  beforeAll(async () => {
    door = await openCitizenDoor();
  });

  afterAll(() => door.close());

  const adult = async () => door.signIn(await door.addPerson());

  it('are none before the first choice', async () => {
    const { body, headers } = await (await adult()).get('/me/choices').expect(200);
    expect(body).toEqual({ needsGuardian: false, latest: 0 });
    expect(headers['etag']).toBe('"0.0.0"');
    expect(headers['cache-control']).toBe('no-store');
    expect(headers['api-version']).toBe('1.0.0');
  });

  it('are in force at once, under a new tag', async () => {
    const browser = await adult();
    const { body, headers } = await browser
      .put('/me/choices', CERTAIN)
      .set('If-Match', '"0.0.0"')
      .expect(200);
    const version = {
      number: 1,
      state: 'in-force',
      option: 'certain',
      choices: [TO_HOSPITALS],
      catalogueVersion: '2026-1',
      madeAt: '2026-11-21T10:00:00.000Z',
      madeBy: { kind: 'self' },
      inForceFrom: '2026-11-21T10:00:00.000Z',
    };
    const profile = { inForce: version, needsGuardian: false, latest: 1 };
    expect(body).toEqual({ version, profile });
    expect(headers['etag']).toBe('"1.1.0"');
    const read = await browser.get('/me/choices').expect(200);
    expect(read.body).toEqual(profile);
    expect(read.headers['etag']).toBe('"1.1.0"');
  });

  it.each(['all', 'none'])('can be %s in one word', async (option) => {
    const { body, status } = await (await adult()).choose({ option });
    expect(status).toBe(200);
    const answer = option === 'all' ? 'yes' : 'no';
    const choices = [{ holder: 'all', requester: 'all', dataCategory: 'all', answer }];
    expect(body).toMatchObject({ profile: { inForce: { option, choices } } });
  });

  it('are not saved without the tag of what was on the screen', async () => {
    const browser = await adult();
    const { body } = await browser.put('/me/choices', { option: 'all' }).expect(428);
    expect(body).toMatchObject({ code: 'PRECONDITION_MISSING' });
    expect((await browser.get('/me/choices')).body).toMatchObject({ latest: 0 });
  });

  it.each(['"1.1.0"', 'W/"0.0.0"', '0.0.0', '*', '"0.0.0", "1.1.0"'])(
    'are not saved over others: If-Match %s',
    async (tag) => {
      const browser = await adult();
      const { body } = await browser.put('/me/choices', { option: 'all' }).set('If-Match', tag).expect(412);
      expect(body).toMatchObject({ code: 'VERSION_CHANGED' });
      expect((await browser.get('/me/choices')).body).toMatchObject({ latest: 0 });
    },
  );

  it('show the present ones, and their tag, to whoever was too late', async () => {
    const browser = await adult();
    await browser.choose({ option: 'none' });
    const { body, headers } = await browser
      .put('/me/choices', CERTAIN)
      .set('If-Match', '"0.0.0"')
      .expect(412);
    expect(headers['content-type']).toMatch(/^application\/problem\+json/);
    expect(body).toMatchObject({
      code: 'VERSION_CHANGED',
      status: 412,
      current: { inForce: { number: 1, option: 'none' }, needsGuardian: false, latest: 1 },
    });
    expect(headers['etag']).toBe('"1.1.0"');
    await browser.put('/me/choices', CERTAIN).set('If-Match', '"1.1.0"').expect(200);
  });

  it('go to one of two who save at the same time', async () => {
    const person = await door.addPerson();
    const [one, other] = [await door.signIn(person), await door.signIn(person)];
    const answers = await Promise.all([
      one.put('/me/choices', { option: 'all' }).set('If-Match', '"0.0.0"'),
      other.put('/me/choices', { option: 'none' }).set('If-Match', '"0.0.0"'),
    ]);
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 412]);
    const winner = answers.find(({ status }) => status === 200);
    const { body } = await one.get('/me/choices');
    expect(body).toMatchObject({ latest: 1 });
    expect(body).toEqual((winner?.body as { profile: object }).profile);
  });

  describe('with an Idempotency-Key', () => {
    const KEY = '6f1c2f4e-3a52-4d0e-9c6d-0a8f8f3f7b1d';

    it('give the same version for the same request, once', async () => {
      const browser = await adult();
      const save = () =>
        browser.put('/me/choices', CERTAIN).set('If-Match', '"0.0.0"').set('Idempotency-Key', KEY);
      const first = await save().expect(200);
      const again = await save().expect(200);
      expect(again.body).toEqual(first.body);
      expect(again.headers['etag']).toBe(first.headers['etag']);
      expect((await browser.get('/me/versions')).body).toHaveLength(1);
      const both = await Promise.all([save(), save()]);
      expect(both.map(({ status }) => status)).toEqual([200, 200]);
      expect((await browser.get('/me/versions')).body).toHaveLength(1);
    });

    it('are refused for another request', async () => {
      const browser = await adult();
      await browser.put('/me/choices', CERTAIN).set('If-Match', '"0.0.0"').set('Idempotency-Key', KEY);
      const { body } = await browser
        .put('/me/choices', { option: 'all' })
        .set('If-Match', '"1.1.0"')
        .set('Idempotency-Key', KEY)
        .expect(422);
      expect(body).toMatchObject({ code: 'IDEMPOTENCY_KEY_REUSED' });
      expect((await browser.get('/me/choices')).body).toMatchObject({ latest: 1 });
    });

    it('do not meet the key of somebody else', async () => {
      for (const browser of [await adult(), await adult()]) {
        const { body } = await browser
          .put('/me/choices', CERTAIN)
          .set('If-Match', '"0.0.0"')
          .set('Idempotency-Key', KEY)
          .expect(200);
        expect(body).toMatchObject({ version: { number: 1 } });
      }
    });

    it.each(['short', 'k'.repeat(65), 'with a space'])('refuse the key "%s"', async (key) => {
      const { body } = await (
        await adult()
      )
        .put('/me/choices', CERTAIN)
        .set('If-Match', '"0.0.0"')
        .set('Idempotency-Key', key)
        .expect(400);
      expect(body).toMatchObject({ code: 'INPUT_INVALID', errors: [{ field: 'Idempotency-Key' }] });
    });

    it.each(['k'.repeat(8), 'k'.repeat(64)])('take the key %s', async (key) => {
      await (
        await adult()
      )
        .put('/me/choices', CERTAIN)
        .set('If-Match', '"0.0.0"')
        .set('Idempotency-Key', key)
        .expect(200);
    });
  });

  it('wait for first use to be completed', async () => {
    const browser = await door.signIn(await door.addPerson({ account: undefined, bornOn: undefined }));
    const { body, status } = await browser.choose({ option: 'all' });
    expect(status).toBe(409);
    expect(body).toMatchObject({ code: 'DETAILS_MISSING' });
  });

  it('of a child wait for a parent or guardian, and what was in force stays', async () => {
    const browser = await door.signIn(await door.addPerson(childOf14()));
    const { body, headers } = await browser.put('/me/choices', { option: 'all' }).set('If-Match', '"0.0.0"');
    expect(body).toMatchObject({
      version: { number: 1, state: 'awaiting-guardian' },
      profile: { awaiting: { number: 1 }, needsGuardian: true, latest: 1 },
    });
    expect((body as { profile: object }).profile).not.toHaveProperty('inForce');
    expect(headers['etag']).toBe('"1.0.1"');
  });

  it.each([
    ['no option', {}, ['option']],
    ['an option that does not exist', { option: 'some' }, ['option']],
    ['a list beside "all"', { option: 'all', choices: [TO_HOSPITALS] }, ['choices']],
    ['"certain" without a list', { option: 'certain' }, ['choices']],
    ['a list of null', { option: 'certain', choices: null }, ['choices']],
    ['something that is no list', { option: 'certain', choices: TO_HOSPITALS }, ['choices']],
    ['a choice that is no object', { option: 'certain', choices: ['yes'] }, ['choices']],
    ['a list in the list, empty', { option: 'certain', choices: [[]] }, ['choices']],
    ['a list in the list', { option: 'certain', choices: [[TO_HOSPITALS]] }, ['choices']],
    [
      'four wrong fields in two choices',
      {
        option: 'certain',
        choices: [
          { ...TO_HOSPITALS, holder: 'group:eu', answer: 'maybe' },
          { ...TO_HOSPITALS, requester: 'provider:123', dataCategory: 'GGC999' },
        ],
      },
      ['choices.0.answer', 'choices.0.holder', 'choices.1.dataCategory', 'choices.1.requester'],
    ],
    [
      'the same twice',
      { option: 'certain', choices: [TO_HOSPITALS, { ...TO_HOSPITALS, answer: 'no' }] },
      ['choices.1'],
    ],
    [
      'a field too many',
      { option: 'certain', choices: [{ ...TO_HOSPITALS, until: '2030' }] },
      ['choices.0.until'],
    ],
    [
      '501 choices',
      { option: 'certain', choices: Array.from({ length: 501 }, () => TO_HOSPITALS) },
      ['choices'],
    ],
  ])('refuse %s', async (_, draft, fields) => {
    const browser = await adult();
    const { body } = await browser.put('/me/choices', draft).set('If-Match', '"0.0.0"').expect(400);
    expect(body).toMatchObject({ code: 'INPUT_INVALID' });
    const { errors } = body as { errors: { field: string }[] };
    expect(errors.map(({ field }) => field).sort()).toEqual(fields);
    await browser.post('/me/choices/preview', draft).expect(400);
  });

  it('can name a care provider that is in the register, and no other', async () => {
    const browser = await adult();
    const { ura } = await door.addProvider();
    const draft = (number: string) => ({
      option: 'certain',
      choices: [{ ...TO_HOSPITALS, holder: `provider:${number}`, answer: 'no' }],
    });
    expect((await browser.choose(draft(ura))).status).toBe(200);
    const { body, status } = await browser.choose(draft('99999999'));
    expect(status).toBe(422);
    expect(body).toMatchObject({ code: 'PROVIDER_UNKNOWN', errors: [{ field: 'choices.0.holder' }] });
  });

  it('are nobody else’s', async () => {
    const mine = await adult();
    await mine.choose({ option: 'all' });
    expect((await (await adult()).get('/me/choices')).body).toEqual({ needsGuardian: false, latest: 0 });
  });
});
