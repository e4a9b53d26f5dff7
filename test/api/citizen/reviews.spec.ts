import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { Person } from '../../../src/core/person/person.js';
import { makeVersion } from '../../make.js';
import { type Browser, childOf14, day, openCitizenDoor, type OpenedDoor } from './door.js';

const CHILD_BORN_ON = '2012-03-01';
const DAY = 24 * 60 * 60_000;
const YES = { holder: 'all', requester: 'all', dataCategory: 'all', answer: 'yes' } as const;
const PROPOSED = [
  { holder: 'group:pharmacy', requester: 'group:hospital', dataCategory: 'GGC013', answer: 'yes' },
] as const;

describe('a review by a parent or guardian', () => {
  let door: OpenedDoor;
  let childPerson: Person;
  let parentPerson: Person;
  let child: Browser;
  let parent: Browser;
  let code: string;

  beforeEach(async () => {
    door = await openCitizenDoor();
    childPerson = await door.addPerson(childOf14());
    parentPerson = await door.addPerson();
    child = await door.signIn(childPerson);
    parent = await door.signIn(parentPerson);
    await door.registry.inTransaction((records) =>
      records.consents.add(makeVersion({ personId: childPerson.id, choices: [YES], option: 'all' })),
    );
    expect((await child.choose({ option: 'certain', choices: PROPOSED })).status).toBe(200);
    code = await newCode();
  });

  afterEach(() => door.close());

  const newCode = async (): Promise<string> =>
    ((await child.post('/me/pairing-code').expect(201)).body as { code: string }).code;
  const open = async (): Promise<string> => {
    const { body } = await parent.post('/guardian/reviews', { code, childBornOn: CHILD_BORN_ON }).expect(201);
    return (body as { id: string }).id;
  };
  const decide = (id: string, decision: string, declaresGuardianship = true) =>
    parent.post(`/guardian/reviews/${id}/decision`, { decision, declaresGuardianship });

  it('shows the name, the proposed and the present choices, and nothing else of the child', async () => {
    const { body, headers, text } = await parent
      .post('/guardian/reviews', { code, childBornOn: CHILD_BORN_ON })
      .expect(201);
    const { id } = body as { id: string };
    expect(body).toEqual({
      id,
      state: 'open',
      openedAt: '2026-11-21T10:00:00.000Z',
      expiresAt: '2026-11-22T10:00:00.000Z',
      child: { displayName: 'Sam van Veertien' },
      proposed: { option: 'certain', choices: PROPOSED },
      inForce: { option: 'all', choices: [YES] },
    });
    for (const secret of [childPerson.id, childPerson.bsn, 'sam@example.org', CHILD_BORN_ON]) {
      expect(text).not.toContain(secret);
    }
    expect(headers['location']).toBe(`/citizen/v1/guardian/reviews/${id}`);
    expect((await parent.get(`/guardian/reviews/${id}`).expect(200)).body).toEqual(body);
  });

  it('is listed for the guardian without the child or the choices', async () => {
    const id = await open();
    expect((await parent.get('/guardian/reviews').expect(200)).body).toEqual([
      { id, state: 'open', openedAt: '2026-11-21T10:00:00.000Z', expiresAt: '2026-11-22T10:00:00.000Z' },
    ]);
    expect((await child.get('/guardian/reviews').expect(200)).body).toEqual([]);
  });

  it('takes the code in any case, with look-alikes and without hyphens', async () => {
    const typed = ` ${code.toLowerCase().replaceAll('-', ' ').replaceAll('0', 'o').replaceAll('1', 'l')} `;
    await parent.post('/guardian/reviews', { code: typed, childBornOn: CHILD_BORN_ON }).expect(201);
  });

  it('puts the choices in force when approved, once', async () => {
    const id = await open();
    const { body } = await decide(id, 'approve').expect(200);
    expect(body).toEqual({
      id,
      state: 'approved',
      openedAt: '2026-11-21T10:00:00.000Z',
      expiresAt: '2026-11-22T10:00:00.000Z',
      decidedAt: '2026-11-21T10:00:00.000Z',
    });
    const { body: profile, text } = await child.get('/me/choices');
    expect(profile).toMatchObject({
      inForce: {
        number: 2,
        option: 'certain',
        decidedBy: 'guardian',
        inForceFrom: '2026-11-21T10:00:00.000Z',
      },
    });
    expect(profile).not.toHaveProperty('awaiting');
    expect(text).not.toContain(parentPerson.id);
    expect((await decide(id, 'refuse').expect(409)).body).toMatchObject({ code: 'REVIEW_CLOSED' });
    expect((await parent.get(`/guardian/reviews/${id}`).expect(409)).body).toMatchObject({
      code: 'REVIEW_CLOSED',
    });
  });

  it('leaves what was in force when refused, also without the declaration', async () => {
    const id = await open();
    expect((await decide(id, 'refuse', false).expect(200)).body).toMatchObject({ state: 'refused' });
    const { body } = await child.get('/me/choices');
    expect(body).toMatchObject({ inForce: { number: 1, option: 'all' }, latest: 2 });
    expect(body).not.toHaveProperty('awaiting');
  });

  it('is decided by one of two decisions at the same time', async () => {
    const id = await open();
    const answers = await Promise.all([decide(id, 'approve'), decide(id, 'refuse')]);
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 409]);
  });

  it('can not be approved without the declaration', async () => {
    const { body } = await decide(await open(), 'approve', false).expect(400);
    expect(body).toMatchObject({ code: 'DECLARATION_MISSING' });
  });

  it.each([
    [{}, ['decision', 'declaresGuardianship']],
    [{ decision: 'maybe', declaresGuardianship: true }, ['decision']],
    [{ decision: 'approve', declaresGuardianship: 'true' }, ['declaresGuardianship']],
    [{ decision: 'approve', declaresGuardianship: true, choices: [] }, ['choices']],
  ])('refuses the decision %j', async (decision, fields) => {
    const { body } = await parent.post(`/guardian/reviews/${await open()}/decision`, decision).expect(400);
    const { errors } = body as { errors: { field: string }[] };
    expect(errors.map(({ field }) => field).sort()).toEqual(fields);
  });

  it('of somebody else does not exist, to read or to decide', async () => {
    const id = await open();
    for (const stranger of [await door.signIn(await door.addPerson()), child]) {
      const decision = { decision: 'approve', declaresGuardianship: true };
      const answers = [
        await stranger.get(`/guardian/reviews/${id}`),
        await stranger.post(`/guardian/reviews/${id}/decision`, decision),
        await stranger.get('/guardian/reviews/019a0000-0000-7000-8000-000000000001'),
        await stranger.get('/guardian/reviews/1'),
      ];
      expect(answers.map(({ status }) => status)).toEqual([404, 404, 404, 404]);
      expect(new Set(answers.map(({ text }) => text)).size).toBe(1);
    }
    await decide(id, 'approve').expect(200);
  });

  it('is refused with one answer for every kind of wrong', async () => {
    const used = code;
    await open();
    const live = await newCode();
    const wrongSecret = `${live.slice(0, -1)}${live.endsWith('0') ? '1' : '0'}`;
    const tries: [Browser, object][] = [
      [parent, { code: wrongSecret, childBornOn: CHILD_BORN_ON }],
      [parent, { code: live, childBornOn: '2012-03-02' }],
      [parent, { code: used, childBornOn: CHILD_BORN_ON }],
      [parent, { code: 'ZZZZ-ZZZZ-ZZZZ', childBornOn: CHILD_BORN_ON }],
      [parent, { code: 'no code at all', childBornOn: CHILD_BORN_ON }],
    ];
    const answers = [];
    for (const [browser, body] of tries) answers.push(await browser.post('/guardian/reviews', body));
    door.clock.forward(3 * DAY);
    const later = await door.signIn(parentPerson);
    answers.push(await later.post('/guardian/reviews', { code: live, childBornOn: CHILD_BORN_ON }));
    expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 403));
    expect(new Set(answers.map(({ text }) => text)).size).toBe(1);
    expect(answers[0]?.body).toMatchObject({ code: 'PAIRING_CODE_REFUSED' });
  });

  it('is dead after five wrong tries on the code, also for the right guardian', async () => {
    const wrong = `${code.slice(0, -1)}${code.endsWith('0') ? '1' : '0'}`;
    const stranger = await door.signIn(await door.addPerson());
    for (let tried = 0; tried < 5; tried += 1) {
      await stranger.post('/guardian/reviews', { code: wrong, childBornOn: CHILD_BORN_ON }).expect(403);
    }
    await parent.post('/guardian/reviews', { code, childBornOn: CHILD_BORN_ON }).expect(403);
  });

  it('is refused after ten wrong tries on a day, until the next day', async () => {
    const tryOnce = () =>
      parent.post('/guardian/reviews', { code: 'ZZZZ-ZZZZ-ZZZZ', childBornOn: CHILD_BORN_ON });
    for (let tried = 0; tried < 10; tried += 1) await tryOnce().expect(403);
    const { body, headers } = await parent
      .post('/guardian/reviews', { code, childBornOn: CHILD_BORN_ON })
      .expect(429);
    expect(body).toMatchObject({ code: 'TOO_MANY_TRIES' });
    expect(Number(headers['retry-after'])).toBeGreaterThan(0);
    door.clock.forward(DAY);
    const nextDay = await door.signIn(parentPerson);
    await nextDay.post('/guardian/reviews', { code, childBornOn: CHILD_BORN_ON }).expect(201);
  });

  it('opens once for two who use the code at the same time', async () => {
    const other = await door.signIn(await door.addPerson());
    const answers = await Promise.all(
      [parent, other].map((browser) =>
        browser.post('/guardian/reviews', { code, childBornOn: CHILD_BORN_ON }),
      ),
    );
    expect(answers.map(({ status }) => status).sort()).toEqual([201, 403]);
  });

  it('is not for the child itself, nor for someone under 18, nor for someone without details', async () => {
    const body = { code, childBornOn: CHILD_BORN_ON };
    // A child is under 18, so its own code is refused before anything is looked at.
    expect((await child.post('/guardian/reviews', body).expect(403)).body).toMatchObject({
      code: 'GUARDIAN_TOO_YOUNG',
    });
    const almost = await door.signIn(await door.addPerson({ bornOn: day('2008-11-22') }));
    expect((await almost.post('/guardian/reviews', body).expect(403)).body).toMatchObject({
      code: 'GUARDIAN_TOO_YOUNG',
    });
    const unknown = await door.signIn(await door.addPerson({ account: undefined, bornOn: undefined }));
    expect((await unknown.post('/guardian/reviews', body).expect(409)).body).toMatchObject({
      code: 'DETAILS_MISSING',
    });
    const eighteen = await door.signIn(await door.addPerson({ bornOn: day('2008-11-21') }));
    await eighteen.post('/guardian/reviews', body).expect(201);
  });

  it('is closed when the child takes back or changes what it wants', async () => {
    const id = await open();
    await child.delete('/me/choices/proposal').expect(204);
    expect((await decide(id, 'approve').expect(409)).body).toMatchObject({ code: 'REVIEW_CLOSED' });
    await child.choose({ option: 'none' });
    expect((await decide(id, 'approve').expect(409)).body).toMatchObject({ code: 'REVIEW_CLOSED' });
    expect((await child.get('/me/choices')).body).toMatchObject({ inForce: { number: 1 } });
  });

  it('is closed after a day', async () => {
    const id = await open();
    door.clock.forward(DAY);
    const later = await door.signIn(parentPerson);
    expect((await later.get(`/guardian/reviews/${id}`).expect(409)).body).toMatchObject({
      code: 'REVIEW_CLOSED',
    });
  });

  it.each([
    [{}, ['childBornOn', 'code']],
    [{ code: 'x'.repeat(65), childBornOn: '2012-02-30' }, ['childBornOn', 'code']],
    [{ code: 1, childBornOn: 20120301 }, ['childBornOn', 'code']],
  ])('refuses %j', async (redemption, fields) => {
    const { body } = await parent.post('/guardian/reviews', redemption).expect(400);
    const { errors } = body as { errors: { field: string }[] };
    expect(errors.map(({ field }) => field).sort()).toEqual(fields);
  });
});
