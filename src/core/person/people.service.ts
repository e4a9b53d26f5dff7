import { about, type Journal } from '../audit/journal.js';
import type { Keyring } from '../audit/keyring.js';
import type { Clock, NewId } from '../clock.js';
import { Failure } from '../failure.js';
import type { Records, Registry } from '../registry.js';
import { ageBandOf, ageOn, type Day, dayInAmsterdam } from './age.js';
import type { Bsn } from './bsn.js';
import type { Email } from './email.js';
import { type Language, type Person, TERMS_VERSION } from './person.js';

/** What a person fills in at first use. */
export interface Details {
  readonly displayName: string;
  readonly email: Email;
  readonly bornOn: Day;
  readonly language: Language;
  /** The version of the terms that was on the screen. */
  readonly termsVersion: string;
}

/** How far someone is with first use. */
export type OnboardingState = 'details-missing' | 'terms-changed' | 'ready';

/** The oldest age that a birth date may give. */
const OLDEST = 130;

/** How far a person is: details to fill in, changed terms to accept, or ready to choose. */
export function onboardingOf(person: Person): OnboardingState {
  if (!person.account || !person.bornOn) return 'details-missing';
  return person.account.termsVersion === TERMS_VERSION ? 'ready' : 'terms-changed';
}

/** Persons and what they tell about themselves. */
export class People {
  constructor(
    private readonly registry: Registry,
    private readonly journal: Journal,
    private readonly keyring: Keyring,
    private readonly clock: Clock,
    private readonly newId: NewId,
  ) {}

  /** The person with this BSN, added when the registry did not know one. */
  async knownBy(records: Records, bsn: Bsn): Promise<Person> {
    const known = await records.people.findByBsn(bsn);
    if (known) return known;
    const id = this.newId();
    return records.people.addOrFind({ id, bsn, auditKey: this.keyring.newWrappedKey(id) });
  }

  /** The signed-in person. */
  find(personId: string): Promise<Person> {
    return this.registry.inSnapshot((records) => requirePerson(records, personId));
  }

  /**
   * Keeps name, e-mail address, language, birth date and accepted terms. A birth date given by a care provider, or given before
   * by the person, can't be changed (BIRTH_DATE_FIXED): it decides who may choose. Refuses old terms and impossible dates.
   */
  async saveDetails(personId: string, details: Details): Promise<Person> {
    this.requirePlausible(details);
    return this.registry.inTransaction(async (records) => {
      const person = await requireLocked(records, personId);
      if (person.bornOn && person.bornOn !== details.bornOn) {
        throw new Failure(
          'BIRTH_DATE_FIXED',
          'Your date of birth is already known here and can not be changed.',
        );
      }
      const now = this.clock.now();
      const saved: Person = {
        ...person,
        bornOn: details.bornOn,
        bornOnSource: person.bornOnSource ?? 'self',
        account: {
          displayName: details.displayName,
          email: details.email,
          language: details.language,
          termsVersion: details.termsVersion,
          termsAcceptedAt:
            person.account?.termsVersion === details.termsVersion ? person.account.termsAcceptedAt : now,
          createdAt: person.account?.createdAt ?? now,
        },
      };
      await records.people.update(saved);
      const entry = await this.journal.write(records, {
        kind: 'person.details-saved',
        actor: { kind: 'citizen', personId, as: 'self' },
        subject: about(person),
        outcome: 'done',
        detail: {},
      });
      await this.journal.notify(records, personId, 'details-saved', entry);
      return saved;
    });
  }

  /** The age band of a person now; undefined while no birth date is known. */
  ageBandOf(person: Person): ReturnType<typeof ageBandOf> | undefined {
    return person.bornOn && ageBandOf(person.bornOn, this.clock.now());
  }

  private requirePlausible(details: Details): void {
    const today = dayInAmsterdam(this.clock.now());
    const fields: Record<string, string> = {};
    if (details.bornOn > today || ageOn(details.bornOn, today) > OLDEST) {
      fields['bornOn'] = `A date of birth lies in the past, at most ${OLDEST} years ago.`;
    }
    if (details.termsVersion !== TERMS_VERSION) {
      fields['termsVersion'] =
        `These terms are not the present ones; show and accept version ${TERMS_VERSION}.`;
    }
    if (Object.keys(fields).length > 0)
      throw new Failure('INPUT_INVALID', 'These details can not be kept.', { fields });
  }
}

/** The person, or NOT_FOUND. */
export async function requirePerson(records: Records, personId: string): Promise<Person> {
  const person = await records.people.find(personId);
  if (!person) throw new Failure('NOT_FOUND', 'This person is not in the registry any more.');
  return person;
}

/** The person, locked until the transaction ends, or NOT_FOUND. */
export async function requireLocked(records: Records, personId: string): Promise<Person> {
  const person = await records.people.lock(personId);
  if (!person) throw new Failure('NOT_FOUND', 'This person is not in the registry any more.');
  return person;
}
