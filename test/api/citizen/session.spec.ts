import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { v7 as newId } from 'uuid';
import { makeAccount } from '../../make.js';
import { childOf14, openCitizenDoor, type OpenedDoor } from './door.js';

const MINUTE = 60_000;

describe('the session', () => {
  let door: OpenedDoor;

  beforeEach(async () => {
    door = await openCitizenDoor();
  });

  afterEach(() => door.close());

  it('says that nobody is signed in, without an error', async () => {
    const { body, headers } = await door.browser().get('/session').expect(200);
    expect(body).toEqual({ signedIn: false, termsVersion: '2026-11-01' });
    expect(headers['cache-control']).toBe('no-store');
  });

  it('says who is signed in, and until when, without person id or BSN', async () => {
    const person = await door.addPerson();
    const { body, text } = await (await door.signIn(person)).get('/session').expect(200);
    expect(body).toEqual({
      signedIn: true,
      termsVersion: '2026-11-01',
      onboarding: 'ready',
      displayName: 'Sam de Test',
      language: 'nl',
      ageBand: 'sixteen-or-older',
      bornOnFixed: true,
      endsAt: '2026-11-21T10:15:00.000Z',
    });
    expect(text).not.toContain(person.bsn);
    expect(text).not.toContain(person.id);
  });

  it.each([
    ['details-missing', { account: undefined, bornOn: undefined }],
    ['details-missing', { account: undefined }],
    ['terms-changed', { account: makeAccount({ termsVersion: '2020-01-01' }) }],
    ['ready', {}],
  ])('says %s about someone with %j', async (onboarding, given) => {
    const browser = await door.signIn(await door.addPerson(given));
    expect((await browser.get('/session').expect(200)).body).toMatchObject({ signedIn: true, onboarding });
  });

  it('tells a child its age band, and nothing about an age that is not known', async () => {
    const child = await door.signIn(await door.addPerson(childOf14()));
    expect((await child.get('/session')).body).toMatchObject({ ageBand: 'twelve-to-sixteen' });
    const unknown = await door.signIn(await door.addPerson({ account: undefined, bornOn: undefined }));
    const { body } = await unknown.get('/session');
    expect(body).toMatchObject({ bornOnFixed: false });
    expect(body).not.toHaveProperty('ageBand');
  });

  it('is prolonged by asking for it, never beyond eight hours', async () => {
    const browser = await door.signIn(await door.addPerson());
    door.clock.forward(10 * MINUTE);
    expect((await browser.post('/session/extension').expect(200)).body).toEqual({
      endsAt: '2026-11-21T10:25:00.000Z',
    });
    for (let passed = 20; passed <= 8 * 60 - 10; passed += 10) {
      door.clock.forward(10 * MINUTE);
      await browser.post('/session/extension').expect(200);
    }
    expect((await browser.get('/session')).body).toMatchObject({ endsAt: '2026-11-21T18:00:00.000Z' });
    door.clock.forward(10 * MINUTE);
    expect((await browser.post('/session/extension').expect(401)).body).toMatchObject({
      code: 'NOT_SIGNED_IN',
    });
  });

  it('ends after fifteen minutes without a request', async () => {
    const browser = await door.signIn(await door.addPerson());
    door.clock.forward(15 * MINUTE);
    expect((await browser.get('/session')).body).toEqual({ signedIn: false, termsVersion: '2026-11-01' });
    await browser.get('/me/choices').expect(401);
  });

  it('ends at once by signing out, and the cookie goes', async () => {
    const person = await door.addPerson();
    const browser = await door.signIn(person);
    const other = await door.signIn(person);
    const { headers } = await browser.delete('/session').expect(204);
    expect(String(headers['set-cookie'])).toMatch(/^__Host-session=;.*Expires=Thu, 01 Jan 1970/);
    await browser.get('/me/details').expect(401);
    await browser.delete('/session').expect(204);
    await other.get('/me/details').expect(200);
  });

  it('is not signed out by another site', async () => {
    const browser = await door.signIn(await door.addPerson());
    await browser.delete('/session').set('Origin', 'https://evil.example').expect(403);
    await browser.get('/me/details').expect(200);
  });

  it('of an auditor is none at this door', async () => {
    const auditor = { role: 'auditor', subject: 'auditor-1', name: 'Alex Auditor' } as const;
    const { secret } = await door.sessions.start(auditor, 'high');
    const browser = door.browserWith(secret);
    expect((await browser.get('/session').expect(200)).body).toMatchObject({ signedIn: false });
    await browser.get('/me/choices').expect(401);
    const { headers } = await browser.delete('/session').expect(204);
    expect(headers['set-cookie']).toBeUndefined();
    expect(await door.sessions.find(secret)).toMatchObject({ principal: auditor });
  });

  it('with a made-up secret is none', async () => {
    const browser = await door.signIn({ id: newId() });
    const forged = door.browserWith(browser.cookie?.split('').reverse().join(''));
    expect((await forged.get('/session').expect(200)).body).toMatchObject({ signedIn: false });
  });

  it('can be started here: while the identity provider is away it says so, and when to try again', async () => {
    const { body, headers } = await door.browser().get('/sign-in').expect(503);
    expect(body).toMatchObject({ code: 'UNAVAILABLE' });
    expect(headers['retry-after']).toBe('60');
  });
});
