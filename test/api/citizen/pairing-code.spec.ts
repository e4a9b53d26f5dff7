import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { Person } from '../../../src/core/person/person.js';
import { type Browser, childOf14, openCitizenDoor, type OpenedDoor } from './door.js';

describe('the pairing code', () => {
  let door: OpenedDoor;

  beforeEach(async () => {
    door = await openCitizenDoor();
  });

  afterEach(() => door.close());

  let person: Person;

  const waitingChild = async (): Promise<Browser> => {
    person = await door.addPerson(childOf14());
    const child = await door.signIn(person);
    expect((await child.choose({ option: 'all' })).status).toBe(200);
    return child;
  };

  it('is shown once, with when it ends; afterwards only its end is told', async () => {
    const child = await waitingChild();
    const { body } = await child.post('/me/pairing-code').expect(201);
    expect(body).toEqual({
      code: expect.stringMatching(/^[0-9A-HJKMNP-TV-Z]{4}(-[0-9A-HJKMNP-TV-Z]{4}){2}$/),
      expiresAt: '2026-11-24T10:00:00.000Z',
    });
    const { body: end } = await child.get('/me/pairing-code').expect(200);
    expect(end).toEqual({ expiresAt: '2026-11-24T10:00:00.000Z' });
  });

  it('is replaced by a new one', async () => {
    const child = await waitingChild();
    const codes = [await child.post('/me/pairing-code'), await child.post('/me/pairing-code')].map(
      ({ body }) => (body as { code: string }).code,
    );
    const parent = await door.signIn(await door.addPerson());
    const childBornOn = '2012-03-01';
    await parent.post('/guardian/reviews', { code: codes[0], childBornOn }).expect(403);
    await parent.post('/guardian/reviews', { code: codes[1], childBornOn }).expect(201);
  });

  it('is none before it is made, after it ended, and after the choices were taken back', async () => {
    const child = await waitingChild();
    expect((await child.get('/me/pairing-code').expect(404)).body).toMatchObject({ code: 'NOT_FOUND' });
    await child.post('/me/pairing-code').expect(201);
    const { headers } = await child.delete('/me/choices/proposal').expect(204);
    expect(headers['etag']).toBe('"1.0.0"');
    await child.get('/me/pairing-code').expect(404);
    await child.choose({ option: 'all' });
    await child.post('/me/pairing-code').expect(201);
    door.clock.forward(72 * 60 * 60_000);
    const again = await door.signIn(person);
    await again.get('/me/pairing-code').expect(404);
  });

  it('needs choices that wait', async () => {
    const child = await door.signIn(await door.addPerson(childOf14()));
    const { body } = await child.post('/me/pairing-code').expect(409);
    expect(body).toMatchObject({ code: 'NOTHING_AWAITING' });
  });

  it('is not for someone of 16 or older', async () => {
    const adult = await door.signIn(await door.addPerson());
    expect((await adult.post('/me/pairing-code').expect(409)).body).toMatchObject({
      code: 'GUARDIANSHIP_ENDED',
    });
  });

  it('is not for someone whose details are missing', async () => {
    const unknown = await door.signIn(await door.addPerson({ account: undefined, bornOn: undefined }));
    expect((await unknown.post('/me/pairing-code').expect(409)).body).toMatchObject({
      code: 'DETAILS_MISSING',
    });
  });
});

describe('a proposal', () => {
  let door: OpenedDoor;

  beforeEach(async () => {
    door = await openCitizenDoor();
  });

  afterEach(() => door.close());

  it('can be taken back by the child; what was in force stays', async () => {
    const child = await door.signIn(await door.addPerson(childOf14()));
    await child.choose({ option: 'all' });
    const { headers } = await child.delete('/me/choices/proposal').expect(204);
    const { body, headers: read } = await child.get('/me/choices').expect(200);
    expect(body).toEqual({ needsGuardian: true, latest: 1 });
    expect(read['etag']).toBe(headers['etag']);
    expect((await child.get('/me/versions/1')).body).toMatchObject({ state: 'lapsed' });
  });

  it('that does not exist can not be taken back', async () => {
    const child = await door.signIn(await door.addPerson(childOf14()));
    const { body } = await child.delete('/me/choices/proposal').expect(409);
    expect(body).toMatchObject({ code: 'NOTHING_AWAITING' });
  });
});
