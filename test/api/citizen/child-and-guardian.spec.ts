import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Client } from '../../../src/core/client/client.js';
import type { Person } from '../../../src/core/person/person.js';
import type { Provider } from '../../../src/core/provider/provider.js';
import { childOf14, day, openCitizenDoor, type OpenedDoor } from './door.js';

describe('a child, a parent, and the 16th birthday', () => {
  let door: OpenedDoor;
  let practice: Provider;
  let hospital: Provider;
  let client: Client;
  let sam: Person;
  let parent: Person;

  beforeAll(async () => {
    door = await openCitizenDoor();
    practice = await door.addProvider({ types: ['Z3'] });
    hospital = await door.addProvider({ types: ['V4'] });
    client = await door.addClient({ uras: [practice.ura] });
    sam = await door.addPerson({ ...childOf14(), bornOn: day('2010-12-01') });
    parent = await door.addPerson();
  });

  afterAll(() => door.close());

  const check = async (): Promise<string | undefined> => {
    const { results } = await door.decisions.answerClosed(
      { clientId: client.id },
      {
        bsn: sam.bsn,
        holder: { ura: practice.ura, type: 'Z3' },
        requester: { ura: hospital.ura, type: 'V4' },
        dataCategories: ['GGC013'],
        purpose: 'TREAT',
      },
    );
    return results[0]?.decision;
  };
  const openReview = async (): Promise<string> => {
    const child = await door.signIn(sam);
    const { code } = (await child.post('/me/pairing-code').expect(201)).body as { code: string };
    const guardian = await door.signIn(parent);
    const { body } = await guardian
      .post('/guardian/reviews', { code, childBornOn: '2010-12-01' })
      .expect(201);
    return (body as { id: string }).id;
  };

  it('at 15 a choice waits: the check stays no until the parent approves, and is yes right after', async () => {
    const child = await door.signIn(sam);
    expect((await child.choose({ option: 'all' })).status).toBe(200);
    expect(await check()).toBe('deny');
    const id = await openReview();
    expect(await check()).toBe('deny');
    const decision = { decision: 'approve', declaresGuardianship: true };
    await (await door.signIn(parent)).post(`/guardian/reviews/${id}/decision`, decision).expect(200);
    expect(await check()).toBe('permit');
  });

  it('on the day before 16 a new choice waits again', async () => {
    door.clock.moveTo('2026-11-30T22:59:59.000Z');
    const child = await door.signIn(sam);
    const { body } = await child.choose({ option: 'none' });
    expect(body).toMatchObject({
      version: { state: 'awaiting-guardian' },
      profile: { needsGuardian: true, inForce: { option: 'all' } },
    });
    expect(await check()).toBe('permit');
  });

  it('at midnight in the Netherlands the guardian’s part ends, and Sam’s own choice counts at once', async () => {
    const id = await openReview();
    const guardian = await door.signIn(parent);
    door.clock.moveTo('2026-11-30T23:00:00.000Z');
    for (const answer of [
      await guardian.get(`/guardian/reviews/${id}`),
      await guardian.post(`/guardian/reviews/${id}/decision`, {
        decision: 'approve',
        declaresGuardianship: true,
      }),
    ]) {
      expect(answer.status).toBe(409);
      expect(answer.body).toMatchObject({ code: 'GUARDIANSHIP_ENDED' });
      expect(answer.text).not.toContain('Sam');
    }
    expect(await check()).toBe('permit');

    const child = await door.signIn(sam);
    expect((await child.get('/session')).body).toMatchObject({ ageBand: 'sixteen-or-older' });
    const { body } = await child.get('/me/choices');
    expect(body).toMatchObject({
      needsGuardian: false,
      inForce: { option: 'all' },
      awaiting: { option: 'none' },
    });
    await child.post('/me/pairing-code').expect(409);
    const saved = await child.choose({ option: 'none' });
    expect(saved.body).toMatchObject({ version: { state: 'in-force', option: 'none' } });
    expect((saved.body as { profile: object }).profile).not.toHaveProperty('awaiting');
    expect(await check()).toBe('deny');
  });
});
