import { createHash, randomBytes } from 'node:crypto';

/** A fresh secret of 256 random bits, as 43 characters that are safe in a cookie and in an address. */
export function newSecret(): string {
  return randomBytes(32).toString('base64url');
}

/** Whether the text can be a secret made by `newSecret`. Does NOT say that it ever was. */
export function isSecret(text: unknown): text is string {
  return typeof text === 'string' && /^[A-Za-z0-9_-]{43}$/.test(text);
}

/** What is kept of a secret: SHA-256, which is enough for 256 random bits (ASVS 11.4.1 asks more of passwords only). */
export function hashOf(secret: string): Buffer {
  return createHash('sha256').update(secret).digest();
}
