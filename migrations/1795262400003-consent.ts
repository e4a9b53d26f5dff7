import { ForwardOnly, hashParts } from './forward-only.js';

/**
 * A person's choices are versions that never change, so that "what was the answer at that moment" can always be told. The
 * database keeps the rule too: one version in force, states that move forward only, choices that stay as they were made.
 */
export class Consent1795262400003 extends ForwardOnly {
  readonly name = 'Consent1795262400003';

  protected readonly sql = `
    CREATE TABLE consent_version (
      person_id uuid NOT NULL REFERENCES person,
      number integer NOT NULL CHECK (number > 0),
      state text NOT NULL
        CHECK (state IN ('proposed', 'awaiting-guardian', 'in-force', 'superseded', 'refused', 'lapsed')),
      option text NOT NULL CHECK (option IN ('all', 'certain', 'none')),
      choices jsonb NOT NULL CHECK (jsonb_typeof(choices) = 'array'),
      catalogue_version text NOT NULL,
      made_at timestamptz NOT NULL,
      made_by text NOT NULL CHECK (made_by IN ('self', 'provider')),
      maker_ura text,
      maker_client_id text,
      restored_from integer,
      decided_by uuid,
      in_force_from timestamptz,
      ended_at timestamptz,
      PRIMARY KEY (person_id, number),
      CHECK ((made_by = 'provider') = (maker_ura IS NOT NULL) AND (made_by = 'provider') = (maker_client_id IS NOT NULL)),
      CHECK ((state IN ('in-force', 'superseded')) = (in_force_from IS NOT NULL)),
      CHECK ((state IN ('superseded', 'refused', 'lapsed')) = (ended_at IS NOT NULL))
    ) PARTITION BY HASH (person_id);
    ${hashParts('consent_version')}
    CREATE UNIQUE INDEX consent_version_one_in_force ON consent_version (person_id) WHERE state = 'in-force';
    CREATE UNIQUE INDEX consent_version_one_awaiting ON consent_version (person_id) WHERE state = 'awaiting-guardian';
    CREATE UNIQUE INDEX consent_version_one_proposed ON consent_version (person_id) WHERE state = 'proposed';
    COMMENT ON TABLE consent_version IS 'One immutable version of a person''s choices. Only its state moves on.';
    COMMENT ON COLUMN consent_version.person_id IS 'Whose choices.';
    COMMENT ON COLUMN consent_version.number IS '1, 2, 3 … per person.';
    COMMENT ON COLUMN consent_version.state IS 'At most one version of a person is in-force, one awaiting-guardian, one proposed.';
    COMMENT ON COLUMN consent_version.option IS 'Which of the three options the person picked.';
    COMMENT ON COLUMN consent_version.choices IS 'List of {holder, requester, dataCategory, answer}.';
    COMMENT ON COLUMN consent_version.catalogue_version IS 'The catalogue of provider types and data categories it was made under.';
    COMMENT ON COLUMN consent_version.made_at IS 'When it was made.';
    COMMENT ON COLUMN consent_version.made_by IS 'The person (self), or a care provider at the person''s request.';
    COMMENT ON COLUMN consent_version.maker_ura IS 'That care provider''s URA number.';
    COMMENT ON COLUMN consent_version.maker_client_id IS 'The system that care provider used.';
    COMMENT ON COLUMN consent_version.restored_from IS 'The number of the version whose choices were taken over.';
    COMMENT ON COLUMN consent_version.decided_by IS 'The guardian (a person_id) who approved or refused.';
    COMMENT ON COLUMN consent_version.in_force_from IS 'From when it decided answers.';
    COMMENT ON COLUMN consent_version.ended_at IS 'When it was superseded, refused or lapsed.';

    CREATE FUNCTION consent_version_keep() RETURNS trigger LANGUAGE plpgsql AS $body$
    BEGIN
      IF TG_OP = 'DELETE' THEN
        IF current_user <> 'registry_app' THEN RETURN OLD; END IF;
        RAISE EXCEPTION 'versions of choices are not deleted by the service' USING ERRCODE = 'CV001';
      END IF;
      IF (OLD.person_id, OLD.number, OLD.option, OLD.choices, OLD.catalogue_version, OLD.made_at, OLD.made_by,
          OLD.maker_ura, OLD.maker_client_id, OLD.restored_from)
         IS DISTINCT FROM
         (NEW.person_id, NEW.number, NEW.option, NEW.choices, NEW.catalogue_version, NEW.made_at, NEW.made_by,
          NEW.maker_ura, NEW.maker_client_id, NEW.restored_from) THEN
        RAISE EXCEPTION 'a version of choices is not changed' USING ERRCODE = 'CV001';
      END IF;
      IF OLD.state <> NEW.state
         AND NOT (OLD.state IN ('proposed', 'awaiting-guardian') AND NEW.state IN ('in-force', 'refused', 'lapsed'))
         AND NOT (OLD.state = 'in-force' AND NEW.state = 'superseded') THEN
        RAISE EXCEPTION 'a version that is % does not become %', OLD.state, NEW.state USING ERRCODE = 'CV001';
      END IF;
      RETURN NEW;
    END $body$;
    COMMENT ON FUNCTION consent_version_keep() IS 'Keeps versions of choices as they were made, against mistakes in the service.';
    CREATE TRIGGER consent_version_keep BEFORE UPDATE OR DELETE ON consent_version
      FOR EACH ROW EXECUTE FUNCTION consent_version_keep();

    CREATE TABLE idempotency (
      person_id uuid NOT NULL REFERENCES person,
      key text NOT NULL CHECK (length(key) <= 255),
      request_hash bytea NOT NULL,
      version integer NOT NULL,
      at timestamptz NOT NULL,
      PRIMARY KEY (person_id, key)
    ) PARTITION BY HASH (person_id);
    ${hashParts('idempotency')}
    CREATE INDEX idempotency_at ON idempotency (at);
    COMMENT ON TABLE idempotency IS 'Changes by Idempotency-Key, so that a repeated request does nothing twice.';
    COMMENT ON COLUMN idempotency.person_id IS 'Whose change.';
    COMMENT ON COLUMN idempotency.key IS 'The key as sent.';
    COMMENT ON COLUMN idempotency.request_hash IS 'SHA-256 of what was asked: the same key with another request is noticed.';
    COMMENT ON COLUMN idempotency.version IS 'The number of the version that came of it.';
    COMMENT ON COLUMN idempotency.at IS 'When it was carried out.';

    GRANT SELECT, INSERT, UPDATE (state, decided_by, in_force_from, ended_at) ON consent_version TO registry_app;
    GRANT SELECT, INSERT, DELETE ON idempotency TO registry_app;
  `;
}
