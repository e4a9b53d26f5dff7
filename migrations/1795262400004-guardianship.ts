import { ForwardOnly, hashParts } from './forward-only.js';

/**
 * How a guardian comes to see and decide on the choices of a child: pairing codes, tries, reviews. The counters are here, so
 * that all instances of the service share them.
 */
export class Guardianship1795262400004 extends ForwardOnly {
  readonly name = 'Guardianship1795262400004';

  protected readonly sql = `
    CREATE TABLE pairing_selector (
      selector text PRIMARY KEY,
      child_id uuid NOT NULL,
      expires_at timestamptz NOT NULL
    );
    CREATE INDEX pairing_selector_expires ON pairing_selector (expires_at);
    COMMENT ON TABLE pairing_selector IS 'Which child a code is for. Apart from pairing_code, because it is asked by selector.';
    COMMENT ON COLUMN pairing_selector.selector IS 'The first four characters of the code; no secret.';
    COMMENT ON COLUMN pairing_selector.child_id IS 'The child who made the code.';
    COMMENT ON COLUMN pairing_selector.expires_at IS 'From then on another code may have this selector.';

    CREATE TABLE pairing_code (
      child_id uuid NOT NULL REFERENCES person,
      selector text NOT NULL,
      salt bytea NOT NULL,
      hash bytea NOT NULL,
      version integer NOT NULL,
      made_at timestamptz NOT NULL,
      expires_at timestamptz NOT NULL,
      tries integer NOT NULL DEFAULT 0,
      PRIMARY KEY (child_id)
    ) PARTITION BY HASH (child_id);
    ${hashParts('pairing_code')}
    CREATE INDEX pairing_code_expires ON pairing_code (expires_at);
    COMMENT ON TABLE pairing_code IS 'The one pairing code of a child. Used or ended codes are gone; the audit log remembers them.';
    COMMENT ON COLUMN pairing_code.child_id IS 'The child who made the code.';
    COMMENT ON COLUMN pairing_code.selector IS 'The first four characters of the code; no secret.';
    COMMENT ON COLUMN pairing_code.salt IS 'Salt of the hash.';
    COMMENT ON COLUMN pairing_code.hash IS 'scrypt of the last eight characters. The code itself is not kept.';
    COMMENT ON COLUMN pairing_code.version IS 'The number of the version that waits for a guardian.';
    COMMENT ON COLUMN pairing_code.made_at IS 'When it was made.';
    COMMENT ON COLUMN pairing_code.expires_at IS 'From when it opens nothing.';
    COMMENT ON COLUMN pairing_code.tries IS 'How often someone tried it.';

    CREATE TABLE guardian_try (
      guardian_id uuid NOT NULL REFERENCES person,
      day date NOT NULL,
      tries integer NOT NULL CHECK (tries >= 0),
      PRIMARY KEY (guardian_id, day)
    ) PARTITION BY HASH (guardian_id);
    ${hashParts('guardian_try')}
    COMMENT ON TABLE guardian_try IS 'How many codes a guardian tried today. Earlier days go at the next try.';
    COMMENT ON COLUMN guardian_try.guardian_id IS 'Who tried (a person_id).';
    COMMENT ON COLUMN guardian_try.day IS 'The day in the Netherlands.';
    COMMENT ON COLUMN guardian_try.tries IS 'The number of tries that were not right.';

    CREATE TABLE review (
      child_id uuid NOT NULL REFERENCES person,
      review_id uuid NOT NULL,
      guardian_id uuid NOT NULL,
      version integer NOT NULL,
      state text NOT NULL CHECK (state IN ('open', 'approved', 'refused')),
      opened_at timestamptz NOT NULL,
      expires_at timestamptz NOT NULL,
      decided_at timestamptz,
      PRIMARY KEY (child_id, review_id),
      CHECK ((state = 'open') = (decided_at IS NULL))
    ) PARTITION BY HASH (child_id);
    ${hashParts('review')}
    CREATE INDEX review_id ON review (review_id);
    CREATE INDEX review_guardian ON review (guardian_id);
    COMMENT ON TABLE review IS 'A guardian looking at one version of one child''s choices.';
    COMMENT ON COLUMN review.child_id IS 'Whose choices.';
    COMMENT ON COLUMN review.review_id IS 'UUIDv7, made by the service.';
    COMMENT ON COLUMN review.guardian_id IS 'Who looks (a person_id).';
    COMMENT ON COLUMN review.version IS 'The number of the version.';
    COMMENT ON COLUMN review.state IS 'Open until decided; decided once.';
    COMMENT ON COLUMN review.opened_at IS 'When the code was accepted.';
    COMMENT ON COLUMN review.expires_at IS 'Until when it can be decided.';
    COMMENT ON COLUMN review.decided_at IS 'When it was decided.';

    GRANT SELECT, INSERT, UPDATE, DELETE ON pairing_selector, pairing_code, guardian_try TO registry_app;
    GRANT SELECT, INSERT, UPDATE (state, decided_at) ON review TO registry_app;
  `;
}
