import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { endsAt, isAlive, SESSION_IDLE_MS, SESSION_LONGEST_MS } from './session.js';

const start = new Date('2026-11-21T09:00:00Z');
const after = (ms: number): Date => new Date(start.getTime() + ms);
const MINUTE = 60_000;

describe('a session', () => {
  it('lives 15 minutes without a request and 8 hours at most', () => {
    expect([SESSION_IDLE_MS / MINUTE, SESSION_LONGEST_MS / MINUTE]).toEqual([15, 480]);
  });

  it.each([
    ['just started', 0, 0, true],
    ['idle for a millisecond less than 15 minutes', 0, 15 * MINUTE - 1, true],
    ['idle for 15 minutes', 0, 15 * MINUTE, false],
    ['seen again, 15 minutes after that', 10 * MINUTE, 25 * MINUTE, false],
    ['busy until a millisecond before 8 hours', 479 * MINUTE, 480 * MINUTE - 1, true],
    ['busy for 8 hours', 480 * MINUTE - 1, 480 * MINUTE, false],
  ])('%s', (_, seen, now, alive) => {
    expect(isAlive({ startedAt: start, seenAt: after(seen) }, after(now))).toBe(alive);
  });

  it('is alive until the moment at which it ends, and not from then on', () => {
    fc.assert(
      fc.property(fc.nat(SESSION_LONGEST_MS), (seen) => {
        const session = { startedAt: start, seenAt: after(seen) };
        const end = endsAt(session);
        expect(isAlive(session, end)).toBe(false);
        fc.pre(end.getTime() > session.seenAt.getTime());
        expect(isAlive(session, new Date(end.getTime() - 1))).toBe(true);
      }),
    );
  });
});
