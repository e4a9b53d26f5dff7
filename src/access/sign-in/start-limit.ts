import { isIPv4, isIPv6 } from 'node:net';
import type { Clock } from '../../core/clock.js';
import { Failure } from '../../core/failure.js';

/**
 * How many sign-ins may be begun from one network address at once, and again per minute. Generous, because a household, an office
 * or a mobile operator shows one address for many people; still far below what would fill the records.
 */
export const STARTS_PER_MINUTE = 120;

/** How many network addresses are remembered at most. */
export const ADDRESSES_REMEMBERED = 20_000;

const MINUTE_MS = 60_000;
const START_MS = MINUTE_MS / STARTS_PER_MINUTE;

/**
 * Keeps a stranger from flooding the registry with sign-ins begun: a token bucket per network address (ASVS 2.4.1). Lives in
 * the memory of one process, so several instances together let through that many times more. Does NOT stop someone who has
 * thousands of addresses: beyond those remembered, the one seen longest ago is forgotten.
 */
export class StartLimit {
  /** When each address has its whole allowance back; the one seen longest ago comes first. */
  private readonly wholeAgainAt = new Map<string, number>();

  constructor(private readonly clock: Clock) {}

  /** Counts one start, or refuses it with TOO_MANY_TRIES and when to try again. A refused start takes nothing. */
  requireRoom(address: string): void {
    const network = networkOf(address);
    const now = this.clock.now().getTime();
    // Never further ahead than a minute, so that a clock put back can't lock anyone out.
    const owed = Math.min(Math.max((this.wholeAgainAt.get(network) ?? now) - now, 0), MINUTE_MS);
    const wait = owed + START_MS - MINUTE_MS;
    this.remember(network, now + (wait > 0 ? owed : owed + START_MS));
    if (wait > 0) throw tooMany(Math.ceil(wait / 1000));
  }

  private remember(network: string, wholeAgainAt: number): void {
    this.wholeAgainAt.delete(network);
    this.wholeAgainAt.set(network, wholeAgainAt);
    if (this.wholeAgainAt.size <= ADDRESSES_REMEMBERED) return;
    const [oldest] = this.wholeAgainAt.keys();
    if (oldest !== undefined) this.wholeAgainAt.delete(oldest);
  }
}

function tooMany(retryAfterSeconds: number): Failure {
  return new Failure(
    'TOO_MANY_TRIES',
    'Too many people are signing in from your network at this moment. Try again in a minute.',
    { retryAfterSeconds },
  );
}

/** The address itself for IPv4; for IPv6 the /56 that one connection is given to choose addresses from (RIPE-690). */
function networkOf(address: string): string {
  const plain = address.replace(/^::ffff:(?=\d+\.)/i, '').replace(/%.*$/, '');
  if (isIPv4(plain)) return plain;
  if (!isIPv6(plain)) return 'no address';
  const [first, second, third, fourth = '0'] = groupsOf(plain);
  return [first, second, third, Number.parseInt(fourth, 16) >> 8].join(':');
}

/** The eight groups of an IPv6 address, without leading zeroes, in lower case. */
function groupsOf(address: string): readonly string[] {
  // URL writes every address in the one way of RFC 5952.
  const canonical = new URL(`http://[${address}]`).hostname.slice(1, -1);
  const [head = [], tail = []] = canonical.split('::').map((half) => half.split(':').filter(Boolean));
  return [...head, ...Array<string>(8 - head.length - tail.length).fill('0'), ...tail];
}
