import type { QueryRunner } from 'typeorm';
import { ForwardOnly } from './forward-only.js';
import { LOG_GUARDS } from './log-guards.js';

/**
 * The audit log: added to, never changed. Three walls, each on its own: it belongs to the retention role, so that neither the
 * service's role nor the owner of everything else may change, delete, alter or drop any of it; triggers refuse changing rows to
 * every role, on every part; event triggers (log-guards.ts) refuse taking the tables or triggers away to everyone but the
 * retention role. A superuser can still get past all of them (drop the event triggers, disable the others): the database
 * hinders, the Merkle tree and its witness detect.
 *
 * A later migration that must change these tables does so after SET LOCAL ROLE registry_retention, and says why.
 */
export class AuditLog1795262400007 extends ForwardOnly {
  readonly name = 'AuditLog1795262400007';

  override async up(runner: QueryRunner): Promise<void> {
    await runner.query('SET LOCAL ROLE registry_retention');
    await runner.query(this.sql);
    await runner.query(this.partitions);
    await runner.query('RESET ROLE');
    await this.raiseGuards(runner);
  }

  /** Only a superuser can make an event trigger. Without one the other two walls stand, and the warning says what is lacking. */
  private async raiseGuards(runner: QueryRunner): Promise<void> {
    const found: unknown = await runner.query(`
      SELECT rolsuper, EXISTS (SELECT FROM pg_event_trigger WHERE evtname = 'log_guard_ddl') AS stands
      FROM pg_roles WHERE rolname = current_user`);
    const [{ rolsuper, stands } = { rolsuper: false, stands: false }] = found as {
      readonly rolsuper: boolean;
      readonly stands: boolean;
    }[];
    if (stands) return;
    if (rolsuper) await runner.query(LOG_GUARDS);
    else await runner.query(this.warning);
  }

  protected readonly sql = `
    CREATE TABLE audit_event (
      event_id uuid NOT NULL,
      at timestamptz NOT NULL,
      kind text NOT NULL,
      outcome text NOT NULL CHECK (outcome IN ('permit', 'deny', 'done', 'refused')),
      client_id text NOT NULL,
      period text NOT NULL,
      leaf bytea NOT NULL CHECK (octet_length(leaf) <= 1024),
      leaf_hash bytea NOT NULL CHECK (octet_length(leaf_hash) = 32),
      PRIMARY KEY (event_id, at)
    ) PARTITION BY RANGE (at);
    CREATE INDEX audit_event_at ON audit_event USING brin (at);
    COMMENT ON TABLE audit_event IS 'One row per entry of the log: what goes into the tree. Holds no personal data.';
    COMMENT ON COLUMN audit_event.event_id IS 'UUIDv7, made by the service.';
    COMMENT ON COLUMN audit_event.at IS 'When it happened.';
    COMMENT ON COLUMN audit_event.kind IS 'What happened.';
    COMMENT ON COLUMN audit_event.outcome IS 'How it ended.';
    COMMENT ON COLUMN audit_event.client_id IS 'The system that asked, or @citizen, @auditor, @operator.';
    COMMENT ON COLUMN audit_event.period IS 'The half year, and so the log it belongs to.';
    COMMENT ON COLUMN audit_event.leaf IS 'RFC 8785 canonical JSON with keyed commitments. These bytes are the truth.';
    COMMENT ON COLUMN audit_event.leaf_hash IS 'SHA-256(0x00 ‖ leaf), RFC 6962 section 2.1.';

    CREATE TABLE audit_detail (
      event_id uuid NOT NULL,
      at timestamptz NOT NULL,
      period text NOT NULL,
      subject_tag bytea NOT NULL,
      subject_box bytea NOT NULL,
      party_tags bytea NOT NULL CHECK (octet_length(party_tags) % 16 = 0),
      detail bytea NOT NULL,
      PRIMARY KEY (event_id, at)
    ) PARTITION BY RANGE (at);
    CREATE INDEX audit_detail_subject ON audit_detail (subject_tag, at DESC, event_id);
    COMMENT ON TABLE audit_detail IS 'What an entry says (NEN 7513), encrypted under the audit key of whom it is about.';
    COMMENT ON COLUMN audit_detail.event_id IS 'The entry.';
    COMMENT ON COLUMN audit_detail.at IS 'When it happened.';
    COMMENT ON COLUMN audit_detail.period IS 'The half year.';
    COMMENT ON COLUMN audit_detail.subject_tag IS 'Finds the entries about one person within a period, for who holds that person''s key.';
    COMMENT ON COLUMN audit_detail.subject_box IS 'Whose entry it is, encrypted.';
    COMMENT ON COLUMN audit_detail.party_tags IS 'Finds the entries naming a care provider: keyed tags of 16 bytes, one after another.';
    COMMENT ON COLUMN audit_detail.detail IS 'The record, AES-256-GCM under a key of this event.';

    CREATE TABLE audit_pending (
      event_id uuid PRIMARY KEY,
      leaf_hash bytea NOT NULL CHECK (octet_length(leaf_hash) = 32)
    );
    COMMENT ON TABLE audit_pending IS 'Entries that have no number in the tree yet. The sequencer consumes them.';
    COMMENT ON COLUMN audit_pending.event_id IS 'The entry.';
    COMMENT ON COLUMN audit_pending.leaf_hash IS 'Its leaf hash.';

    CREATE FUNCTION audit_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $body$
    BEGIN
      RAISE EXCEPTION 'the audit log is only added to: % on % is refused', TG_OP, TG_TABLE_NAME
        USING ERRCODE = 'AU001';
    END $body$;
    COMMENT ON FUNCTION audit_refuse_change() IS 'Refuses every change of the audit log, to every role.';
    CREATE TRIGGER audit_keep_rows BEFORE UPDATE OR DELETE ON audit_event
      FOR EACH ROW EXECUTE FUNCTION audit_refuse_change();
    CREATE TRIGGER audit_keep_rows BEFORE UPDATE OR DELETE ON audit_detail
      FOR EACH ROW EXECUTE FUNCTION audit_refuse_change();
    CREATE TRIGGER audit_keep_rows BEFORE UPDATE ON audit_pending
      FOR EACH ROW EXECUTE FUNCTION audit_refuse_change();
    CREATE TRIGGER audit_keep_all BEFORE TRUNCATE ON audit_event
      FOR EACH STATEMENT EXECUTE FUNCTION audit_refuse_change();
    CREATE TRIGGER audit_keep_all BEFORE TRUNCATE ON audit_detail
      FOR EACH STATEMENT EXECUTE FUNCTION audit_refuse_change();
    CREATE TRIGGER audit_keep_all BEFORE TRUNCATE ON audit_pending
      FOR EACH STATEMENT EXECUTE FUNCTION audit_refuse_change();
    -- ALWAYS: also where session_replication_role would skip ordinary triggers.
    ALTER TABLE audit_event ENABLE ALWAYS TRIGGER audit_keep_rows, ENABLE ALWAYS TRIGGER audit_keep_all;
    ALTER TABLE audit_detail ENABLE ALWAYS TRIGGER audit_keep_rows, ENABLE ALWAYS TRIGGER audit_keep_all;
    ALTER TABLE audit_pending ENABLE ALWAYS TRIGGER audit_keep_rows, ENABLE ALWAYS TRIGGER audit_keep_all;

    GRANT SELECT, INSERT ON audit_event, audit_detail TO registry_app;
    GRANT INSERT ON audit_pending TO registry_app;
    GRANT SELECT ON audit_event, audit_detail TO registry_auditor;
    GRANT SELECT, DELETE ON audit_pending TO registry_sequencer;
  `;

