import { randomBytes, randomInt } from 'node:crypto';
import { v7 as newId } from 'uuid';
import { leafHashOf, periodOf } from '../src/core/audit/sealer.js';
import type { SealedEntry } from '../src/core/audit/entry.js';
import type { Client } from '../src/core/client/client.js';
import type { Choice } from '../src/core/consent/choices.js';
import type { ProfileVersion, VersionState } from '../src/core/consent/profile.js';
import type { KeptPairingCode } from '../src/core/guardianship/pairing-code.js';
import type { Review } from '../src/core/guardianship/review.js';
import type { Localization } from '../src/core/localization/localization.js';
import type { Notice } from '../src/core/notice/notice.js';
import { parseDay } from '../src/core/person/age.js';
import { type Bsn, isBsn } from '../src/core/person/bsn.js';
import { parseEmail } from '../src/core/person/email.js';
import type { Account, Person } from '../src/core/person/person.js';
import { CATALOGUE_VERSION } from '../src/core/provider/catalogue.js';
import type { Provider } from '../src/core/provider/provider.js';
import { parseUra, type Ura } from '../src/core/provider/ura.js';
import type { Session, SignInAttempt } from '../src/core/session/session.js';

/*
 * Builders for tests. Each makes something sound and random; a test names only what matters to it.
 */

const HOUR = 60 * 60_000;
const handedOut = new Set<string>();

/** A BSN from the range 999…, which is used for tests only, passing the 11-test; never the same twice in one test file. */
export function makeBsn(): Bsn {
  for (;;) {
    const text = `999${String(randomInt(1_000_000)).padStart(6, '0')}`;
    if (isBsn(text) && !handedOut.has(text)) {
      handedOut.add(text);
      return text;
    }
  }
}

/** A random URA number; never the same twice in one test file. */
export function makeUra(): Ura {
  for (;;) {
    const text = String(randomInt(1, 100_000_000)).padStart(8, '0');
    if (!handedOut.has(text)) {
      handedOut.add(text);
      return parseUra(text);
    }
  }
}

/** What a person filled in at first use. */
export function makeAccount(given: Partial<Account> = {}): Account {
  return {
    displayName: 'Sam de Test',
    email: parseEmail('sam@example.org'),
    language: 'nl',
    termsVersion: '2026-11-01',
    termsAcceptedAt: new Date(Date.now() - HOUR),
    createdAt: new Date(Date.now() - HOUR),
    ...given,
  };
}

/**
 * An adult with an account. The audit key is random bytes of the right length, not a wrapped key: a test that opens entries
 * gives one made by its own Keyring.
 */
export function makePerson(given: Partial<Person> = {}): Person {
  return {
    id: newId(),
    bsn: makeBsn(),
    auditKey: randomBytes(60),
    bornOn: parseDay('1980-05-17'),
    bornOnSource: 'self',
    account: makeAccount(),
    ...given,
  };
}

/** A wide yes, unless told otherwise. */
export function makeChoice(given: Partial<Choice> = {}): Choice {
  return { holder: 'all', requester: 'all', dataCategory: 'all', answer: 'yes', ...given };
}

const ENDED: readonly VersionState[] = ['superseded', 'refused', 'lapsed'];

/** Version 1, in force, made by the person, saying yes to everything. Times follow from the state. */
export function makeVersion(given: Partial<ProfileVersion> & { readonly personId: string }): ProfileVersion {
  const madeAt = given.madeAt ?? new Date(Date.now() - HOUR);
  const state = given.state ?? 'in-force';
  return {
    number: 1,
    state,
    option: given.choices === undefined ? 'all' : 'certain',
    choices: [makeChoice()],
    catalogueVersion: CATALOGUE_VERSION,
    madeAt,
    madeBy: { kind: 'self' },
    inForceFrom: state === 'in-force' || state === 'superseded' ? madeAt : undefined,
    endedAt: ENDED.includes(state) ? madeAt : undefined,
    ...given,
  };
}

