import { isDay } from '../core/person/age.js';
import type { Bsn } from '../core/person/bsn.js';
import { isEmail } from '../core/person/email.js';
import type { Account, BirthDateSource, Language, Person } from '../core/person/person.js';
import type { PeopleRecords } from '../core/registry.js';
import type { PersonCipher } from './person-cipher.js';
import type { Sql } from './sql.js';

interface PersonRow {
  readonly person_id: string;
  readonly bsn_box: Buffer;
  readonly audit_key: Buffer;
  readonly born_on: string | null;
  readonly born_on_source: BirthDateSource | null;
  readonly display_name_box: Buffer | null;
  readonly email_box: Buffer | null;
  readonly language: Language | null;
  readonly terms_version: string | null;
  readonly terms_accepted_at: Date | null;
  readonly created_at: Date | null;
}

const SELECT = `
  SELECT i.person_id, i.bsn_box, p.audit_key, p.born_on::text, p.born_on_source,
         a.display_name_box, a.email_box, a.language, a.terms_version, a.terms_accepted_at, a.created_at
  FROM person_identity i JOIN person p USING (person_id) LEFT JOIN person_account a USING (person_id)`;

/** Persons in PostgreSQL: identity, birth date and account each in a table of their own, names and numbers encrypted. */
export class PostgresPeople implements PeopleRecords {
  constructor(
    private readonly sql: Sql,
    private readonly cipher: PersonCipher,
  ) {}

  async find(personId: string): Promise<Person | undefined> {
    return this.read(await this.sql.first<PersonRow>(`${SELECT} WHERE i.person_id = $1`, [personId]));
  }

  async findByBsn(bsn: Bsn): Promise<Person | undefined> {
    const index = this.cipher.indexOf(bsn);
    return this.read(await this.sql.first<PersonRow>(`${SELECT} WHERE i.bsn_index = $1`, [index]));
  }

  /** Whoever comes second waits at the blind index for the first, and then reads what the first kept. */
  async addOrFind(person: Person): Promise<Person> {
    const added = await this.sql.change(
      `INSERT INTO person_identity (bsn_index, person_id, bsn_box) VALUES ($1, $2, $3)
       ON CONFLICT (bsn_index) DO NOTHING`,
      [this.cipher.indexOf(person.bsn), person.id, this.cipher.close('bsn', person.id, person.bsn)],
    );
    if (added === 0) return this.require(await this.findByBsn(person.bsn));
    await this.sql.change(
      'INSERT INTO person (person_id, audit_key, born_on, born_on_source) VALUES ($1, $2, $3, $4)',
      [person.id, person.auditKey, person.bornOn ?? null, person.bornOnSource ?? null],
    );
    if (person.account) await this.putAccount(person.id, person.account);
    return person;
  }

  async update(person: Person): Promise<void> {
    const changed = await this.sql.change(
      'UPDATE person SET born_on = $2, born_on_source = $3 WHERE person_id = $1',
      [person.id, person.bornOn ?? null, person.bornOnSource ?? null],
    );
    if (changed === 0) throw new Error('there is no such person');
    if (person.account) await this.putAccount(person.id, person.account);
    else await this.sql.change('DELETE FROM person_account WHERE person_id = $1', [person.id]);
  }

  /** Not FOR UPDATE: adding a row that refers to the person need not wait. Reads again after the wait, and so sees what changed. */
  async lock(personId: string): Promise<Person | undefined> {
    await this.sql.rows('SELECT 1 FROM person WHERE person_id = $1 FOR NO KEY UPDATE', [personId]);
    return this.find(personId);
  }

  private async putAccount(personId: string, account: Account): Promise<void> {
    await this.sql.change(
      `INSERT INTO person_account
         (person_id, display_name_box, email_box, language, terms_version, terms_accepted_at, created_at)
       VALUES ($1, $2, $3, $4, $5, $6, $7)
       ON CONFLICT (person_id) DO UPDATE SET
         display_name_box = EXCLUDED.display_name_box, email_box = EXCLUDED.email_box, language = EXCLUDED.language,
         terms_version = EXCLUDED.terms_version, terms_accepted_at = EXCLUDED.terms_accepted_at,
         created_at = EXCLUDED.created_at`,
      [
        personId,
        this.cipher.close('display-name', personId, account.displayName),
        this.cipher.close('email', personId, account.email),
        account.language,
        account.termsVersion,
        account.termsAcceptedAt,
        account.createdAt,
      ],
    );
  }

  private read(row: PersonRow | undefined): Person | undefined {
    if (!row) return undefined;
    const bornOn = row.born_on ?? undefined;
    if (bornOn !== undefined && !isDay(bornOn)) throw new Error('a kept birth date is no day');
    return {
      id: row.person_id,
      bsn: this.cipher.openBsn(row.person_id, row.bsn_box),
      auditKey: row.audit_key,
      bornOn,
      bornOnSource: row.born_on_source ?? undefined,
      account: this.readAccount(row),
    };
  }

  private readAccount(row: PersonRow): Account | undefined {
    const { display_name_box, email_box, language, terms_version, terms_accepted_at, created_at } = row;
    if (!display_name_box || !email_box || !language || !terms_version || !terms_accepted_at || !created_at) {
      return undefined;
    }
    const email = this.cipher.open('email', row.person_id, email_box);
    if (!isEmail(email)) throw new Error('a kept e-mail address is none');
    return {
      displayName: this.cipher.open('display-name', row.person_id, display_name_box),
      email,
      language,
      termsVersion: terms_version,
      termsAcceptedAt: terms_accepted_at,
      createdAt: created_at,
    };
  }

  private require(person: Person | undefined): Person {
    if (!person) throw new Error('an identity without a person');
    return person;
  }
}
