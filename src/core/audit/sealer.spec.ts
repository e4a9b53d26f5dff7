import { describe, expect, it } from '@jest/globals';
import canonicalize from 'canonicalize';
import { createHash, randomBytes, randomUUID } from 'node:crypto';
import { parseBsn } from '../person/bsn.js';
import { parseUra } from '../provider/ura.js';
import {
  type Actor,
  type Entry,
  type EntryDetail,
  ENTRY_KINDS,
  isEntryKind,
  type SealedEntry,
  type Subject,
} from './entry.js';
import { Keyring } from './keyring.js';
import { LARGEST_LEAF, leafHashOf, periodOf, Sealer } from './sealer.js';

const keyring = new Keyring(randomBytes(32));
const sealer = new Sealer(keyring, randomUUID, 'test');

const bsn = parseBsn('999990019');
const personId = randomUUID();
const person = { id: personId, bsn, auditKey: keyring.newWrappedKey(personId) };
const guardianId = randomUUID();

const SUBJECTS: Readonly<Record<Subject['kind'], Subject>> = {
  person: { kind: 'person', personId: person.id, auditKey: person.auditKey },
  stranger: { kind: 'stranger', bsn },
  nobody: { kind: 'nobody' },
};

const ACTORS: readonly Actor[] = [
  { kind: 'client', clientId: 'his-7', tokenId: 'token-1' },
  { kind: 'citizen', personId: guardianId, as: 'guardian' },
  { kind: 'auditor', subject: 'auditor-12', name: 'A. Auditor' },
  { kind: 'operator' },
];

const check: Entry = {
  kind: 'consent.checked',
  at: new Date('2026-11-21T12:34:56.789Z'),
  actor: { kind: 'client', clientId: 'his-7', tokenId: 'token-1' },
  subject: SUBJECTS.person,
  outcome: 'deny',
  reasons: ['NO_PROVIDER'],
  detail: {
    purpose: 'TREAT',
    requester: { ura: parseUra('30000001'), type: 'V4' },
    professional: { id: '900012345', role: '01.015' },
    holders: [
      {
        ura: '10000001',
        type: 'Z3',
        results: [
          { dataCategory: 'GGC002', decision: 'deny', reason: 'NO_PROVIDER', matched: [], deciding: [] },
        ],
      },
    ],
    version: 4,
    address: '192.0.2.7',
    note: 'Ziekenhuis Oost asked',
  },
};

const wrappedKey = (personId: string): Buffer | undefined =>
  personId === person.id ? person.auditKey : undefined;
const open = (sealed: SealedEntry): ReturnType<Sealer['open']> => sealer.open(sealed, wrappedKey);
const leafOf = (sealed: SealedEntry): Record<string, unknown> =>
  JSON.parse(sealed.leaf.toString()) as Record<string, unknown>;

function flipped(bytes: Buffer, place: number): Buffer {
  const changed = Buffer.from(bytes);
  changed[place] = (changed[place] ?? 0) ^ 0x01;
  return changed;
}

