import { ForwardOnly, hashParts } from './forward-only.js';

/**
 * The care side: who the care providers are, which systems speak for them, who holds data about whom, and what people must
 * hear of. Providers and systems are small reference tables; the rest belongs to a person.
 */
export class Care1795262400005 extends ForwardOnly {
  readonly name = 'Care1795262400005';

  protected readonly sql = `
    CREATE TABLE provider (
      ura text PRIMARY KEY CHECK (ura ~ '^[0-9]{8}$'),
      name text NOT NULL,
      place text NOT NULL,
      types text[] NOT NULL
    );
    COMMENT ON TABLE provider IS 'Care providers, as imported from the address book.';
    COMMENT ON COLUMN provider.ura IS 'URA number: eight digits.';
    COMMENT ON COLUMN provider.name IS 'The name as people know it.';
    COMMENT ON COLUMN provider.place IS 'Town or village.';
    COMMENT ON COLUMN provider.types IS 'Codes of the provider types (RoleCodeNL) it works as.';

    CREATE TABLE client (
      client_id text PRIMARY KEY,
      name text NOT NULL,
      uras text[] NOT NULL,
      scopes text[] NOT NULL,
      keys jsonb NOT NULL CHECK (jsonb_typeof(keys) = 'array'),
      created_at timestamptz NOT NULL,
      revoked_at timestamptz
    );
    COMMENT ON TABLE client IS 'Systems of care providers that may ask questions here.';
    COMMENT ON COLUMN client.client_id IS 'The OAuth 2 client_id.';
    COMMENT ON COLUMN client.name IS 'The system and its vendor, as a citizen reads it.';
    COMMENT ON COLUMN client.uras IS 'The provider numbers it may act for.';
    COMMENT ON COLUMN client.scopes IS 'What it may do.';
    COMMENT ON COLUMN client.keys IS 'Its public keys (JSON Web Keys). No secret.';
    COMMENT ON COLUMN client.created_at IS 'When it was registered.';
    COMMENT ON COLUMN client.revoked_at IS 'From when it is refused.';

    CREATE TABLE localization (
      person_id uuid NOT NULL REFERENCES person,
      localization_id uuid NOT NULL,
      ura text NOT NULL,
      type text NOT NULL,
      registered_at timestamptz NOT NULL,
      renewed_at timestamptz NOT NULL,
      ended_at timestamptz,
      client_id text NOT NULL,
      PRIMARY KEY (person_id, localization_id),
      UNIQUE (person_id, ura, type)
    ) PARTITION BY HASH (person_id);
    ${hashParts('localization')}
    CREATE INDEX localization_id ON localization (localization_id);
    COMMENT ON TABLE localization IS 'A care provider''s word that it holds data about a person.';
    COMMENT ON COLUMN localization.person_id IS 'About whom.';
    COMMENT ON COLUMN localization.localization_id IS 'UUIDv7, made by the service.';
    COMMENT ON COLUMN localization.ura IS 'Who holds the data: URA number.';
    COMMENT ON COLUMN localization.type IS 'As which provider type.';
    COMMENT ON COLUMN localization.registered_at IS 'When it was first registered.';
    COMMENT ON COLUMN localization.renewed_at IS 'When the provider last confirmed it.';
    COMMENT ON COLUMN localization.ended_at IS 'When the provider took it back.';
    COMMENT ON COLUMN localization.client_id IS 'The system that registered or last renewed it.';

    CREATE TABLE notice (
      person_id uuid NOT NULL REFERENCES person,
      notice_id uuid NOT NULL,
      kind text NOT NULL,
      at timestamptz NOT NULL,
      entry_id uuid NOT NULL,
      PRIMARY KEY (person_id, notice_id)
    ) PARTITION BY HASH (person_id);
    ${hashParts('notice')}
    COMMENT ON TABLE notice IS 'What a person must hear of. Kept together with the change it tells about.';
    COMMENT ON COLUMN notice.person_id IS 'Who must hear it.';
    COMMENT ON COLUMN notice.notice_id IS 'UUIDv7, made by the service.';
    COMMENT ON COLUMN notice.kind IS 'What happened, without naming providers, groups or outcomes.';
    COMMENT ON COLUMN notice.at IS 'When it happened.';
    COMMENT ON COLUMN notice.entry_id IS 'The entry of the log that it tells about.';

    GRANT SELECT, INSERT, UPDATE ON provider TO registry_app;
    GRANT SELECT, INSERT, UPDATE (revoked_at) ON client TO registry_app;
    GRANT SELECT, INSERT, UPDATE ON localization TO registry_app;
    GRANT SELECT, INSERT ON notice TO registry_app;
  `;
}
