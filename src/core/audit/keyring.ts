import {
  createCipheriv,
  createDecipheriv,
  createHmac,
  createSecretKey,
  hkdfSync,
  type KeyObject,
  randomBytes,
} from 'node:crypto';
import type { Bsn } from '../person/bsn.js';

const KEY_BYTES = 32;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
const MOST_PARTY_TAGS = 50_000;

/**
 * A key as an object. Node 24 turns raw bytes given as a key into one on every call, several times slower than making it here
 * (measured: an HMAC 13 µs against 3 µs), and the check path does a dozen such calls.
 */
export function secretKey(bytes: Buffer): KeyObject {
  return createSecretKey(bytes);
}

/** Encrypts with AES-256-GCM: 12 bytes nonce ‖ ciphertext ‖ 16 bytes tag. A random nonce unless the key is used once only. */
export function encrypt(
  key: KeyObject,
  plain: Buffer,
  context: string,
  nonce = randomBytes(NONCE_BYTES),
): Buffer {
  const cipher = createCipheriv('aes-256-gcm', key, nonce).setAAD(Buffer.from(context));
  return Buffer.concat([nonce, cipher.update(plain), cipher.final(), cipher.getAuthTag()]);
}

/** Opens what `encrypt` closed; throws when key, context or a single bit differs. */
export function decrypt(key: KeyObject, sealed: Buffer, context: string): Buffer {
  const decipher = createDecipheriv('aes-256-gcm', key, sealed.subarray(0, NONCE_BYTES), {
    authTagLength: TAG_BYTES,
  })
    .setAAD(Buffer.from(context))
    .setAuthTag(sealed.subarray(-TAG_BYTES));
  return Buffer.concat([decipher.update(sealed.subarray(NONCE_BYTES, -TAG_BYTES)), decipher.final()]);
}

/**
 * The keys of the audit log, derived from one root that is not in the database. Each person has a random audit key, kept in the
 * database wrapped by this ring: once that wrapped key is deleted, details are unreadable. Who holds the ring can still tell, from
 * the subject boxes of a half year, which entries were about one person, until the retention of that half year removes them.
 * Someone whom the registry does not know yet gets a key derived from the BSN, so that what was asked about them before
 * they came can be shown to them, and asking about numbers at random leaves no row behind.
 */
export class Keyring {
  private readonly wrapping: KeyObject;
  private readonly strangers: KeyObject;
  private readonly subjects: KeyObject;
  private readonly parties: KeyObject;
  private readonly system: KeyObject;
  /** The same few values are asked for thousands of times a second; both follow from the root alone. */
  private subjectKeyNow: { readonly period: string; readonly key: KeyObject } | undefined;
  private readonly partyTags = new Map<string, Buffer>();

  /** `root`: 32 secret bytes (setting AUDIT_KEY). */
  constructor(root: Buffer) {
    if (root.length !== KEY_BYTES) throw new Error('the audit root key has 32 bytes');
    const derive = (purpose: string): KeyObject =>
      secretKey(Buffer.from(hkdfSync('sha256', root, '', `consent-registry audit ${purpose}`, KEY_BYTES)));
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
  unwrap(personId: string, wrapped: Buffer): KeyObject {
    return secretKey(decrypt(this.wrapping, wrapped, personId));
  }

  /** The audit key of someone the registry does not know, for one log period. */
  strangerKey(bsn: Bsn, period: string): KeyObject {
    return secretKey(createHmac('sha256', this.strangers).update(`${period}|${bsn}`).digest());
  }

  /** The key for entries that are about nobody in particular. */
  systemKey(): KeyObject {
    return this.system;
  }

  /** The key that hides, per log period, whose entry an entry is from readers of the database. */
  subjectKey(period: string): KeyObject {
    if (this.subjectKeyNow?.period !== period) {
      this.subjectKeyNow = {
        period,
        key: secretKey(createHmac('sha256', this.subjects).update(period).digest()),
      };
    }
    return this.subjectKeyNow.key;
  }

  /** The tag under which entries naming a provider are found in one log period, without naming it in the database. */
  partyTag(ura: string, period: string): Buffer {
    const named = `${period}|${ura}`;
    const known = this.partyTags.get(named);
    if (known) return known;
    if (this.partyTags.size >= MOST_PARTY_TAGS) this.partyTags.clear();
    const tag = createHmac('sha256', this.parties).update(named).digest().subarray(0, 16);
    this.partyTags.set(named, tag);
    return tag;
  }
}