describe('an entry that was sealed', () => {
  const situations = Object.values(SUBJECTS).flatMap((subject) =>
    ACTORS.map((actor) => ({ subject, actor })),
  );

  it.each(situations)('opens as it was: about $subject.kind, by $actor.kind', ({ subject, actor }) => {
    const { kind, at, outcome, reasons, detail } = check;
    const sealed = sealer.seal({ ...check, subject, actor });
    const personId = subject.kind === 'person' ? subject.personId : undefined;
    expect(open(sealed)).toEqual({
      id: sealed.id,
      kind,
      at,
      outcome,
      reasons,
      actor,
      detail,
      personId,
      ruleVersion: '1',
    });
  });

  it.each(ENTRY_KINDS)('opens as it was: %s without any detail', (kind) => {
    const opened = open(sealer.seal({ ...check, kind, outcome: 'done', reasons: [], detail: {} }));
    expect([opened?.kind, opened?.outcome, opened?.reasons, opened?.detail]).toEqual([kind, 'done', [], {}]);
    expect([isEntryKind(kind), isEntryKind(`${kind}x`)]).toEqual([true, false]);
  });

  it('opens after a walk through the columns of a database', () => {
    const sealed = sealer.seal(check);
    const copy = (bytes: Buffer): Buffer => Buffer.from(bytes.toString('hex'), 'hex');
    const kept = {
      ...sealed,
      at: new Date(sealed.at.toISOString()),
      leaf: copy(sealed.leaf),
      leafHash: copy(sealed.leafHash),
      subjectBox: copy(sealed.subjectBox),
      detail: copy(sealed.detail),
    };
    expect(open(kept)).toEqual(open(sealed));
  });

  it('says whose it is to the holder of the ring', () => {
    const subjects = Object.values(SUBJECTS).map((subject) =>
      sealer.subjectOf(sealer.seal({ ...check, subject })),
    );
    expect(subjects).toEqual([
      { kind: 'person', personId: person.id },
      { kind: 'stranger', bsn },
      { kind: 'nobody' },
    ]);
  });

  it('does not tell by its length whether it is about a person, a stranger or nobody', () => {
    const sealed = Object.values(SUBJECTS).map((subject) => sealer.seal({ ...check, subject }));
    expect(new Set(sealed.map(({ subjectBox }) => subjectBox.length)).size).toBe(1);
    expect(new Set(sealed.map(({ leaf }) => leaf.length)).size).toBe(1);
  });
});

describe('an entry that was tampered with does not open', () => {
  const sealed = sealer.seal(check);
  const other = sealer.seal({ ...check, outcome: 'permit', reasons: ['YES_ALL'] });

  it.each(['detail', 'leaf', 'leafHash', 'subjectBox', 'subjectTag'] as const)(
    'a changed bit anywhere in %s',
    (part) => {
      for (let place = 0; place < sealed[part].length; place += 1) {
        expect(() => open({ ...sealed, [part]: flipped(sealed[part], place) })).toThrow();
      }
    },
  );

  it.each([
    ['id', { id: randomUUID() }],
    ['moment', { at: new Date(check.at.getTime() + 1) }],
    ['kind', { kind: 'location.asked' as const }],
    ['outcome', { outcome: 'permit' as const }],
    ['client', { clientId: 'his-8' }],
    ['period', { period: '2026h1' }],
  ])('another %s beside the leaf', (_, change) => {
    expect(() => open({ ...sealed, ...change })).toThrow();
  });

  it.each(['detail', 'leaf', 'subjectBox'] as const)("another entry's %s", (part) => {
    expect(() => open({ ...sealed, [part]: other[part] })).toThrow();
  });

  it('a leaf written anew with its own hash, by someone without the keys', () => {
    const leaf = Buffer.from(sealed.leaf.toString().replace('"outcome":"deny"', '"outcome":"permit"'));
    expect(leaf.equals(sealed.leaf)).toBe(false);
    expect(() => open({ ...sealed, outcome: 'permit', leaf, leafHash: leafHashOf(leaf) })).toThrow(
      `entry ${sealed.id} and its leaf do not belong together`,
    );
  });
});

describe('the keys of an entry', () => {
  const sealed = sealer.seal(check);

  it('another ring opens nothing', () => {
    const stranger = new Sealer(new Keyring(randomBytes(32)), randomUUID, 'test');
    for (const subject of Object.values(SUBJECTS)) {
      expect(() => stranger.open(sealer.seal({ ...check, subject }), wrappedKey)).toThrow();
    }
  });

  it("another person's key, or another key of the same person, opens nothing", () => {
    expect(() => sealer.open(sealed, () => keyring.newWrappedKey(guardianId))).toThrow();
    expect(() => sealer.open(sealed, () => keyring.newWrappedKey(person.id))).toThrow();
  });

  it('once the key of the person is deleted the entry can not be read, and says so', () => {
    expect(sealer.open(sealed, () => undefined)).toBeUndefined();
  });

  it('are new for each entry: the same entry twice shares no bytes of meaning', () => {
    const again = sealer.seal(check);
    const [one, two] = [leafOf(sealed), leafOf(again)];
    for (const commitment of ['sc', 'dc', 'bc']) expect(one[commitment]).not.toBe(two[commitment]);
    expect(sealed.detail.equals(again.detail)).toBe(false);
    expect(sealed.subjectBox.equals(again.subjectBox)).toBe(false);
    expect(sealed.subjectTag.equals(again.subjectTag)).toBe(true);
  });
});

