import { expect, it } from '@jest/globals';
import { RecentTokens } from './recent-tokens.js';

it('finds what was kept, until it is forgotten', () => {
  const recent = new RecentTokens<number>(4);
  recent.keep('a', 1);
  expect(recent.find('a')).toBe(1);
  expect(recent.find('b')).toBeUndefined();
  recent.forget('a');
  expect(recent.find('a')).toBeUndefined();
});

it('never remembers more than it may', () => {
  const recent = new RecentTokens<number>(10);
  for (let turn = 0; turn < 1_000; turn++) {
    recent.keep(`token ${String(turn)}`, turn);
    recent.find(`token ${String(turn - 7)}`);
    expect(recent.size).toBeLessThanOrEqual(10);
  }
});

it('keeps what is asked for often and drops what is not', () => {
  const recent = new RecentTokens<number>(10);
  recent.keep('often', 0);
  recent.keep('once', 0);
  for (let turn = 0; turn < 100; turn++) {
    recent.keep(`token ${String(turn)}`, turn);
    expect(recent.find('often')).toBe(0);
  }
  expect(recent.find('once')).toBeUndefined();
});

it('forgets in either generation', () => {
  const recent = new RecentTokens<number>(2);
  recent.keep('a', 1);
  recent.keep('b', 2);
  recent.forget('a');
  recent.forget('b');
  expect([recent.find('a'), recent.find('b'), recent.size]).toEqual([undefined, undefined, 0]);
});
