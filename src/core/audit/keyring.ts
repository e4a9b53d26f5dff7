import { createCipheriv, createDecipheriv, createHmac, hkdfSync, randomBytes } from 'node:crypto';
import type { Bsn } from '../person/bsn.js';

const KEY_BYTES = 32;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;

/** Encrypts with AES-256-GCM: 12 bytes nonce ‖ ciphertext ‖ 16 bytes tag. A random nonce unless the key is used once only. */
export function encrypt(
  key: Buffer,
  plain: Buffer,
  context: string,
  nonce = randomBytes(NONCE_BYTES),
): Buffer {
  const cipher = createCipheriv('aes-256-gcm', key, nonce).setAAD(Buffer.from(context));
  return Buffer.concat([nonce, cipher.update(plain), cipher.final(), cipher.getAuthTag()]);
}

/** Opens what `encrypt` closed; throws when key, context or a single bit differs. */
export function decrypt(key: Buffer, sealed: Buffer, context: string): Buffer {
  const decipher = createDecipheriv('aes-256-gcm', key, sealed.subarray(0, NONCE_BYTES), {
    authTagLength: TAG_BYTES,
  })
    .setAAD(Buffer.from(context))
    .setAuthTag(sealed.subarray(-TAG_BYTES));
  return Buffer.concat([decipher.update(sealed.subarray(NONCE_BYTES, -TAG_BYTES)), decipher.final()]);
}

/**
 * The keys of the audit log, derived from one root that is not in the database. Each person has a random audit key, kept in the
 * database wrapped by this ring: once that wrapped key is deleted, details are unreadable and entries can't be linked.
 * Someone whom the registry does not know yet gets a key derived from the BSN, so that what was asked about them before
 * they came can be shown to them, and asking about numbers at random leaves no row behind.
 */
export class Keyring {
  private readonly wrapping: Buffer;
  private readonly strangers: Buffer;
  private readonly subjects: Buffer;
  private readonly parties: Buffer;
  private readonly system: Buffer;

  /** `root`: 32 secret bytes (setting AUDIT_KEY). */
  constructor(root: Buffer) {
    if (root.length !== KEY_BYTES) throw new Error('the audit root key has 32 bytes');
    const derive = (purpose: string): Buffer =>
      Buffer.from(hkdfSync('sha256', root, '', `consent-registry audit ${purpose}`, KEY_BYTES));
    this.wrapping = derive('wrapping');
    this.strangers = derive('strangers');
    this.subjects = derive('subjects');
    this.parties = derive('parties');
    this.system = derive('system');
  }

  /** A fresh random audit key for a person, wrapped; the person id is bound to it. */
  newWrappedKey(personId: string): Buffer {
    return encrypt(this.wrapping, randomBytes(KEY_BYTES), personId);
  }

  /** The audit key of a person. */
  unwrap(personId: string, wrapped: Buffer): Buffer {
    return decrypt(this.wrapping, wrapped, personId);
  }

  /** The audit key of someone the registry does not know, for one log period. */
  strangerKey(bsn: Bsn, period: string): Buffer {
    return createHmac('sha256', this.strangers).update(`${period}|${bsn}`).digest();
  }

  /** The key for entries that are about nobody in particular. */
  systemKey(): Buffer {
    return this.system;
  }

  /** The key that hides, per log period, whose entry an entry is from readers of the database. */
  subjectKey(period: string): Buffer {
    return createHmac('sha256', this.subjects).update(period).digest();
  }

  /** The tag under which entries naming a provider are found in one log period, without naming it in the database. */
  partyTag(ura: string, period: string): Buffer {
    return createHmac('sha256', this.parties).update(`${period}|${ura}`).digest().subarray(0, 16);
  }
}
