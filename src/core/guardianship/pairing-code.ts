import { randomBytes, scrypt, timingSafeEqual } from 'node:crypto';

declare const pairingCode: unique symbol;

/**
 * A pairing code as typed by a guardian: 12 characters of Crockford base32, folded to upper case, look-alikes resolved.
 * The first four (selector) find the code, the last eight (secret, 40 bits) open it.
 */
export type PairingCode = string & { readonly [pairingCode]: true };

const ALPHABET = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
const SELECTOR_LENGTH = 4;
const LENGTH = 12;

/** How long a code lives. */
export const PAIRING_CODE_MS = 72 * 60 * 60_000;

/** Wrong tries after which a code is dead. */
export const MOST_TRIES_PER_CODE = 5;

/** Wrong tries after which a guardian has to wait until the next day. */
export const MOST_TRIES_PER_DAY = 10;

/** What is kept of a code: never the code itself. */
export interface KeptPairingCode {
  readonly selector: string;
  readonly salt: Buffer;
  /** scrypt(secret, salt). 40 bits need a slow hash (OWASP ASVS 5.0, 6.5.2); the selector makes that affordable. */
  readonly hash: Buffer;
  readonly childId: string;
  readonly version: number;
  readonly madeAt: Date;
  readonly expiresAt: Date;
}

/** Reads a code in any case, with spaces or hyphens, O as 0 and I or L as 1. Gives undefined for anything else. */
export function readPairingCode(text: string): PairingCode | undefined {
  const folded = text.toUpperCase().replace(/[\s-]/g, '').replace(/O/g, '0').replace(/[IL]/g, '1');
  const isCode = folded.length === LENGTH && [...folded].every((letter) => ALPHABET.includes(letter));
  return isCode ? (folded as PairingCode) : undefined;
}

/** The part that finds the code. */
export function selectorOf(code: PairingCode): string {
  return code.slice(0, SELECTOR_LENGTH);
}

/** As printed for people: three groups of four. */
export function showPairingCode(code: PairingCode): string {
  return `${code.slice(0, 4)}-${code.slice(4, 8)}-${code.slice(8)}`;
}

/** A random code. `random` gives bytes; each letter takes five bits of its own byte, so every letter is equally likely. */
export function newPairingCode(random: (size: number) => Buffer = randomBytes): PairingCode {
  return [...random(LENGTH)].map((byte) => ALPHABET[byte & 31]).join('') as PairingCode;
}

function hashSecret(code: PairingCode, salt: Buffer): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    scrypt(code.slice(SELECTOR_LENGTH), salt, 32, { N: 16384, r: 8, p: 1 }, (error, hash) => {
      if (error) reject(error);
      else resolve(hash);
    });
  });
}

/** What to keep of a code. */
export async function keepPairingCode(
  code: PairingCode,
  kept: Omit<KeptPairingCode, 'selector' | 'salt' | 'hash'>,
): Promise<KeptPairingCode> {
  const salt = randomBytes(16);
  return { ...kept, selector: selectorOf(code), salt, hash: await hashSecret(code, salt) };
}

/** Whether a typed code is the kept one. Takes as long for a selector that does not exist (`kept` undefined) as for a wrong secret. */
export async function opens(code: PairingCode, kept: KeptPairingCode | undefined): Promise<boolean> {
  const hash = await hashSecret(code, kept?.salt ?? Buffer.alloc(16));
  return kept?.selector === selectorOf(code) && timingSafeEqual(hash, kept.hash);
}
