-- The event triggers that guard the audit log (see migrations/log-guards.ts, whose words these are; a test keeps them the same).
-- Only a superuser can make them. docker/compose.yaml has them made with the database; elsewhere run this in the registry's
-- database before `npm run registry -- migrate` or after it:
--   psql --set=ON_ERROR_STOP=1 --single-transaction --file=docker/log-guards.sql postgres://<superuser>@<host>/<database>

-- What an earlier version or somebody else put there goes first: whoever owned a function of it could change it.
DROP EVENT TRIGGER IF EXISTS log_guard_ddl;
DROP EVENT TRIGGER IF EXISTS log_guard_drop;
DROP SCHEMA IF EXISTS log_guard CASCADE;
CREATE SCHEMA log_guard;
COMMENT ON SCHEMA log_guard IS 'What refuses altering and dropping the audit log. Belongs to a superuser.';
REVOKE ALL ON SCHEMA log_guard FROM PUBLIC;
GRANT USAGE ON SCHEMA log_guard TO PUBLIC;

CREATE FUNCTION log_guard.log_tables() RETURNS SETOF oid
LANGUAGE sql STABLE SET search_path = pg_catalog AS $body$
  SELECT DISTINCT tgrelid FROM pg_trigger WHERE tgname IN ('audit_keep_rows', 'audit_keep_all');
$body$;
COMMENT ON FUNCTION log_guard.log_tables() IS 'The tables of the audit log and their parts, by the triggers they carry.';

CREATE FUNCTION log_guard.belongs_to_log(class oid, object oid) RETURNS boolean
LANGUAGE sql STABLE SET search_path = pg_catalog AS $body$
  WITH touched AS (
    SELECT object AS relation WHERE class = 'pg_class'::regclass
    UNION ALL SELECT indrelid FROM pg_index WHERE class = 'pg_class'::regclass AND indexrelid = object
    UNION ALL SELECT tgrelid FROM pg_trigger WHERE class = 'pg_trigger'::regclass AND oid = object
    UNION ALL SELECT ev_class FROM pg_rewrite WHERE class = 'pg_rewrite'::regclass AND oid = object
    UNION ALL SELECT polrelid FROM pg_policy WHERE class = 'pg_policy'::regclass AND oid = object
    UNION ALL SELECT conrelid FROM pg_constraint WHERE class = 'pg_constraint'::regclass AND oid = object
  )
  SELECT EXISTS (SELECT FROM touched WHERE relation IN (SELECT log_guard.log_tables()))
      OR EXISTS (SELECT FROM pg_trigger WHERE class = 'pg_proc'::regclass AND tgfoid = object
                 AND tgname IN ('audit_keep_rows', 'audit_keep_all'))
      OR EXISTS (SELECT FROM pg_event_trigger WHERE class = 'pg_proc'::regclass AND evtfoid = object
                 AND evtname IN ('log_guard_ddl', 'log_guard_drop'))
      OR EXISTS (SELECT FROM pg_proc WHERE class = 'pg_proc'::regclass AND oid = object
                 AND pronamespace = to_regnamespace('log_guard'))
      -- Whatever else the retention role owns, such as the function that makes the parts.
      OR EXISTS (SELECT FROM pg_proc WHERE class = 'pg_proc'::regclass AND oid = object
                 AND proowner = to_regrole('registry_retention'))
      OR EXISTS (SELECT FROM pg_namespace n WHERE class = 'pg_namespace'::regclass AND n.oid = object
                 AND (EXISTS (SELECT FROM pg_class WHERE relnamespace = n.oid AND oid IN (SELECT log_guard.log_tables()))
                      OR EXISTS (SELECT FROM pg_event_trigger e JOIN pg_proc f ON f.oid = e.evtfoid
                                 WHERE f.pronamespace = n.oid AND e.evtname IN ('log_guard_ddl', 'log_guard_drop'))));
$body$;
COMMENT ON FUNCTION log_guard.belongs_to_log(oid, oid) IS 'Whether something is a part of the audit log, or of what guards it.';

CREATE FUNCTION log_guard.refuse_ddl() RETURNS event_trigger
LANGUAGE plpgsql SET search_path = pg_catalog AS $body$
BEGIN
  IF current_user <> 'registry_retention' AND tg_tag NOT IN ('REINDEX', 'COMMENT')
     AND EXISTS (SELECT FROM pg_event_trigger_ddl_commands() c WHERE log_guard.belongs_to_log(c.classid, c.objid)) THEN
    RAISE EXCEPTION 'the audit log is not altered: % is refused', tg_tag USING ERRCODE = 'AU001';
  END IF;
END $body$;
COMMENT ON FUNCTION log_guard.refuse_ddl() IS 'Refuses altering the tables, triggers and functions of the audit log.';

CREATE FUNCTION log_guard.refuse_drop() RETURNS event_trigger
LANGUAGE plpgsql SET search_path = pg_catalog AS $body$
BEGIN
  -- A table takes its triggers along, a function those that call it.
  IF current_user <> 'registry_retention'
     AND EXISTS (SELECT FROM pg_event_trigger_dropped_objects() d
                 WHERE d.address_names && ARRAY['log_guard', 'audit_keep_rows', 'audit_keep_all', 'ensure_audit_partitions']
                    OR (d.original AND NOT d.is_temporary AND d.address_names[2] LIKE 'audit\_%')) THEN
    RAISE EXCEPTION 'the audit log is not dropped: % is refused', tg_tag USING ERRCODE = 'AU001';
  END IF;
END $body$;
COMMENT ON FUNCTION log_guard.refuse_drop() IS 'Refuses dropping the tables, triggers and functions of the audit log.';

CREATE EVENT TRIGGER log_guard_ddl ON ddl_command_end EXECUTE FUNCTION log_guard.refuse_ddl();
CREATE EVENT TRIGGER log_guard_drop ON sql_drop EXECUTE FUNCTION log_guard.refuse_drop();
-- ALWAYS: also where session_replication_role would skip ordinary ones.
ALTER EVENT TRIGGER log_guard_ddl ENABLE ALWAYS;
ALTER EVENT TRIGGER log_guard_drop ENABLE ALWAYS;
