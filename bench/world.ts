import { createHash } from 'node:crypto';
import type { JWK } from 'jose';
import { type Bsn, isBsn } from '../src/core/person/bsn.js';
import { PROVIDER_TYPES, type ProviderType } from '../src/core/provider/catalogue.js';
import type { Party } from '../src/core/provider/provider.js';
import { parseUra } from '../src/core/provider/ura.js';

/** Everything that the processes of a run must agree on. The secrets in it live as long as the run. */
export interface World {
  /** As who may do everything: for filling and for looking on. */
  readonly databaseUrl: string;
  /** As who the registry runs in production: may do what the application does and no more. */
  readonly serviceUrl: string;
  /** 32 bytes each, in base64. */
  readonly keys: { readonly bsn: string; readonly bsnIndex: string; readonly audit: string };
  readonly tokenSigningKey: JWK;
  /** By which name our own app is known: it stands in its access tokens, which the plain version takes too. */
  readonly publicUrl: string;
  /** Where our own app listens. */
  readonly origin: string;
  /** What our own app would sign in to the identity providers of citizens and auditors with. */
  readonly identityKeys: readonly [JWK, JWK];
  readonly people: number;
  readonly systems: readonly BenchSystem[];
}

/** A provider system that asks questions. */
export interface BenchSystem {
  readonly clientId: string;
  /** Positions of the providers it speaks for. */
  readonly providers: readonly number[];
  /** Private key for ES256. */
  readonly key: JWK;
}

/** How many care providers there are; a tenth of the country's, which is more than an index page holds. */
export const PROVIDERS = 5_000;

/** How many systems ask at the same time. */
export const SYSTEMS = 20;

const PROVIDERS_PER_SYSTEM = 10;

/** The provider at a position. */
export function providerAt(position: number): Party {
  const type: ProviderType = PROVIDER_TYPES[position % PROVIDER_TYPES.length] ?? 'Z3';
  return { ura: parseUra(String(10_000_001 + position)), type };
}

/** The providers that a system speaks for. */
export function providersOf(system: number): readonly number[] {
  return Array.from({ length: PROVIDERS_PER_SYSTEM }, (_, one) => system * PROVIDERS_PER_SYSTEM + one);
}

/**
 * Counts off numbers that pass the 11-test, downwards from 999999999: the range in which numbers for tests lie. Nobody is behind
 * them here.
 */
export function* benchBsns(): Generator<Bsn> {
  for (let number = 999_999_999; number >= 900_000_000; number -= 1) {
    const text = String(number);
    if (isBsn(text)) yield text;
  }
}

/** The BSN of the person at each position. */
export function takeBsns(people: number): readonly Bsn[] {
  const taken: Bsn[] = [];
  for (const bsn of benchBsns()) {
    if (taken.length === people) break;
    taken.push(bsn);
  }
  return taken;
}

/** The index value under which SQL alone finds the person at a position: SHA-256 of the position as text. */
export function plainIndexOf(position: number): Buffer {
  return createHash('sha256').update(String(position)).digest();
}

/** Numbers that look random and are the same in every run (mulberry32): from 0 up to, not including, `below`. */
export function dice(seed: number): (below: number) => number {
  let state = seed >>> 0;
  return (below) => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32) * below);
  };
}
