import { ForwardOnly, hashParts } from './forward-only.js';

/**
 * Persons. Who somebody is (person_identity) is kept apart from what the registry keeps about them, which knows person_id
 * only. Everything that names a person is encrypted with keys that are not in the database.
 */
export class People1795262400002 extends ForwardOnly {
  readonly name = 'People1795262400002';

  protected readonly sql = `
    CREATE TABLE person_identity (
      bsn_index bytea NOT NULL CHECK (octet_length(bsn_index) = 32),
      person_id uuid NOT NULL,
      bsn_box bytea NOT NULL,
      PRIMARY KEY (bsn_index)
    ) PARTITION BY HASH (bsn_index);
    ${hashParts('person_identity')}
    CREATE INDEX person_identity_person ON person_identity (person_id);
    COMMENT ON TABLE person_identity IS 'Which person has which BSN. Spread by blind index, because it is asked by BSN.';
    COMMENT ON COLUMN person_identity.bsn_index IS 'Blind index: HMAC-SHA-256 of the BSN, with a key that is not in the database.';
    COMMENT ON COLUMN person_identity.person_id IS 'The person, in every other table.';
    COMMENT ON COLUMN person_identity.bsn_box IS 'The BSN: key version (1 byte), then AES-256-GCM bound to person_id.';

    CREATE TABLE person (
      person_id uuid NOT NULL,
      audit_key bytea NOT NULL,
      born_on date,
      born_on_source text CHECK (born_on_source IN ('self', 'provider')),
      PRIMARY KEY (person_id),
      CHECK ((born_on IS NULL) = (born_on_source IS NULL))
    ) PARTITION BY HASH (person_id);
    ${hashParts('person')}
    COMMENT ON TABLE person IS 'A natural person. Locked by every change of their choices.';
    COMMENT ON COLUMN person.person_id IS 'UUIDv7, made by the service. Means nothing outside this registry.';
    COMMENT ON COLUMN person.audit_key IS 'The key to the entries about this person, wrapped by a key that is not in the database. Without it they are unreadable.';
    COMMENT ON COLUMN person.born_on IS 'Day of birth; decides who decides.';
    COMMENT ON COLUMN person.born_on_source IS 'Who stated the day of birth: the person (self) or a care provider.';

    CREATE TABLE person_account (
      person_id uuid NOT NULL REFERENCES person,
      display_name_box bytea NOT NULL,
      email_box bytea NOT NULL,
      language text NOT NULL CHECK (language IN ('nl', 'en')),
      terms_version text NOT NULL,
      terms_accepted_at timestamptz NOT NULL,
      created_at timestamptz NOT NULL,
      PRIMARY KEY (person_id)
    ) PARTITION BY HASH (person_id);
    ${hashParts('person_account')}
    COMMENT ON TABLE person_account IS 'What a person told at first use. Absent for someone known only through a care provider.';
    COMMENT ON COLUMN person_account.person_id IS 'Whose account it is.';
    COMMENT ON COLUMN person_account.display_name_box IS 'What to call the person, encrypted as the BSN is.';
    COMMENT ON COLUMN person_account.email_box IS 'Where to write to, encrypted as the BSN is.';
    COMMENT ON COLUMN person_account.language IS 'The language to write in.';
    COMMENT ON COLUMN person_account.terms_version IS 'Which terms of use were accepted.';
    COMMENT ON COLUMN person_account.terms_accepted_at IS 'When they were accepted.';
    COMMENT ON COLUMN person_account.created_at IS 'When the person first used the registry.';

    GRANT SELECT, INSERT ON person_identity TO registry_app;
    GRANT SELECT, INSERT, UPDATE ON person TO registry_app;
    GRANT SELECT, INSERT, UPDATE, DELETE ON person_account TO registry_app;
  `;
}