describe('finding entries', () => {
  const stranger = sealer.seal({ ...check, subject: SUBJECTS.stranger });
  const known = sealer.seal(check);
  const holds = (tags: readonly Buffer[], tag: Buffer): boolean => tags.some((found) => found.equals(tag));

  it('a person finds what was asked before the registry knew them, and after', () => {
    const tags = sealer.tagsOf(person, '2026h2');
    expect([holds(tags, stranger.subjectTag), holds(tags, known.subjectTag)]).toEqual([true, true]);
  });

  it('nobody else finds it, and nobody finds it in another period', () => {
    const otherId = randomUUID();
    const other = { id: otherId, bsn: parseBsn('999990020'), auditKey: keyring.newWrappedKey(otherId) };
    for (const tags of [sealer.tagsOf(other, '2026h2'), sealer.tagsOf(person, '2026h1')]) {
      expect([holds(tags, stranger.subjectTag), holds(tags, known.subjectTag)]).toEqual([false, false]);
    }
  });

  it('entries about nobody are not found as anybody', () => {
    const nobody = sealer.seal({ ...check, subject: SUBJECTS.nobody });
    expect(holds(sealer.tagsOf(person, '2026h2'), nobody.subjectTag)).toBe(false);
  });

  it('a provider is found as requester and as holder, also as one of several', () => {
    const names = ({ partyTags }: SealedEntry, ura: string) =>
      partyTags.includes(sealer.partyTag(ura, '2026h2'));
    expect(['30000001', '10000001', '10000002'].map((ura) => names(known, ura))).toEqual([true, true, false]);
    const holders = ['10000001', '10000002'].map((ura) => ({ ura, type: 'Z3', results: [] }));
    const open = sealer.seal({ ...check, kind: 'location.asked', detail: { holders } });
    expect(['10000001', '10000002'].map((ura) => names(open, ura))).toEqual([true, true]);
  });

  it('the provider that a localization is about is found as holder', () => {
    const sealed = sealer.seal({
      ...check,
      kind: 'localization.registered',
      detail: { provider: { ura: '10000001' } },
    });
    expect(sealed.partyTags.equals(sealer.partyTag('10000001', '2026h2'))).toBe(true);
  });

  it('a requester elsewhere in the European Union has no number and no tag', () => {
    const requester = { country: 'BE', organisation: 'Hospital abroad' };
    expect(sealer.seal({ ...check, detail: { requester } }).partyTags).toHaveLength(0);
  });
});

