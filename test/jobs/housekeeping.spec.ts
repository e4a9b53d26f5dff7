import { afterEach, expect, it, jest } from '@jest/globals';
import type { Records } from '../../src/core/registry.js';
import { SESSION_IDLE_MS } from '../../src/core/session/session.js';
import {
  FORGET_AT_A_TIME,
  Housekeeping,
  HOUSEKEEPING_MS,
  IDEMPOTENCY_MS,
} from '../../src/jobs/housekeeping.js';
import { MovedClock } from '../core/world.js';
import { makeAttempt, makeKeptCode, makePerson, makeSession } from '../make.js';
import { MemoryRegistry } from '../memory-registry.js';

afterEach(() => {
  jest.useRealTimers();
});

it('a round forgets what has run out, and nothing else', async () => {
  const clock = new MovedClock();
  const registry = new MemoryRegistry(clock);
  const started = clock.now();
  const session = makeSession({ startedAt: started });
  const attempt = makeAttempt({ startedAt: started });
  const person = makePerson();
  const remembered = {
    personId: person.id,
    key: 'key',
    requestHash: Buffer.alloc(32),
    version: 1,
    at: started,
  };
  await registry.inTransaction(async (records) => {
    await records.people.addOrFind(person);
    await records.sessions.add(session);
    await records.sessions.addAttempt(attempt);
    await records.once.use('once', new Date(started.getTime() + 1000));
    await records.idempotency.add(remembered);
  });
  const house = new Housekeeping(registry, clock, () => undefined);
  await house.round();
  const left = () =>
    registry.inTransaction(async (records) => ({
      session: (await records.sessions.find(session.secretHash)) !== undefined,
      key: (await records.idempotency.find(person.id, 'key')) !== undefined,
    }));
  expect(await left()).toEqual({ session: true, key: true });
  clock.pass(SESSION_IDLE_MS + 1);
  await house.round();
  expect(await left()).toEqual({ session: false, key: true });
  expect(
    await registry.inTransaction((records) => records.sessions.takeAttempt(attempt.stateHash)),
  ).toBeUndefined();
  expect(await registry.inTransaction((records) => records.once.use('once', clock.now()))).toBe(true);
  clock.pass(IDEMPOTENCY_MS);
  await house.round();
  expect(await left()).toEqual({ session: false, key: false });
});

/** Remembers how much each transaction gave up. */
class CountingRegistry extends MemoryRegistry {
  readonly gone: unknown[] = [];

  override async inTransaction<T>(act: (records: Records) => Promise<T>): Promise<T> {
    const result = await super.inTransaction(act);
    if (typeof result === 'number') this.gone.push(result);
    return result;
  }
}

it('a round forgets so many rows in one transaction, and goes on until none is left', async () => {
  const clock = new MovedClock();
  const registry = new CountingRegistry(clock);
  const startedAt = clock.now();
  await registry.inTransaction(async ({ sessions }) => {
    for (let n = 0; n <= FORGET_AT_A_TIME; n++) await sessions.addAttempt(makeAttempt({ startedAt }));
  });
  clock.pass(SESSION_IDLE_MS + 1);
  await new Housekeeping(registry, clock, () => undefined).round();
  // Sessions, sign-ins in two goes, once-only values, Idempotency-Keys, pairing codes.
  expect(registry.gone).toEqual([0, FORGET_AT_A_TIME, 1, 0, 0, 0]);
});

it('a round forgets pairing codes that expired, and no other', async () => {
  const clock = new MovedClock();
  const registry = new MemoryRegistry(clock);
  const [expiring, lasting] = [makePerson(), makePerson()];
  const madeAt = clock.now();
  const expiresAt = new Date(madeAt.getTime() + 1000);
  await registry.inTransaction(async ({ people, guardianship }) => {
    for (const person of [expiring, lasting]) await people.addOrFind(person);
    await guardianship.addCode(makeKeptCode({ childId: expiring.id, madeAt, expiresAt }));
    await guardianship.addCode(makeKeptCode({ childId: lasting.id, madeAt }));
  });
  clock.pass(2000);
  await new Housekeeping(registry, clock, () => undefined).round();
  const left = await registry.inTransaction(({ guardianship }) =>
    Promise.all([expiring, lasting].map(({ id }) => guardianship.liveCode(id, clock.now(), 5))),
  );
  expect(left.map((code) => code?.childId)).toEqual([undefined, lasting.id]);
  expect(await registry.inTransaction(({ guardianship }) => guardianship.forgetBefore(clock.now(), 9))).toBe(
    0,
  );
});

it('goes on every ten minutes after a round that failed, and tells of the failure', async () => {
  jest.useFakeTimers({ doNotFake: ['setImmediate', 'nextTick'] });
  const registry = new MemoryRegistry();
  const failures: unknown[] = [];
  const house = new Housekeeping(registry, new MovedClock(), (error) => failures.push(error));
  registry.unavailable = true;
  house.start();
  await new Promise((resolve) => setImmediate(resolve));
  expect(failures).toHaveLength(1);
  registry.unavailable = false;
  await jest.advanceTimersByTimeAsync(HOUSEKEEPING_MS);
  expect(failures).toHaveLength(1);
  registry.unavailable = true;
  await jest.advanceTimersByTimeAsync(HOUSEKEEPING_MS);
  await house.stop();
  await jest.advanceTimersByTimeAsync(3 * HOUSEKEEPING_MS);
  expect(failures).toHaveLength(2);
});
