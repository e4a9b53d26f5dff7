#!/usr/bin/env bash
# Runs once, when the database's volume is empty: makes the two users of the registry. The service itself can neither change
# a table nor an entry of the audit log. The user that migrates owns the tables, and adds or removes parts of the log only by taking
# on the role of retention; log-guards.sql, which runs after this, refuses it otherwise.
set -euo pipefail

psql --set=ON_ERROR_STOP=1 --username="$POSTGRES_USER" --dbname="$POSTGRES_DB" \
  --set=owner_password="${DATABASE_OWNER_PASSWORD:?}" --set=service_password="${DATABASE_SERVICE_PASSWORD:?}" <<'SQL'
-- The groups of the first migration, here already so that the service can be made a member.
CREATE ROLE registry_owner NOLOGIN;
CREATE ROLE registry_app NOLOGIN;
CREATE ROLE registry_auditor NOLOGIN;
CREATE ROLE registry_sequencer NOLOGIN;
CREATE ROLE registry_retention NOLOGIN;

CREATE ROLE registry_migration LOGIN PASSWORD :'owner_password';
GRANT registry_owner, registry_app, registry_auditor, registry_sequencer, registry_retention TO registry_migration;
ALTER DATABASE registry OWNER TO registry_migration;

CREATE ROLE registry_service LOGIN PASSWORD :'service_password';
GRANT registry_app, registry_auditor TO registry_service;
SQL
