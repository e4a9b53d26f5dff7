import type { Choice, Option } from '../core/consent/choices.js';
import type { Maker, ProfileVersion, VersionState } from '../core/consent/profile.js';
import type { ConsentRecords } from '../core/registry.js';
import type { Sql } from './sql.js';

interface VersionRow {
  readonly person_id: string;
  readonly number: number;
  readonly state: VersionState;
  readonly option: Option;
  readonly choices: readonly Choice[];
  readonly catalogue_version: string;
  readonly made_at: Date;
  readonly maker_ura: string | null;
  readonly maker_client_id: string | null;
  readonly restored_from: number | null;
  readonly decided_by: string | null;
  readonly in_force_from: Date | null;
  readonly ended_at: Date | null;
}

const SELECT = `
  SELECT person_id, number, state, option, choices, catalogue_version, made_at, maker_ura, maker_client_id,
         restored_from, decided_by, in_force_from, ended_at
  FROM consent_version WHERE person_id = $1`;

/** Versions of choices in PostgreSQL, where indexes and a trigger keep the rules of versions once more. */
export class PostgresConsents implements ConsentRecords {
  constructor(private readonly sql: Sql) {}

  async inForce(personId: string): Promise<ProfileVersion | undefined> {
    return read(await this.sql.first<VersionRow>(`${SELECT} AND state = 'in-force'`, [personId]));
  }

  async awaiting(personId: string): Promise<ProfileVersion | undefined> {
    return read(await this.sql.first<VersionRow>(`${SELECT} AND state = 'awaiting-guardian'`, [personId]));
  }

  async find(personId: string, number: number): Promise<ProfileVersion | undefined> {
    return read(await this.sql.first<VersionRow>(`${SELECT} AND number = $2`, [personId, number]));
  }

  async list(personId: string): Promise<readonly ProfileVersion[]> {
    const rows = await this.sql.rows<VersionRow>(`${SELECT} ORDER BY number DESC`, [personId]);
    return rows.map(readRow);
  }

  async latest(personId: string): Promise<number> {
    const row = await this.sql.first<{ number: number | null }>(
      'SELECT max(number) AS number FROM consent_version WHERE person_id = $1',
      [personId],
    );
    return row?.number ?? 0;
  }

  async add(version: ProfileVersion): Promise<void> {
    const { madeBy } = version;
    await this.sql.change(
      `INSERT INTO consent_version
         (person_id, number, state, option, choices, catalogue_version, made_at, made_by, maker_ura, maker_client_id,
          restored_from, decided_by, in_force_from, ended_at)
       VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)`,
      [
        version.personId,
        version.number,
        version.state,
        version.option,
        JSON.stringify(version.choices),
        version.catalogueVersion,
        version.madeAt,
        madeBy.kind,
        madeBy.kind === 'provider' ? madeBy.ura : null,
        madeBy.kind === 'provider' ? madeBy.clientId : null,
        version.restoredFrom ?? null,
        version.decidedBy ?? null,
        version.inForceFrom ?? null,
        version.endedAt ?? null,
      ],
    );
  }

  async move(
    version: { personId: string; number: number },
    from: VersionState,
    to: VersionState,
    at: Date,
    decidedBy?: string,
  ): Promise<boolean> {
    const moment = to === 'in-force' ? 'in_force_from' : 'ended_at';
    const moved = await this.sql.change(
      `UPDATE consent_version SET state = $4, ${moment} = $5, decided_by = coalesce($6, decided_by)
       WHERE person_id = $1 AND number = $2 AND state = $3`,
      [version.personId, version.number, from, to, at, decidedBy ?? null],
    );
    return moved === 1;
  }
}

function read(row: VersionRow | undefined): ProfileVersion | undefined {
  return row && readRow(row);
}

function readRow(row: VersionRow): ProfileVersion {
  return {
    personId: row.person_id,
    number: row.number,
    state: row.state,
    option: row.option,
    choices: row.choices,
    catalogueVersion: row.catalogue_version,
    madeAt: row.made_at,
    madeBy: readMaker(row),
    restoredFrom: row.restored_from ?? undefined,
    decidedBy: row.decided_by ?? undefined,
    inForceFrom: row.in_force_from ?? undefined,
    endedAt: row.ended_at ?? undefined,
  };
}

function readMaker({ maker_ura, maker_client_id }: VersionRow): Maker {
  return maker_ura !== null && maker_client_id !== null
    ? { kind: 'provider', ura: maker_ura, clientId: maker_client_id }
    : { kind: 'self' };
}
