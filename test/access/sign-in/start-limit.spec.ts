import { beforeEach, describe, expect, it } from '@jest/globals';
import {
  ADDRESSES_REMEMBERED,
  STARTS_PER_MINUTE,
  StartLimit,
} from '../../../src/access/sign-in/start-limit.js';
import { Failure } from '../../../src/core/failure.js';
import { openCitizenDoor } from '../../api/citizen/door.js';
import { makeDoorSettings, makeInstallation, makeKeyPair, openDoor } from './door.js';

const HERE = '192.0.2.1';

describe('the limit to sign-ins begun from one network address', () => {
  let at: number;
  let limit: StartLimit;

  beforeEach(() => {
    at = Date.parse('2026-11-21T10:00:00.000Z');
    limit = new StartLimit({ now: () => new Date(at) });
  });

  /** How many of so many starts are let through. */
  function admitted(starts: number, address = HERE): number {
    return Array.from({ length: starts }, () => refusalOf(address)).filter((refusal) => !refusal).length;
  }

  function refusalOf(address = HERE): Failure | undefined {
    try {
      limit.requireRoom(address);
      return undefined;
    } catch (error) {
      if (error instanceof Failure) return error;
      throw error;
    }
  }

  it('lets a minute’s worth begin at once, and refuses the next', () => {
    expect(admitted(STARTS_PER_MINUTE)).toBe(STARTS_PER_MINUTE);
    expect(refusalOf()).toMatchObject({ code: 'TOO_MANY_TRIES' });
    expect(admitted(1_000)).toBe(0);
  });

  it('says after how many seconds there is room again, and then there is', () => {
    admitted(STARTS_PER_MINUTE);
    const { retryAfterSeconds = 0 } = refusalOf()!.facts;
    expect(retryAfterSeconds).toBe(1);
    at += retryAfterSeconds * 1_000;
    expect(refusalOf()).toBeUndefined();
  });

  it('gives room back evenly, one start at a time, also while refused ones keep coming', () => {
    admitted(STARTS_PER_MINUTE);
    const step = 60_000 / STARTS_PER_MINUTE;
    for (let passed = 0; passed < 10; passed += 1) {
      at += step - 1;
      expect(admitted(5)).toBe(0);
      at += 1;
      expect(admitted(5)).toBe(1);
    }
  });

  it('gives back no more than a minute’s worth, however long nobody came', () => {
    admitted(STARTS_PER_MINUTE);
    at += 24 * 60 * 60_000;
    expect(admitted(STARTS_PER_MINUTE * 2)).toBe(STARTS_PER_MINUTE);
  });

  it('locks nobody out for longer than a minute when the clock is put back', () => {
    admitted(STARTS_PER_MINUTE);
    at -= 24 * 60 * 60_000;
    expect(refusalOf()?.facts).toEqual({ retryAfterSeconds: 1 });
    at += 60_000;
    expect(admitted(STARTS_PER_MINUTE * 2)).toBe(STARTS_PER_MINUTE);
  });

  it.each([
    [HERE, '192.0.2.2'],
    ['2001:db8:1:100::1', '2001:db8:1:200::1'],
    ['2001:db8::1', '2001:db9::1'],
    ['1::2:3:4:5:6:7', '1:2::3:4:5:6:7'],
    ['::1', '127.0.0.1'],
  ])('what %s used up is not missing to %s', (one, other) => {
    admitted(STARTS_PER_MINUTE, one);
    expect(admitted(STARTS_PER_MINUTE, other)).toBe(STARTS_PER_MINUTE);
  });

  it.each([
    ['of one IPv6 connection', '2001:db8:1:200::1', '2001:db8:1:2ff:ffff:ffff:ffff:ffff'],
    ['of one IPv6 connection, written otherwise', '2001:DB8:0::1', '2001:0db8:0000:0000:0000:0000:0000:0002'],
    ['with the IPv4 address behind it', '2001:db8::', '2001:db8::192.0.2.1'],
    ['with a zone', 'fe80::1%eth0', 'fe80::2%eth1'],
    ['of IPv4 as an IPv6 socket shows it', HERE, `::FFFF:${HERE}`],
    ['that are none', 'unknown', 'x'.repeat(10_000)],
  ])('addresses %s count as one', (_, one, other) => {
    admitted(STARTS_PER_MINUTE, one);
    expect(admitted(1, other)).toBe(0);
  });

  it('remembers so many addresses and no more: the one seen longest ago is forgotten', () => {
    const bystander = '198.51.100.1';
    admitted(STARTS_PER_MINUTE);
    admitted(STARTS_PER_MINUTE, bystander);
    for (let other = 2; other < ADDRESSES_REMEMBERED; other += 1) limit.requireRoom(addressNumber(other));
    expect(admitted(1)).toBe(0);
    limit.requireRoom(addressNumber(1));
    expect(admitted(1)).toBe(0);
    expect(admitted(STARTS_PER_MINUTE, bystander)).toBe(STARTS_PER_MINUTE);
  });
});

describe('a flood of sign-ins begun', () => {
  it('is refused with 429 and Retry-After, before the identity provider is asked and without a warning each', async () => {
    const door = await openCitizenDoor();
    try {
      const browser = door.browser();
      for (let start = 0; start < STARTS_PER_MINUTE; start += 1) await browser.get('/sign-in').expect(503);
      const lines = door.logged.length;
      const { body, headers } = await browser.get('/sign-in').expect(429);
      expect(body).toMatchObject({ code: 'TOO_MANY_TRIES' });
      expect(headers['retry-after']).toBe('1');
      expect(headers['set-cookie']).toBeUndefined();
      expect(door.logged.slice(lines).join('\n')).not.toContain('sign-in as');
      // Naming another address oneself is of no use: no proxy is trusted here.
      await browser.get('/sign-in').set('X-Forwarded-For', '203.0.113.7').expect(429);
      // Coming back from the identity provider is not what is limited.
      await browser.get('/sign-in/callback').expect(403);
      door.clock.forward(1_000);
      await browser.get('/sign-in').expect(503);
    } finally {
      await door.close();
    }
  });

  it('counts together for the doors of citizens and auditors, and one address leaves room for the next', async () => {
    const settings = makeDoorSettings({ clientKey: (await makeKeyPair()).privateKey });
    const door = await openDoor(makeInstallation(), { doors: { citizen: settings, auditor: settings } });
    const begin = async (role: string, remoteAddress = HERE): Promise<unknown> =>
      (await door.app.inject({ url: `/${role}/v1/sign-in`, remoteAddress })).json<{ code: string }>().code;
    try {
      const half = Array.from({ length: STARTS_PER_MINUTE / 2 });
      const codes = await Promise.all(half.flatMap(() => [begin('citizen'), begin('auditor')]));
      expect(new Set(codes)).toEqual(new Set(['UNAVAILABLE']));
      expect(await Promise.all([begin('citizen'), begin('auditor')])).toContain('TOO_MANY_TRIES');
      expect(await begin('auditor', '192.0.2.2')).toBe('UNAVAILABLE');
    } finally {
      await door.stop();
    }
  });
});

function addressNumber(number: number): string {
  return `10.${number >> 16}.${(number >> 8) & 255}.${number & 255}`;
}
