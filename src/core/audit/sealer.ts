import { createHash, createHmac, hkdfSync, type KeyObject } from 'node:crypto';
import type { NewId } from '../clock.js';
import { RULE_VERSION } from '../decision/rule.js';
import type { Bsn } from '../person/bsn.js';
import { canonicalJson } from './canonical-json.js';
import type { Actor, Entry, OpenedEntry, SealedEntry, Subject, EntryDetail } from './entry.js';
import { decrypt, encrypt, type Keyring, secretKey } from './keyring.js';

/** The largest leaf, in bytes. */
export const LARGEST_LEAF = 1024;

const LEAF_PREFIX = Buffer.from([0x00]);
const NO_NONCE = Buffer.alloc(12);

/** The log period of a moment: the half year in UTC, such as `2026h2`. */
export function periodOf(at: Date): string {
  return `${at.getUTCFullYear()}h${at.getUTCMonth() < 6 ? 1 : 2}`;
}

/** SHA-256(0x00 ‖ leaf): the leaf hash of RFC 6962 §2.1. */
export function leafHashOf(leaf: Buffer): Buffer {
  return createHash('sha256').update(LEAF_PREFIX).update(leaf).digest();
}

interface EventKeys {
  readonly commitments: KeyObject;
  readonly detail: KeyObject;
}

/** Two keys that serve one event only, from the subject's audit key. */
function keysOfEvent(auditKey: KeyObject, eventId: string): EventKeys {
  const bytes = Buffer.from(hkdfSync('sha256', auditKey, eventId, 'consent-registry event', 64));
  return { commitments: secretKey(bytes.subarray(0, 32)), detail: secretKey(bytes.subarray(32)) };
}

function commit(key: KeyObject, label: string, value: string | Buffer): string {
  return createHmac('sha256', key).update(label).update('\0').update(value).digest('base64url');
}

/** Who acted, as the leaf names it: a system by its client id, anybody else by the kind of person, marked so that no id can look like it. */
function clientOf(actor: Actor): string {
  return actor.kind === 'client' ? actor.clientId : `@${actor.kind}`;
}

/** A subject as read from the box. */
export type BoxedSubject =
  | { readonly kind: 'person'; readonly personId: string }
  | { readonly kind: 'stranger'; readonly bsn: Bsn }
  | { readonly kind: 'nobody' };

/** Every provider number that an entry names, once. */
function partiesOf({ requester, holders = [], provider }: EntryDetail): readonly string[] {
  const named = holders.map(({ ura }) => ura);
  if (requester && 'ura' in requester) named.push(requester.ura);
  if (provider) named.push(provider.ura);
  return [...new Set(named)];
}

/** How a subject is written inside the box: one letter for the kind, then the person id or the BSN. */
function writeSubject(subject: BoxedSubject): string {
  switch (subject.kind) {
    case 'person':
      return `p${subject.personId}`;
    case 'stranger':
      return `s${subject.bsn.padEnd(36)}`;
    case 'nobody':
      return 'n'.padEnd(37);
    default:
      return subject satisfies never;
  }
}

/** What a leaf is made from, besides the record that it commits to. */
interface LeafParts extends Pick<Entry, 'at' | 'kind' | 'outcome' | 'detail'> {
  readonly id: string;
  readonly client: string;
  readonly rule: string;
  readonly subject: BoxedSubject;
}

/** The leaf: which event, when, how it ended, and commitments under the event's own key instead of anything personal. */
function leafOf(parts: LeafParts, key: KeyObject, record: Buffer): Buffer {
  const { version, versionDigest } = parts.detail;
  // Also without a version there is a commitment, of the same length: "never chose" must not show in a leaf.
  const basis = version === undefined ? 'none' : `${String(version)}|${versionDigest ?? ''}`;
  const leaf = Buffer.from(
    canonicalJson({
      bc: commit(key, 'version', basis),
      client: parts.client,
      dc: commit(key, 'detail', record),
      id: parts.id,
      kind: parts.kind,
      outcome: parts.outcome,
      rule: parts.rule,
      sc: commit(key, 'subject', writeSubject(parts.subject)),
      t: parts.at.toISOString(),
      v: 1,
    }),
  );
  if (leaf.length > LARGEST_LEAF) throw new Error(`a leaf of ${leaf.length} bytes is too large`);
  return leaf;
}

/** The record that is kept encrypted. It repeats moment, kind and outcome, so that the commitment to it covers them too. */
interface StoredRecord extends Pick<Entry, 'kind' | 'outcome' | 'actor' | 'reasons' | 'detail'> {
  readonly at: string;
  readonly rule: string;
  readonly source: string;
}

/**
 * Turns entries into what is kept, and back. The leaf carries only keyed commitments to the person (`sc`), the detail (`dc`)
 * and the consent version (`bc`): without the person's audit key it can't be told whose entry it is, while anyone who holds
 * the key can show that a detail belongs to its leaf.
 */
export class Sealer {
  constructor(
    private readonly keyring: Keyring,
    private readonly newId: NewId,
    /** Which installation writes (NEN 7513: audit source). */
    private readonly source: string,
  ) {}

