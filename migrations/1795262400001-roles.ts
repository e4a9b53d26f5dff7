import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * Who may do what is decided by group roles, so that the running service needs no right to change a table or a log entry.
 * None of them can log in. An installation gives its own login users membership: the service's user of `registry_app` and
 * `registry_auditor`, the user that migrates of all.
 */
const ROLES: Readonly<Record<string, string>> = {
  registry_owner: 'Owns every table of the consent registry but those of the audit log.',
  registry_app: 'What the running service may do. Adds to the audit log and reads it; never changes it.',
  registry_auditor: 'Reads the audit log, nothing else.',
  registry_sequencer: 'Takes new entries out of audit_pending to number them.',
  registry_retention:
    'Owns the audit log: the only one that may add or remove parts of it, when their legal term has passed.',
};

/** Roles belong to the server, not to the database: another database may be making them at this very moment. */
const makeRole = (role: string): string => `
  DO $do$ BEGIN
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = '${role}') THEN
      CREATE ROLE ${role} NOLOGIN;
      COMMENT ON ROLE ${role} IS '${ROLES[role]}';
    END IF;
  EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL;
  END $do$;`;

/**
 * USAGE, not MEMBER: since PostgreSQL 16 whoever makes a role is a member of it at once, but one who may only administer it.
 * Where the one who migrates may not give membership, an administrator has given it before, or the next step says so.
 */
const join = (role: string): string => `
  DO $do$ BEGIN
    IF NOT pg_has_role(session_user, '${role}', 'USAGE') THEN
      EXECUTE format('GRANT ${role} TO %I', session_user);
    END IF;
  EXCEPTION WHEN insufficient_privilege THEN NULL;
  END $do$;`;

/** Makes the roles, once per database server, and lets them into this database. */
export class Roles1795262400001 implements MigrationInterface {
  readonly name = 'Roles1795262400001';

  async up(runner: QueryRunner): Promise<void> {
    for (const role of Object.keys(ROLES)) {
      await runner.query(makeRole(role));
      await runner.query(join(role));
    }
    await runner.query(`
      REVOKE CREATE ON SCHEMA public FROM PUBLIC;
      GRANT USAGE, CREATE ON SCHEMA public TO registry_owner, registry_retention;
      GRANT USAGE ON SCHEMA public TO registry_app, registry_auditor, registry_sequencer;
    `);
  }

  /** Refuses: other databases of the same server may use the roles. */
  async down(): Promise<void> {
    throw new Error(`${this.name} goes forward only; write a new migration instead.`);
  }
}