/** A GP practice. */
export function makeProvider(given: Partial<Provider> = {}): Provider {
  return { ura: makeUra(), name: 'Huisartsenpraktijk De Linde', place: 'Zwolle', types: ['Z3'], ...given };
}

/** A system of one provider that may do everything. Its key is public and fits no private key. */
export function makeClient(given: Partial<Client> = {}): Client {
  return {
    id: `client-${randomBytes(6).toString('hex')}`,
    name: 'Voorbeeld-HIS',
    uras: [makeUra()],
    scopes: ['consent:check', 'location:ask', 'localization:write', 'provider:read'],
    keys: [{ kty: 'OKP', crv: 'Ed25519', x: randomBytes(32).toString('base64url') }],
    createdAt: new Date(Date.now() - HOUR),
    ...given,
  };
}

/** An active localization by a GP practice. */
export function makeLocalization(given: Partial<Localization> & { readonly personId: string }): Localization {
  const registeredAt = given.registeredAt ?? new Date(Date.now() - HOUR);
  return {
    id: newId(),
    ura: makeUra(),
    type: 'Z3',
    registeredAt,
    renewedAt: registeredAt,
    clientId: 'client-of-test',
    ...given,
  };
}

/** What is kept of a code for version 1 of a child; salt and hash are random, so nothing opens it. */
export function makeKeptCode(
  given: Partial<KeptPairingCode> & { readonly childId: string },
): KeptPairingCode {
  const madeAt = given.madeAt ?? new Date();
  return {
    selector: randomBytes(2).toString('hex').toUpperCase(),
    salt: randomBytes(16),
    hash: randomBytes(32),
    version: 1,
    madeAt,
    expiresAt: new Date(madeAt.getTime() + 72 * HOUR),
    ...given,
  };
}

/** An open review of version 1 of a child. */
export function makeReview(given: Partial<Review> & Pick<Review, 'guardianId' | 'childId'>): Review {
  const openedAt = given.openedAt ?? new Date();
  return {
    id: newId(),
    version: 1,
    state: 'open',
    openedAt,
    expiresAt: new Date(openedAt.getTime() + 24 * HOUR),
    ...given,
  };
}

/** A notice that choices were saved. */
export function makeNotice(given: Partial<Notice> & { readonly personId: string }): Notice {
  return { id: newId(), kind: 'choices-saved', at: new Date(), entryId: newId(), ...given };
}

/** A citizen's session that started a moment ago. */
export function makeSession(given: Partial<Session> = {}): Session {
  const startedAt = given.startedAt ?? new Date();
  return {
    secretHash: randomBytes(32),
    principal: { role: 'citizen', personId: newId() },
    assurance: 'urn:etoegang:core:assurance-class:loa3',
    startedAt,
    seenAt: startedAt,
    ...given,
  };
}

/** A citizen's sign-in under way. */
export function makeAttempt(given: Partial<SignInAttempt> = {}): SignInAttempt {
  return {
    stateHash: randomBytes(32),
    browserHash: randomBytes(32),
    role: 'citizen',
    nonce: randomBytes(16).toString('base64url'),
    verifier: randomBytes(32).toString('base64url'),
    returnTo: '/',
    startedAt: new Date(),
    ...given,
  };
}

/** A permitted check as it is kept. Leaf and hash belong together; boxes and tags are random, so nothing opens them. */
export function makeSealedEntry(given: Partial<SealedEntry> = {}): SealedEntry {
  const id = given.id ?? newId();
  const at = given.at ?? new Date();
  const leaf = given.leaf ?? Buffer.from(JSON.stringify({ id, t: at.toISOString(), v: 1 }));
  return {
    id,
    at,
    kind: 'consent.checked',
    outcome: 'permit',
    clientId: 'client-of-test',
    period: periodOf(at),
    leaf,
    leafHash: leafHashOf(leaf),
    subjectTag: randomBytes(16),
    subjectBox: randomBytes(65),
    partyTags: randomBytes(32),
    detail: randomBytes(200),
    ...given,
  };
}