  /** Seals one entry. Does NOT keep it: that is the registry's part, in the same transaction as what it tells about. */
  seal(entry: Entry): SealedEntry {
    const id = this.newId();
    const period = periodOf(entry.at);
    const auditKey = this.auditKeyOf(entry.subject, period);
    const keys = keysOfEvent(auditKey, id);
    const { kind, outcome, actor, reasons, detail } = entry;
    const stored: StoredRecord = {
      kind,
      at: entry.at.toISOString(),
      outcome,
      actor,
      reasons,
      rule: RULE_VERSION,
      source: this.source,
      detail,
    };
    const record = Buffer.from(JSON.stringify(stored));
    const leaf = leafOf(
      { ...entry, id, client: clientOf(entry.actor), rule: RULE_VERSION },
      keys.commitments,
      record,
    );
    return {
      id,
      at: entry.at,
      kind: entry.kind,
      outcome: entry.outcome,
      clientId: clientOf(entry.actor),
      period,
      leaf,
      leafHash: leafHashOf(leaf),
      subjectTag: this.subjectTag(auditKey, period),
      subjectBox: encrypt(this.boxKey(id, period), Buffer.from(writeSubject(entry.subject)), id, NO_NONCE),
      partyTags: this.partyTagsOf(entry.detail, period),
      detail: encrypt(keys.detail, record, id, NO_NONCE),
    };
  }

  /** The tags under which everything about a person in a period is found: as a known person, and from before. */
  tagsOf(person: { id: string; bsn: Bsn; auditKey: Buffer }, period: string): readonly Buffer[] {
    return [
      this.subjectTag(this.keyring.unwrap(person.id, person.auditKey), period),
      this.strangerTag(person.bsn, period),
    ];
  }

  /** The tag under which everything about someone the registry does not know is found in a period. */
  strangerTag(bsn: Bsn, period: string): Buffer {
    return this.subjectTag(this.keyring.strangerKey(bsn, period), period);
  }

  /** The tag under which entries naming a provider are found in a period. */
  partyTag(ura: string, period: string): Buffer {
    return this.keyring.partyTag(ura, period);
  }

  /** Whose entry it is. */
  subjectOf(sealed: Pick<SealedEntry, 'id' | 'period' | 'subjectBox'>): BoxedSubject {
    const text = decrypt(this.boxKey(sealed.id, sealed.period), sealed.subjectBox, sealed.id).toString();
    if (text.startsWith('p')) return { kind: 'person', personId: text.slice(1) };
    if (text.startsWith('s')) return { kind: 'stranger', bsn: text.slice(1).trimEnd() as Bsn };
    return { kind: 'nobody' };
  }

  /**
   * Reads an entry back. `wrappedKey` gives the wrapped audit key of a person, or undefined when it was deleted: then the
   * entry can't be read any more and undefined comes back. Throws when a bit of the leaf or the detail differs from what was
   * sealed, or when moment, kind, outcome, client or subject tag beside the leaf were changed. Does NOT notice an entry that is missing, or
   * one forged by somebody who holds the keys: that is the tree's part.
   */
  open(sealed: SealedEntry, wrappedKey: (personId: string) => Buffer | undefined): OpenedEntry | undefined {
    const boxed = this.subjectOf(sealed);
    const wrapped = boxed.kind === 'person' ? wrappedKey(boxed.personId) : undefined;
    if (boxed.kind === 'person' && !wrapped) return undefined;
    const auditKey = this.auditKeyOf(
      boxed.kind === 'person' ? { ...boxed, auditKey: wrapped ?? Buffer.alloc(0) } : boxed,
      sealed.period,
    );
    const keys = keysOfEvent(auditKey, sealed.id);
    const record = decrypt(keys.detail, sealed.detail, sealed.id);
    const { kind, outcome, actor, reasons, rule, detail, ...told } = JSON.parse(
      record.toString(),
    ) as StoredRecord;
    const { id } = sealed;
    const at = new Date(told.at);
    const client = clientOf(actor);
    const leaf = leafOf(
      { id, at, kind, outcome, rule, detail, client, subject: boxed },
      keys.commitments,
      record,
    );
    const beside =
      sealed.kind === kind &&
      sealed.outcome === outcome &&
      sealed.clientId === client &&
      sealed.at.getTime() === at.getTime() &&
      this.partyTagsOf(detail, sealed.period).equals(sealed.partyTags) &&
      this.subjectTag(auditKey, sealed.period).equals(sealed.subjectTag);
    if (!beside || !leaf.equals(sealed.leaf) || !leafHashOf(leaf).equals(sealed.leafHash)) {
      throw new Error(`entry ${id} and its leaf do not belong together`);
    }
    const personId = boxed.kind === 'person' ? boxed.personId : undefined;
    return { id, at, kind, outcome, reasons, ruleVersion: rule, actor, personId, detail };
  }

  private auditKeyOf(subject: Subject, period: string): KeyObject {
    switch (subject.kind) {
      case 'person':
        return this.keyring.unwrap(subject.personId, subject.auditKey);
      case 'stranger':
        return this.keyring.strangerKey(subject.bsn, period);
      case 'nobody':
        return this.keyring.systemKey();
      default:
        return subject satisfies never;
    }
  }

  /** A key for one box only: a half year holds more entries than AES-GCM allows under one key (NIST SP 800-38D §8.3). */
  private boxKey(eventId: string, period: string): KeyObject {
    return secretKey(createHmac('sha256', this.keyring.subjectKey(period)).update(eventId).digest());
  }

  private partyTagsOf(detail: EntryDetail, period: string): Buffer {
    return Buffer.concat(partiesOf(detail).map((ura) => this.keyring.partyTag(ura, period)));
  }

  private subjectTag(auditKey: KeyObject, period: string): Buffer {
    return createHmac('sha256', auditKey).update(`lookup|${period}`).digest().subarray(0, 16);
  }
}
