import { beforeEach, describe, expect, it, jest } from '@jest/globals';
import { Sessions } from '../../../src/access/sign-in/sessions.js';
import type { Principal } from '../../../src/core/session/session.js';
import { type Installation, makeInstallation } from './door.js';

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;

describe('a session', () => {
  const principal: Principal = { role: 'citizen', personId: '0197a1a0-0000-7000-8000-000000000001' };
  let installation: Installation;
  let here: Sessions;
  let elsewhere: Sessions;
  let now: number;

  beforeEach(() => {
    installation = makeInstallation();
    now = Date.now();
    jest.spyOn(installation.clock, 'now').mockImplementation(() => new Date(now));
    here = new Sessions(installation.registry, installation.clock);
    elsewhere = new Sessions(installation.registry, installation.clock);
  });

  const pass = (milliseconds: number): void => void (now += milliseconds);

  it('is found by its secret on every instance, with what is known of it', async () => {
    const { secret, session } = await here.start(principal, 'high');
    expect(await elsewhere.find(secret)).toEqual(session);
    expect(session).toMatchObject({
      principal,
      assurance: 'high',
      startedAt: new Date(now),
      seenAt: new Date(now),
    });
  });

  it('has a secret of 256 bits that is never the same twice, and keeps its hash only', async () => {
    const started = await Promise.all(Array.from({ length: 100 }, () => here.start(principal, 'high')));
    expect(new Set(started.map(({ secret }) => secret)).size).toBe(100);
    for (const { secret, session } of started) {
      expect(Buffer.from(secret, 'base64url')).toHaveLength(32);
      expect(session.secretHash).toHaveLength(32);
      expect(JSON.stringify(session)).not.toContain(secret);
      expect(session.secretHash.equals(Buffer.from(secret, 'base64url'))).toBe(false);
    }
  });

  it.each([
    undefined,
    '',
    'short',
    'A'.repeat(42),
    'A'.repeat(43),
    'A'.repeat(44),
    `${'A'.repeat(42)}=`,
    7,
    null,
    ['A'.repeat(43)],
  ])('is not found by %j', async (secret) => {
    await here.start(principal, 'high');
    expect(await here.find(secret)).toBeUndefined();
  });

  it('is not found by the hash that is kept of it', async () => {
    const { session } = await here.start(principal, 'high');
    expect(await here.find(session.secretHash.toString('base64url'))).toBeUndefined();
  });

  it('ends after fifteen minutes without a request, to the millisecond', async () => {
    const { secret } = await here.start(principal, 'high');
    pass(15 * MINUTE - 1);
    expect(await elsewhere.find(secret)).toBeDefined();
    pass(15 * MINUTE);
    expect(await elsewhere.find(secret)).toBeUndefined();
    expect(await here.find(secret)).toBeUndefined();
  });

  it('goes on as long as requests come, but eight hours at most', async () => {
    const { secret } = await here.start(principal, 'high');
    for (let passed = 0; passed < 8 * HOUR - 10 * MINUTE; passed += 10 * MINUTE) {
      pass(10 * MINUTE);
      expect(await (passed % (20 * MINUTE) === 0 ? here : elsewhere).find(secret)).toBeDefined();
    }
    pass(10 * MINUTE - 1);
    expect(await here.find(secret)).toBeDefined();
    pass(1);
    expect(await here.find(secret)).toBeUndefined();
  });

  it('a request every second is written down once a minute, so idle time is never misjudged by more than that', async () => {
    const { secret } = await here.start(principal, 'high');
    const writes = jest.spyOn(installation.registry, 'inTransaction');
    for (let second = 0; second < 600; second += 1) {
      pass(SECOND);
      await here.find(secret);
    }
    expect(writes).toHaveBeenCalledTimes(10);
    // The last request may not have been written down: then the session ends within the last minute of the fifteen.
    pass(59 * SECOND);
    await here.find(secret);
    pass(14 * MINUTE);
    expect(await here.find(secret)).toBeDefined();
    pass(15 * MINUTE);
    expect(await here.find(secret)).toBeUndefined();
  });

  it('that was found tells when it was seen', async () => {
    const { secret } = await here.start(principal, 'high');
    pass(5 * MINUTE);
    expect(await here.find(secret)).toMatchObject({ seenAt: new Date(now) });
  });

  it('that was ended is dead on every instance at once, and ending it again is no error', async () => {
    const { secret } = await here.start(principal, 'high');
    await elsewhere.end(secret);
    expect(await here.find(secret)).toBeUndefined();
    await here.end(secret);
    await here.end(undefined);
    await here.end('nonsense');
  });

  it('that was ended does not come to life by a request that was under way', async () => {
    const { secret } = await here.start(principal, 'high');
    pass(2 * MINUTE);
    await Promise.all([here.find(secret), elsewhere.end(secret), here.find(secret)]);
    expect(await here.find(secret)).toBeUndefined();
  });

  it('takes the place of the one the browser had before, and of no other', async () => {
    const [first, bystander] = [await here.start(principal, 'high'), await here.start(principal, 'high')];
    const second = await elsewhere.start(principal, 'high', first.secret);
    expect(await here.find(first.secret)).toBeUndefined();
    expect(await here.find(second.secret)).toBeDefined();
    expect(await here.find(bystander.secret)).toBeDefined();
    await here.start(principal, 'high', 'nonsense');
    expect(await here.find(second.secret)).toBeDefined();
  });

  it('is not found, and none starts, when the registry can not be read', async () => {
    const { secret } = await here.start(principal, 'high');
    installation.registry.unavailable = true;
    await expect(here.find(secret)).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    await expect(here.start(principal, 'high')).rejects.toMatchObject({ code: 'UNAVAILABLE' });
  });
});
