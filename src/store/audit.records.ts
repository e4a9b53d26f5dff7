import type { EntryKind, Outcome, SealedEntry } from '../core/audit/entry.js';
import type { AuditRecords, EntrySearch } from '../core/registry.js';
import { bytesArray } from './bytes-array.js';
import { isUuid, type Sql } from './sql.js';

/** Adds any number of entries in one statement. No RETURNING and no look back: adding is all that is needed for adding. */
export const APPEND = `
  WITH entry AS (
    SELECT * FROM unnest($1::uuid[], $2::timestamptz[], $3::text[], $4::text[], $5::text[], $6::text[], $7::bytea[],
                         $8::bytea[], $9::bytea[], $10::bytea[], $11::bytea[], $12::bytea[])
      AS e(event_id, at, kind, outcome, client_id, period, leaf,
           leaf_hash, subject_tag, subject_box, party_tags, detail)),
  event AS (
    INSERT INTO audit_event (event_id, at, kind, outcome, client_id, period, leaf, leaf_hash)
    SELECT event_id, at, kind, outcome, client_id, period, leaf, leaf_hash FROM entry),
  detail AS (
    INSERT INTO audit_detail (event_id, at, period, subject_tag, subject_box, party_tags, detail)
    SELECT event_id, at, period, subject_tag, subject_box, party_tags, detail FROM entry)
  INSERT INTO audit_pending (event_id, leaf_hash) SELECT event_id, leaf_hash FROM entry`;

/** The values that `APPEND` takes: one list per column. */
export function valuesOf(entries: readonly SealedEntry[]): unknown[] {
  return [
    entries.map(({ id }) => id),
    entries.map(({ at }) => at.toISOString()),
    entries.map(({ kind }) => kind),
    entries.map(({ outcome }) => outcome),
    entries.map(({ clientId }) => clientId),
    entries.map(({ period }) => period),
    bytesArray(entries.map(({ leaf }) => leaf)),
    bytesArray(entries.map(({ leafHash }) => leafHash)),
    bytesArray(entries.map(({ subjectTag }) => subjectTag)),
    bytesArray(entries.map(({ subjectBox }) => subjectBox)),
    bytesArray(entries.map(({ partyTags }) => partyTags)),
    bytesArray(entries.map(({ detail }) => detail)),
  ];
}

interface EntryRow {
  readonly event_id: string;
  readonly at: Date;
  readonly kind: EntryKind;
  readonly outcome: Outcome;
  readonly client_id: string;
  readonly period: string;
  readonly leaf: Buffer;
  readonly leaf_hash: Buffer;
  readonly subject_tag: Buffer;
  readonly subject_box: Buffer;
  readonly party_tags: Buffer;
  readonly detail: Buffer;
}

const SELECT = `
  SELECT e.event_id, e.at, e.kind, e.outcome, e.client_id, e.period, e.leaf, e.leaf_hash,
         d.subject_tag, d.subject_box, d.party_tags, d.detail
  FROM audit_event e JOIN audit_detail d ON d.event_id = e.event_id AND d.at = e.at`;

/** The log in PostgreSQL, half a year per part. */
export class PostgresAudit implements AuditRecords {
  constructor(private readonly sql: Sql) {}

  async append(entries: readonly SealedEntry[]): Promise<void> {
    if (entries.length > 0) await this.sql.change(APPEND, valuesOf(entries));
  }

  async search(search: EntrySearch): Promise<readonly SealedEntry[]> {
    if (search.before !== undefined && !isUuid(search.before)) return [];
    const { conditions, values } = conditionsOf(search);
    const rows = await this.sql.rows<EntryRow>(
      `${SELECT} WHERE ${conditions.join(' AND ')} ORDER BY d.at DESC, d.event_id DESC LIMIT $${values.length + 1}`,
      [...values, search.limit],
    );
    return rows.map(read);
  }

  async find(entryId: string): Promise<SealedEntry | undefined> {
    if (!isUuid(entryId)) return undefined;
    const row = await this.sql.first<EntryRow>(`${SELECT} WHERE e.event_id = $1`, [entryId]);
    return row && read(row);
  }
}

/** Both tables get the time range, so that PostgreSQL opens the parts it needs only. */
function conditionsOf(search: EntrySearch): { conditions: string[]; values: unknown[] } {
  const values: unknown[] = [search.from, search.to];
  const conditions = ['e.at >= $1 AND e.at < $2 AND d.at >= $1 AND d.at < $2'];
  const add = (value: unknown, condition: (place: string) => string): void => {
    if (value === undefined) return;
    values.push(value);
    conditions.push(condition(`$${values.length}`));
  };
  add(search.subjectTags, (tags) => `d.subject_tag = ANY (${tags}::bytea[])`);
  add(
    search.partyTags,
    (tags) =>
      `EXISTS (SELECT FROM unnest(${tags}::bytea[]) AS t(tag) WHERE position(t.tag IN d.party_tags) > 0)`,
  );
  add(search.clientId, (clientId) => `e.client_id = ${clientId}`);
  add(search.kinds, (kinds) => `e.kind = ANY (${kinds}::text[])`);
  add(search.outcome, (outcome) => `e.outcome = ${outcome}`);
  // An entry that does not exist has nothing before it.
  add(
    search.before,
    (id) => `(d.at, d.event_id) < (SELECT c.at, c.event_id FROM audit_event c WHERE c.event_id = ${id})`,
  );
  return { conditions, values };
}

function read(row: EntryRow): SealedEntry {
  return {
    id: row.event_id,
    at: row.at,
    kind: row.kind,
    outcome: row.outcome,
    clientId: row.client_id,
    period: row.period,
    leaf: row.leaf,
    leafHash: row.leaf_hash,
    subjectTag: row.subject_tag,
    subjectBox: row.subject_box,
    partyTags: row.party_tags,
    detail: row.detail,
  };
}