  private readonly partitions = `
    CREATE FUNCTION ensure_audit_partitions(since timestamptz, until timestamptz) RETURNS integer
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp SET timezone = 'UTC' AS $body$
    DECLARE
      half timestamptz := date_trunc('year', since) + (CASE WHEN extract(month FROM since) < 7 THEN 0 ELSE 6 END) * interval '1 month';
      parent text;
      part text;
      made integer := 0;
    BEGIN
      IF since < now() - interval '10 years' OR until > now() + interval '10 years' THEN
        RAISE EXCEPTION 'parts of the audit log are made within ten years from now only' USING ERRCODE = 'AU002';
      END IF;
      WHILE half <= until LOOP
        FOREACH parent IN ARRAY ARRAY['audit_event', 'audit_detail'] LOOP
          part := format('%s_%sh%s', parent, extract(year FROM half), CASE WHEN extract(month FROM half) < 7 THEN 1 ELSE 2 END);
          CONTINUE WHEN EXISTS (SELECT FROM pg_class WHERE relname = part AND relnamespace = 'public'::regnamespace);
          -- Several instances start at once; the second waits here and then finds the part made. (to_regclass would not:
          -- it remembers what it did not find before the wait.)
          PERFORM pg_advisory_xact_lock(7305003);
          CONTINUE WHEN EXISTS (SELECT FROM pg_class WHERE relname = part AND relnamespace = 'public'::regnamespace);
          EXECUTE format('CREATE TABLE public.%I (LIKE public.%I INCLUDING CONSTRAINTS INCLUDING COMMENTS)', part, parent);
          -- A TRUNCATE trigger of the parent does not fire for its parts, so each gets its own.
          EXECUTE format('CREATE TRIGGER audit_keep_all BEFORE TRUNCATE ON public.%I
                          FOR EACH STATEMENT EXECUTE FUNCTION public.audit_refuse_change()', part);
          EXECUTE format('ALTER TABLE public.%I ENABLE ALWAYS TRIGGER audit_keep_all', part);
          -- Attaching, unlike making it as a part, lets others go on adding entries.
          EXECUTE format('ALTER TABLE public.%I ATTACH PARTITION public.%I FOR VALUES FROM (%L) TO (%L)',
                         parent, part, half, half + interval '6 months');
          made := made + 1;
        END LOOP;
        half := half + interval '6 months';
      END LOOP;
      RETURN made;
    END $body$;
    COMMENT ON FUNCTION ensure_audit_partitions(timestamptz, timestamptz) IS
      'Makes the missing half-year parts of the audit log that two moments and everything between them fall in; gives back how many tables it made.';
    REVOKE EXECUTE ON FUNCTION ensure_audit_partitions(timestamptz, timestamptz) FROM PUBLIC;
    GRANT EXECUTE ON FUNCTION ensure_audit_partitions(timestamptz, timestamptz) TO registry_app;
    SELECT ensure_audit_partitions(now() - interval '6 months', now() + interval '6 months');
  `;

  private readonly warning = `
    DO $do$ BEGIN
      RAISE WARNING 'The event triggers that guard the audit log are lacking, because only a superuser can make them: run docker/log-guards.sql in this database as one.';
    END $do$;
  `;
}
