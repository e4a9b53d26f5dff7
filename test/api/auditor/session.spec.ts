import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import request from 'supertest';
import { problemOf } from '../shared/open-app.js';
import { type AuditorWorld, makeLookUp, openAuditor } from './open-auditor.js';

let world: AuditorWorld;

beforeAll(async () => {
  world = await openAuditor();
});
afterAll(() => world.close());

const show = (cookie: string): request.Test =>
  request(world.server).get('/auditor/v1/session').set('cookie', cookie);

describe('the auditor’s session', () => {
  it('tells who is signed in and until when', async () => {
    const answer = await show(world.auditor);
    expect(answer.body).toEqual({ signedIn: true, name: 'A. de Auditor', endsAt: expect.any(String) });
    expect(new Date((answer.body as { endsAt: string }).endsAt).getTime()).toBeGreaterThan(Date.now());
  });

  it.each([
    ['nobody', () => ''],
    ['a citizen', () => world.citizen],
    ['a made-up cookie', () => `__Host-session=${'a'.repeat(43)}`],
  ])('of %s is none', async (_, cookie) => {
    const answer = await show(cookie());
    expect([answer.status, answer.body]).toEqual([200, { signedIn: false }]);
  });

  it('ends at once, and the old secret is dead', async () => {
    const cookie = await world.signIn({ role: 'auditor', subject: 'aud-2', name: 'B. de Auditor' });
    const end = (): request.Test => request(world.server).delete('/auditor/v1/session').set('cookie', cookie);
    const forged = await end();
    expect([forged.status, problemOf(forged).code]).toEqual([403, 'NOT_ALLOWED']);
    const ended = await end().set('x-requested-by', 'consent-registry');
    expect(ended.status).toBe(204);
    expect(String(ended.headers['set-cookie'])).toMatch(/^__Host-session=;/);
    expect((await show(cookie)).body).toEqual({ signedIn: false });
    expect((await world.post('/look-ups', makeLookUp(), cookie)).status).toBe(401);
  });

  it('can be ended twice, and by nobody', async () => {
    for (const cookie of ['', await world.signIn({ role: 'auditor', subject: 'aud-3', name: 'C.' })]) {
      for (let times = 0; times < 2; times += 1) {
        const end = request(world.server).delete('/auditor/v1/session').set('cookie', cookie);
        expect((await end.set('x-requested-by', 'consent-registry')).status).toBe(204);
      }
    }
  });

  it('leaves a citizen who signs out here signed in at the other door', async () => {
    await request(world.server)
      .delete('/auditor/v1/session')
      .set('cookie', world.citizen)
      .set('x-requested-by', 'consent-registry')
      .expect(204);
    const [, secret] = world.citizen.split('=');
    expect(await world.access.sessions.find(secret)).toMatchObject({ principal: { role: 'citizen' } });
  });

  it('can not be ended by a citizen or by a GET', async () => {
    const byCitizen = await request(world.server)
      .delete('/auditor/v1/session')
      .set('cookie', world.citizen)
      .set('x-requested-by', 'consent-registry');
    expect([byCitizen.status, byCitizen.headers['set-cookie']]).toEqual([204, undefined]);
    const { body } = await request(world.server).get('/auditor/v1/session').set('cookie', world.auditor);
    expect(body).toMatchObject({ signedIn: true });
    expect((await request(world.server).get('/auditor/v1/session/end')).status).toBe(404);
  });
});

describe('the document', () => {
  it('describes every route, those that need no session marked so', async () => {
    const { paths } = (await request(world.server).get('/auditor/openapi.json')).body as {
      paths: Record<string, Record<string, { security?: unknown }>>;
    };
    expect(Object.keys(paths).sort()).toEqual([
      '/exports',
      '/look-ups',
      '/session',
      '/sign-in',
      '/sign-in/callback',
    ]);
    expect(paths['/session']?.['get']?.security).toEqual([]);
    expect(paths['/sign-in']?.['get']?.security).toEqual([]);
    expect(paths['/look-ups']?.['post']?.security).toEqual([{ session: [], antiForgery: [] }]);
  });
});
