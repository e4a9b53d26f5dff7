import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { randomBytes } from 'node:crypto';
import type { Person } from '../../../src/core/person/person.js';
import { openPostgresRegistry, type PostgresRegistry } from '../../../src/store/postgres.registry.js';
import { makeDatabase, type TestDatabase } from '../../database/make-database.js';
import { type Browser, childOf14, openCitizenDoor, type OpenedDoor } from './door.js';

const CHOICE = {
  holder: 'group:pharmacy',
  requester: 'group:hospital',
  dataCategory: 'GGC013',
  answer: 'yes',
};

/** What the registry in memory can't show: two requests that really run at the same time, and values as PostgreSQL keeps them. */
describe('the citizen door on PostgreSQL', () => {
  let database: TestDatabase;
  let registry: PostgresRegistry;
  let door: OpenedDoor;

  beforeAll(async () => {
    database = await makeDatabase();
    registry = await openPostgresRegistry({
      url: database.url,
      cipher: { bsnKey: randomBytes(32), indexKey: randomBytes(32) },
    });
    await registry.prepareLog(new Date('2026-11-21T10:00:00.000Z'));
    door = await openCitizenDoor(registry);
  });

  afterAll(async () => {
    await door.close();
    await registry.close();
    await database.drop();
  });

  const adult = async (): Promise<Browser> => door.signIn(await door.addPerson());

  it('lets one of ten win who save over the same choices at the same time', async () => {
    const browser = await adult();
    const answers = await Promise.all(
      Array.from({ length: 10 }, (_, position) =>
        browser
          .put('/me/choices', { option: position % 2 === 0 ? 'all' : 'none' })
          .set('If-Match', '"0.0.0"'),
      ),
    );
    const statuses = answers.map(({ status }) => status).sort();
    expect(statuses).toEqual([200, ...Array.from({ length: 9 }, () => 412)]);
    const { body } = await browser.get('/me/choices').expect(200);
    expect(body).toMatchObject({ latest: 1, inForce: { number: 1 } });
    for (const { body: late } of answers.filter(({ status }) => status === 412)) {
      expect(late).toMatchObject({ code: 'VERSION_CHANGED', current: body as object });
    }
  });

  it('makes one version of ten equal requests with one key at the same time', async () => {
    const browser = await adult();
    const answers = await Promise.all(
      Array.from({ length: 10 }, () =>
        browser
          .put('/me/choices', { option: 'certain', choices: [CHOICE] })
          .set('If-Match', '"0.0.0"')
          .set('Idempotency-Key', 'the-same-key'),
      ),
    );
    expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 200));
    expect(new Set(answers.map(({ text }) => text)).size).toBe(1);
    const { body } = await browser.get('/me/versions').expect(200);
    expect(body).toMatchObject([{ number: 1, choices: [CHOICE] }]);
  });

  it('opens one review for ten guardians with one code, and takes one decision of ten', async () => {
    const child = await door.signIn(await door.addPerson(childOf14()));
    expect((await child.choose({ option: 'all' })).status).toBe(200);
    const { code } = (await child.post('/me/pairing-code').expect(201)).body as { code: string };
    const guardians: { person: Person; browser: Browser }[] = [];
    for (let added = 0; added < 5; added += 1) {
      const person = await door.addPerson();
      guardians.push({ person, browser: await door.signIn(person) });
    }
    const opened = await Promise.all(
      guardians.map(async ({ browser }) => ({
        browser,
        answer: await browser.post('/guardian/reviews', { code, childBornOn: '2012-03-01' }),
      })),
    );
    expect(opened.map(({ answer }) => answer.status).sort()).toEqual([201, 403, 403, 403, 403]);
    const won = opened.find(({ answer }) => answer.status === 201);
    if (!won) throw new Error('nobody opened the review');
    const { id } = won.answer.body as { id: string };
    const decided = await Promise.all(
      Array.from({ length: 10 }, (_, position) =>
        won.browser.post(`/guardian/reviews/${id}/decision`, {
          decision: position % 2 === 0 ? 'approve' : 'refuse',
          declaresGuardianship: true,
        }),
      ),
    );
    const statuses = decided.map(({ status }) => status).sort();
    expect(statuses).toEqual([200, ...Array.from({ length: 9 }, () => 409)]);
  });

  it('keeps and gives back details, versions, providers and activity as they were', async () => {
    const person = await door.addPerson({ account: undefined, bornOn: undefined, bornOnSource: undefined });
    const browser = await door.signIn(person);
    const details = {
      displayName: 'Ælfgifu 🙂',
      email: 'sam@example.org',
      bornOn: '1980-05-17',
      language: 'en',
      termsVersion: '2026-11-01',
    };
    await browser.put('/me/details', details).expect(200);
    expect((await browser.get('/me/details')).body).toMatchObject({ ...details, bornOnSource: 'self' });

    const provider = await door.addProvider({ name: 'Huisarts Eik', types: ['Z3'] });
    const client = await door.addClient({ uras: [provider.ura] });
    const registration = { bsn: person.bsn, holder: { ura: provider.ura, type: 'Z3' } } as const;
    await door.localizations.register({ clientId: client.id }, registration);
    expect((await browser.get('/me/providers')).body).toMatchObject([
      { ura: provider.ura, name: 'Huisarts Eik', registeredAt: '2026-11-21T10:00:00.000Z' },
    ]);

    await browser.choose({ option: 'certain', choices: [CHOICE] });
    await browser.choose({ option: 'none' });
    const { body } = await browser.post('/me/versions/1/restoration').set('If-Match', '"2.2.0"').expect(200);
    expect(body).toMatchObject({ version: { number: 3, choices: [CHOICE], restoredFrom: 1 } });
    const kinds = async (query: string): Promise<readonly string[]> => {
      const answer = await browser.get(`/me/activity${query}`).expect(200);
      return (answer.body as { entries: { kind: string }[] }).entries.map(({ kind }) => kind);
    };
    const all = [
      'choices.restored',
      'choices.saved',
      'choices.saved',
      'localization.registered',
      'person.details-saved',
    ];
    expect(await kinds('')).toEqual(all);
    expect(await kinds('?kind=choices.saved')).toEqual(['choices.saved', 'choices.saved']);
    expect(await kinds('?from=2026-12-01T00:00:00Z&to=2026-01-01T00:00:00Z')).toEqual([]);
    const { body: page } = await browser.get('/me/activity?limit=2');
    expect(await kinds(`?before=${(page as { next: string }).next}`)).toEqual(all.slice(2));
  });

  it('finds nothing of anybody under numbers that do not exist', async () => {
    const browser = await adult();
    await browser.get('/me/versions/999999999').expect(404);
    await browser.get('/guardian/reviews/019a0000-0000-7000-8000-000000000001').expect(404);
    await browser.get('/guardian/reviews/not-a-uuid').expect(404);
    const foreign = await browser.get('/me/activity?before=019a0000-0000-7000-8000-000000000001').expect(200);
    expect(foreign.body).toEqual({ entries: [] });
  });

  it('signs out on every instance at once', async () => {
    const person = await door.addPerson();
    const browser = await door.signIn(person);
    const second = await openCitizenDoor(registry);
    try {
      const there = second.browserWith(browser.cookie);
      await there.get('/me/choices').expect(200);
      await browser.delete('/session').expect(204);
      await there.get('/me/choices').expect(401);
    } finally {
      await second.close();
    }
  });
});
