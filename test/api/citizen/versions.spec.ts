import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { makeUra, makeVersion } from '../../make.js';
import { childOf14, openCitizenDoor, type OpenedDoor } from './door.js';

describe('the versions of my choices', () => {
  let door: OpenedDoor;

  beforeAll(async () => {
    door = await openCitizenDoor();
  });

  afterAll(() => door.close());

  const chooser = async () => {
    const browser = await door.signIn(await door.addPerson());
    for (const option of ['all', 'none']) expect((await browser.choose({ option })).status).toBe(200);
    return browser;
  };

  it('are listed, newest first, with what became of each', async () => {
    const { body } = await (await chooser()).get('/me/versions').expect(200);
    expect(body).toMatchObject([
      { number: 2, option: 'none', state: 'in-force', madeBy: { kind: 'self' } },
      { number: 1, option: 'all', state: 'superseded', endedAt: '2026-11-21T10:00:00.000Z' },
    ]);
    expect((body as object[])[0]).not.toHaveProperty('endedAt');
  });

  it('are none for someone who never chose', async () => {
    const browser = await door.signIn(await door.addPerson());
    expect((await browser.get('/me/versions').expect(200)).body).toEqual([]);
  });

  it('can be read one by one', async () => {
    expect((await (await chooser()).get('/me/versions/1').expect(200)).body).toMatchObject({
      number: 1,
      option: 'all',
    });
  });

  it('tell which care provider made one, and no system or person id', async () => {
    const person = await door.addPerson();
    const ura = makeUra();
    const madeBy = { kind: 'provider', ura, clientId: 'client-x' } as const;
    await door.registry.inTransaction((records) =>
      records.consents.add(makeVersion({ personId: person.id, madeBy })),
    );
    const { body, text } = await (await door.signIn(person)).get('/me/versions/1').expect(200);
    expect(body).toMatchObject({ madeBy: { kind: 'provider', ura } });
    expect(text).not.toContain('client-x');
    expect(text).not.toContain(person.id);
  });

  it('that do not exist are not found, and neither are those of others', async () => {
    await chooser();
    const browser = await door.signIn(await door.addPerson());
    expect((await browser.get('/me/versions/1').expect(404)).body).toMatchObject({
      code: 'VERSION_NOT_FOUND',
    });
    const restored = await browser.post('/me/versions/1/restoration').set('If-Match', '"0.0.0"').expect(404);
    expect(restored.body).toMatchObject({ code: 'VERSION_NOT_FOUND' });
  });

  it.each(['0', '-1', '1.5', '1e3', 'x', '12345678901'])('are not numbered %s', async (number) => {
    const { body } = await (await chooser()).get(`/me/versions/${number}`).expect(400);
    expect(body).toMatchObject({ code: 'INPUT_INVALID', errors: [{ field: 'number' }] });
  });

  it('can be chosen again, as a new version', async () => {
    const browser = await chooser();
    const { body, headers } = await browser
      .post('/me/versions/1/restoration')
      .set('If-Match', '"2.2.0"')
      .expect(200);
    expect(body).toMatchObject({
      version: { number: 3, option: 'all', restoredFrom: 1, state: 'in-force' },
      profile: { inForce: { number: 3 }, latest: 3 },
    });
    expect(headers['etag']).toBe('"3.3.0"');
  });

  it('with a list of choices come back with that list', async () => {
    const browser = await chooser();
    const choices = [
      { holder: 'group:pharmacy', requester: 'all', dataCategory: 'GGC013', answer: 'yes' },
      { holder: 'all', requester: 'group:eu', dataCategory: 'all', answer: 'no' },
    ];
    await browser.choose({ option: 'certain', choices });
    await browser.choose({ option: 'none' });
    const { body } = await browser.post('/me/versions/3/restoration').set('If-Match', '"4.4.0"').expect(200);
    expect(body).toMatchObject({ version: { number: 5, option: 'certain', choices, restoredFrom: 3 } });
  });

  it('are not restored blindly, nor over a change, and the refusal shows the present ones', async () => {
    const browser = await chooser();
    const blind = await browser.post('/me/versions/1/restoration').expect(428);
    expect(blind.body).toMatchObject({ code: 'PRECONDITION_MISSING' });
    const late = await browser.post('/me/versions/1/restoration').set('If-Match', '"1.1.0"').expect(412);
    expect(late.body).toMatchObject({ code: 'VERSION_CHANGED', current: { inForce: { number: 2 } } });
  });

  it('are restored once by the same request twice', async () => {
    const browser = await chooser();
    const restore = () =>
      browser
        .post('/me/versions/1/restoration')
        .set('If-Match', '"2.2.0"')
        .set('Idempotency-Key', 'restore-0001')
        .expect(200);
    const first = await restore();
    expect((await restore()).body).toEqual(first.body);
    expect((await browser.get('/me/versions')).body).toHaveLength(3);
  });

  it('of a child wait for a parent or guardian when restored', async () => {
    const child = await door.addPerson(childOf14());
    await door.registry.inTransaction((records) => records.consents.add(makeVersion({ personId: child.id })));
    const browser = await door.signIn(child);
    const { body } = await browser.post('/me/versions/1/restoration').set('If-Match', '"1.1.0"').expect(200);
    expect(body).toMatchObject({
      version: { number: 2, state: 'awaiting-guardian', restoredFrom: 1 },
      profile: { inForce: { number: 1 }, awaiting: { number: 2 } },
    });
  });
});
