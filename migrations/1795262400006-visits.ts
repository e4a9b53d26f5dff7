import { ForwardOnly } from './forward-only.js';

/** What the doors must remember between requests, shared by all instances: who is signed in, and what was used up. */
export class Visits1795262400006 extends ForwardOnly {
  readonly name = 'Visits1795262400006';

  protected readonly sql = `
    CREATE TABLE session (
      secret_hash bytea PRIMARY KEY,
      role text NOT NULL CHECK (role IN ('citizen', 'auditor')),
      person_id uuid,
      subject text,
      name text,
      assurance text NOT NULL,
      started_at timestamptz NOT NULL,
      seen_at timestamptz NOT NULL,
      CHECK ((role = 'citizen') = (person_id IS NOT NULL)),
      CHECK ((role = 'auditor') = (subject IS NOT NULL AND name IS NOT NULL))
    );
    CREATE INDEX session_seen ON session (seen_at);
    COMMENT ON TABLE session IS 'Signed-in visits. A dump of this table lets nobody in: it holds hashes of the secrets.';
    COMMENT ON COLUMN session.secret_hash IS 'SHA-256 of the random secret in the cookie.';
    COMMENT ON COLUMN session.role IS 'Who signed in: a citizen or an auditor.';
    COMMENT ON COLUMN session.person_id IS 'The citizen.';
    COMMENT ON COLUMN session.subject IS 'The auditor, by subject at the auditors'' identity provider.';
    COMMENT ON COLUMN session.name IS 'The auditor''s name, as it stands in entries of the log.';
    COMMENT ON COLUMN session.assurance IS 'The level of assurance (acr) the identity provider stated.';
    COMMENT ON COLUMN session.started_at IS 'When they signed in.';
    COMMENT ON COLUMN session.seen_at IS 'Their last request.';

    CREATE TABLE sign_in_attempt (
      state_hash bytea PRIMARY KEY,
      browser_hash bytea NOT NULL,
      role text NOT NULL CHECK (role IN ('citizen', 'auditor')),
      nonce text NOT NULL,
      verifier text NOT NULL,
      return_to text NOT NULL,
      started_at timestamptz NOT NULL
    );
    CREATE INDEX sign_in_attempt_started ON sign_in_attempt (started_at);
    COMMENT ON TABLE sign_in_attempt IS 'Sign-ins under way at an identity provider; taken away when the person comes back.';
    COMMENT ON COLUMN sign_in_attempt.state_hash IS 'SHA-256 of the state parameter.';
    COMMENT ON COLUMN sign_in_attempt.browser_hash IS 'SHA-256 of a secret in the browser''s cookie: the answer must come back to the same browser.';
    COMMENT ON COLUMN sign_in_attempt.role IS 'As whom they sign in.';
    COMMENT ON COLUMN sign_in_attempt.nonce IS 'Must come back in the ID token.';
    COMMENT ON COLUMN sign_in_attempt.verifier IS 'PKCE verifier (RFC 7636).';
    COMMENT ON COLUMN sign_in_attempt.return_to IS 'Where to go after sign-in: a path on this site.';
    COMMENT ON COLUMN sign_in_attempt.started_at IS 'When they left for the identity provider.';

    CREATE TABLE once_value (
      value_hash bytea PRIMARY KEY,
      until timestamptz NOT NULL
    );
    CREATE INDEX once_value_until ON once_value (until);
    COMMENT ON TABLE once_value IS 'Values that were used up, such as the jti of a client assertion.';
    COMMENT ON COLUMN once_value.value_hash IS 'SHA-256 of the value.';
    COMMENT ON COLUMN once_value.until IS 'From then on the value would be refused for its age anyway.';

    GRANT SELECT, INSERT, DELETE, UPDATE (seen_at) ON session TO registry_app;
    GRANT SELECT, INSERT, DELETE ON sign_in_attempt TO registry_app;
    GRANT SELECT, INSERT, DELETE, UPDATE ON once_value TO registry_app;
  `;
}
