import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { openPostgresRegistry } from '../../../src/store/postgres.registry.js';
import { makeDatabase, type TestDatabase } from '../../database/make-database.js';
import { makeBsn, makeChoice, makeUra } from '../../make.js';
import { AUDITOR_DOOR } from '../../../src/api/auditor/auditor.module.js';
import { Sessions } from '../../../src/access/sign-in/sessions.js';
import request from 'supertest';
import { openApp, problemOf, PUBLIC_URL } from '../shared/open-app.js';
import { makeCheck, openProvider, type ProviderWorld } from './open-provider.js';

let database: TestDatabase;
let registry: Awaited<ReturnType<typeof openPostgresRegistry>>;
let world: ProviderWorld;

beforeAll(async () => {
  database = await makeDatabase();
  const cipher = { bsnKey: randomBytes(32), indexKey: randomBytes(32) };
  registry = await openPostgresRegistry({ url: database.url, cipher });
  world = await openProvider(registry);
}, 60_000);
afterAll(async () => {
  await world.close();
  await registry.close();
  await database.drop();
});

interface Answer {
  readonly results: readonly { readonly decision: string }[];
  readonly receipt: { readonly entryId: string; readonly leafHash: string };
}

describe('the provider door on PostgreSQL', () => {
  it('answers checks, alone and together, each with an entry that is kept', async () => {
    const person = await world.personWith([makeChoice()]);
    const alone = await world.post('/consent-checks', makeCheck(world, { bsn: person.bsn }));
    const batch = await world.post('/consent-checks/batch', {
      checks: [makeCheck(world, { bsn: person.bsn }), makeCheck(world, { bsn: makeBsn() })],
    });
    const answers = [alone.body as Answer, ...(batch.body as { answers: Answer[] }).answers];
    expect(answers.map(({ results }) => results[0]?.decision)).toEqual(['permit', 'permit', 'deny']);
    for (const { receipt } of answers) {
      const kept = await registry.asAuditor((audit) => audit.find(receipt.entryId));
      expect(kept?.leafHash.toString('base64')).toBe(receipt.leafHash);
    }
  });

  it('keeps of a batch of which one check is refused the refusal only', async () => {
    const before = await world.countEntries();
    const checks = [makeCheck(world), makeCheck(world, { holder: { ura: makeUra(), type: 'Z3' } })];
    const answer = await world.post('/consent-checks/batch', { checks });
    expect([answer.status, problemOf(answer).code]).toEqual([403, 'NOT_YOUR_PROVIDER']);
    expect(await world.countEntries()).toBe(before + 1);
    expect(await world.kindsAbout(world.person)).toEqual(['client.refused']);
  });

  it('registers, finds and ends a localization', async () => {
    const person = await world.personWith([makeChoice()]);
    const holder = { ura: world.gp.ura, type: 'Z3' };
    const registered = await world.post('/localizations', { bsn: person.bsn, holder });
    expect(registered.status).toBe(201);
    const question = {
      bsn: person.bsn,
      requester: { ura: world.hospital.ura, type: 'V4' },
      purpose: 'TREAT',
    };
    const ask = async (): Promise<unknown> => {
      const { body } = await world.post('/location-questions', question, world.hospitalSystem);
      return (body as { holders: { ura: string }[] }).holders.map(({ ura }) => ura);
    };
    expect(await ask()).toEqual([world.gp.ura]);
    const { id } = registered.body as { id: string };
    expect((await world.del(`/localizations/${id}`)).status).toBe(204);
    expect(await ask()).toEqual([]);
  });

  it('looks providers up', async () => {
    const { body } = await world.get('/providers?name=linde');
    expect((body as { providers: { ura: string }[] }).providers.map(({ ura }) => ura)).toEqual([
      world.gp.ura,
    ]);
  });

  it.each(['name=%00', 'place=%00', 'name=%F0%9F%99%82', 'name=%ED%A0%80', 'name=%25', "name='"])(
    'answers a search for ?%s without a defect',
    async (query) => {
      expect([200, 400]).toContain((await world.get(`/providers?${query}`)).status);
    },
  );

  it('shows an auditor what was asked', async () => {
    const person = await world.personWith([makeChoice({ answer: 'no' })]);
    await world.post('/consent-checks', makeCheck(world, { bsn: person.bsn }));
    const office = await openApp({ doors: [AUDITOR_DOOR], registry });
    const sessions = office.app.get(Sessions, { strict: false });
    const { secret } = await sessions.start(
      { role: 'auditor', subject: 'aud-1', name: 'A. de Auditor' },
      'x',
    );
    const found = await request(office.server)
      .post('/auditor/v1/exports')
      .set('cookie', `__Host-session=${secret}`)
      .set('origin', PUBLIC_URL)
      .set('x-requested-by', 'consent-registry')
      .buffer(true)
      .parse((answer, done) => {
        let text = '';
        answer.on('data', (part: Buffer) => (text += part.toString()));
        answer.on('end', () => {
          done(null, text);
        });
      })
      .send({
        case: { caseNumber: 'A-1', reason: 'Complaint about a refusal' },
        from: new Date(Date.now() - 3_600_000).toISOString(),
        to: new Date(Date.now() + 60_000).toISOString(),
        bsn: person.bsn,
        kinds: ['consent.checked'],
      });
    const [entry, last] = (found.body as string)
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as object);
    expect(entry).toMatchObject({ kind: 'consent.checked', outcome: 'deny', reasons: ['NO_ALL'] });
    expect(last).toMatchObject({ complete: true, count: 1 });
    await office.close();
  });
});
