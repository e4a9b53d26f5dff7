import { createHmac, type KeyObject } from 'node:crypto';
import { decrypt, encrypt, secretKey } from '../core/audit/keyring.js';
import { type Bsn, parseBsn } from '../core/person/bsn.js';

/** The keys that the records of persons need: 32 secret bytes each, never in the database. */
export interface CipherKeys {
  readonly bsnKey: Buffer;
  readonly indexKey: Buffer;
}

/** What is kept encrypted about a person. */
export type Secret = 'bsn' | 'display-name' | 'email';

const KEY_BYTES = 32;
/** Stands in front of everything encrypted, so that a next key can live beside this one while rows move over. */
const KEY_VERSION = 1;

/**
 * Hides who somebody is from readers of the database. The context of the encryption binds each value to its person and its
 * purpose: a value copied to another row, or to another column, does not open.
 */
export class PersonCipher {
  private readonly bsnKey: KeyObject;
  private readonly indexKey: KeyObject;

  constructor(keys: CipherKeys) {
    if (keys.bsnKey.length !== KEY_BYTES || keys.indexKey.length !== KEY_BYTES) {
      throw new Error('the keys for persons have 32 bytes each');
    }
    if (keys.bsnKey.equals(keys.indexKey)) throw new Error('the two keys for persons must differ');
    this.bsnKey = secretKey(keys.bsnKey);
    this.indexKey = secretKey(keys.indexKey);
  }

  /**
   * The blind index: finds a BSN without storing it. Keyed, because all 90,909,091 numbers that pass the 11-test are hashed
   * in seconds.
   */
  indexOf(bsn: Bsn): Buffer {
    return createHmac('sha256', this.indexKey).update(bsn).digest();
  }

  /** Encrypts a value of one person: key version, then AES-256-GCM. */
  close(secret: Secret, personId: string, value: string): Buffer {
    const box = encrypt(this.bsnKey, Buffer.from(value), contextOf(secret, personId));
    return Buffer.concat([Buffer.of(KEY_VERSION), box]);
  }

  /** Opens what `close` closed; throws when person, purpose, key or a single bit differs. */
  open(secret: Secret, personId: string, box: Buffer): string {
    if (box[0] !== KEY_VERSION) throw new Error('encrypted with a key version that is not known here');
    return decrypt(this.bsnKey, box.subarray(1), contextOf(secret, personId)).toString();
  }

  /** Opens a BSN. */
  openBsn(personId: string, box: Buffer): Bsn {
    return parseBsn(this.open('bsn', personId, box));
  }
}

function contextOf(secret: Secret, personId: string): string {
  return `consent-registry person ${secret} ${personId}`;
}