describe('the leaf', () => {
  it('looks the same whether the person never chose or chose: same fields, same lengths', () => {
    const shapeOf = (detail: EntryDetail) => {
      const leaf = JSON.parse(sealer.seal({ ...check, detail }).leaf.toString()) as Record<
        string,
        string | number
      >;
      return Object.entries(leaf).map(([name, value]) => [name, String(value).length]);
    };
    expect(shapeOf({})).toEqual(shapeOf({ version: 12, versionDigest: 'x'.repeat(43) }));
  });

  const sealed = sealer.seal(check);

  it('is canonical JSON (RFC 8785), also by the reference implementation', () => {
    for (const subject of Object.values(SUBJECTS)) {
      for (const actor of ACTORS) {
        const { leaf } = sealer.seal({ ...check, subject, actor });
        expect(leaf.toString()).toBe(canonicalize(JSON.parse(leaf.toString())));
      }
    }
  });

  it('carries these fields and no others', () => {
    expect(leafOf(sealed)).toEqual({
      bc: expect.stringMatching(/^[\w-]{43}$/),
      client: 'his-7',
      dc: expect.stringMatching(/^[\w-]{43}$/),
      id: sealed.id,
      kind: 'consent.checked',
      outcome: 'deny',
      rule: '1',
      sc: expect.stringMatching(/^[\w-]{43}$/),
      t: '2026-11-21T12:34:56.789Z',
      v: 1,
    });
  });

  it('commits to the consent version it rests on: to its number and to what it chose', () => {
    const id = sealed.id;
    const fixed = new Sealer(keyring, () => id, 'test');
    const bcOf = (detail: EntryDetail) => leafOf(fixed.seal({ ...check, detail }))['bc'];
    const commitments = [
      bcOf({}),
      bcOf({ version: 1, versionDigest: 'a' }),
      bcOf({ version: 2, versionDigest: 'a' }),
      bcOf({ version: 1, versionDigest: 'b' }),
    ];
    expect(new Set(commitments).size).toBe(4);
  });

  it('is hashed as RFC 6962 §2.1 says', () => {
    const hash = createHash('sha256')
      .update(Buffer.concat([Buffer.from([0]), sealed.leaf]))
      .digest();
    expect(sealed.leafHash.equals(hash)).toBe(true);
  });

  it('has at most 1 KiB, and is far below it for a long client id', () => {
    const actor = { kind: 'client', clientId: 'c'.repeat(256) } as const;
    expect(sealer.seal({ ...check, actor }).leaf.length).toBeLessThan(LARGEST_LEAF);
    const tooLong = { kind: 'client', clientId: 'c'.repeat(1024) } as const;
    expect(() => sealer.seal({ ...check, actor: tooLong })).toThrow(/is too large/);
    expect(LARGEST_LEAF).toBe(1024);
  });

  it('grows with nothing that is told about a person', () => {
    const long = { ...check.detail, note: 'x'.repeat(10_000) };
    expect(sealer.seal({ ...check, detail: long }).leaf.length).toBe(sealed.leaf.length);
  });

  const personal = [
    bsn,
    person.id,
    guardianId,
    '30000001',
    '10000001',
    '900012345',
    '192.0.2.7',
    'A. Auditor',
    'auditor-12',
    'Ziekenhuis',
  ];

  it('holds nothing personal: no BSN, person, provider, professional, address or note', () => {
    for (const subject of Object.values(SUBJECTS)) {
      for (const actor of ACTORS) {
        const text = sealer.seal({ ...check, subject, actor }).leaf.toString();
        for (const secret of personal) expect(text).not.toContain(secret);
      }
    }
  });

  it('holds no plain hash of anything personal: those are found by trying', () => {
    for (const subject of Object.values(SUBJECTS)) {
      const text = sealer.seal({ ...check, subject }).leaf.toString();
      for (const secret of personal) {
        for (const encoding of ['hex', 'base64', 'base64url'] as const) {
          for (const algorithm of ['md5', 'sha1', 'sha256', 'sha512']) {
            expect(text).not.toContain(createHash(algorithm).update(secret).digest(encoding));
          }
        }
      }
    }
  });

  it('nothing personal stands in clear anywhere else in the row either', () => {
    const { leaf, leafHash, subjectTag, subjectBox, partyTags, detail, ...clear } = sealed;
    const bytes = [leaf, leafHash, subjectTag, subjectBox, partyTags, detail].map((part) => String(part));
    for (const secret of personal) expect([...bytes, JSON.stringify(clear)].join('\n')).not.toContain(secret);
  });
});

describe('the period of a log', () => {
  it.each([
    ['2026-01-01T00:00:00.000Z', '2026h1'],
    ['2026-06-30T23:59:59.999Z', '2026h1'],
    ['2026-07-01T00:00:00.000Z', '2026h2'],
    ['2026-12-31T23:59:59.999Z', '2026h2'],
    ['2027-01-01T00:00:00.000Z', '2027h1'],
  ])('%s falls in %s, by UTC', (moment, period) => {
    expect(periodOf(new Date(moment))).toBe(period);
  });
});
