import type { ClientBase } from 'pg';
import type { SealedEntry } from '../core/audit/entry.js';
import type { Choice } from '../core/consent/choices.js';
import { isDutch } from '../core/provider/provider.js';
import type { Ura } from '../core/provider/ura.js';
import type { AskedQuestion, Known } from '../core/registry.js';
import { APPEND, valuesOf } from './audit.records.js';
import { bytesArray } from './bytes-array.js';
import type { PersonCipher } from './person-cipher.js';
import { certainOrNot, commit, rollBack } from './transaction.js';

/**
 * One row per question. Every look-up is LATERAL with LIMIT 1: that can't be turned into a join that reads a whole table, so
 * a batch costs index probes only, whatever the statistics say. A requester without URA (elsewhere in the European Union)
 * has requester_known null.
 */
export const READ = `
  SELECT i.person_id, p.audit_key, v.number, v.choices,
         (SELECT q.holder_type = ANY (types) FROM provider WHERE ura = q.holder_ura) AS holder_known,
         (SELECT q.requester_type = ANY (types) FROM provider WHERE ura = q.requester_ura) AS requester_known
  FROM unnest($1::bytea[], $2::text[], $3::text[], $4::text[], $5::text[]) WITH ORDINALITY
         AS q(bsn_index, holder_ura, holder_type, requester_ura, requester_type, place)
  LEFT JOIN LATERAL (SELECT person_id FROM person_identity WHERE bsn_index = q.bsn_index LIMIT 1) i ON true
  LEFT JOIN LATERAL (SELECT audit_key FROM person WHERE person_id = i.person_id LIMIT 1) p ON true
  LEFT JOIN LATERAL (SELECT number, choices FROM consent_version
                     WHERE person_id = i.person_id AND state = 'in-force' LIMIT 1) v ON true
  ORDER BY q.place`;

/** Apart from READ, in the same snapshot: a system may have many provider numbers, and a batch comes from few systems. */
const READ_CLIENTS = 'SELECT client_id, uras, revoked_at FROM client WHERE client_id = ANY ($1::text[])';

interface KnownRow {
  readonly person_id: string | null;
  readonly audit_key: Buffer | null;
  readonly number: number | null;
  readonly choices: readonly Choice[] | null;
  readonly holder_known: boolean | null;
  readonly requester_known: boolean | null;
}

interface ClientRow {
  readonly client_id: string;
  readonly uras: readonly Ura[];
  readonly revoked_at: Date | null;
}

/**
 * Reads what matters for a batch of questions, lets `conclude` decide, and resolves when its entries are durable; keeps
 * nothing when anything throws. Two trips to the database: BEGIN with the reads, and the entries with COMMIT, each sent
 * without waiting in between. When the server refuses the entries it turns that COMMIT into a rollback; when nobody knows what
 * became of them, the answer is refused as uncertain.
 */
export async function answerBatch(
  client: ClientBase,
  cipher: PersonCipher,
  questions: readonly AskedQuestion[],
  conclude: (known: readonly Known[]) => readonly SealedEntry[],
): Promise<void> {
  let entries: readonly SealedEntry[];
  try {
    entries = conclude(await read(client, cipher, questions));
  } catch (error) {
    await rollBack(client);
    throw error;
  }
  if (entries.length === 0) return rollBack(client);
  const [kept, committed] = await Promise.allSettled([
    client.query({ name: 'append-entries', text: APPEND, values: valuesOf(entries) }),
    commit(client),
  ]);
  if (kept.status === 'rejected') throw certainOrNot(kept.reason);
  if (committed.status === 'rejected') throw committed.reason;
}

async function read(
  client: ClientBase,
  cipher: PersonCipher,
  questions: readonly AskedQuestion[],
): Promise<readonly Known[]> {
  const clientIds = [...new Set(questions.map(({ clientId }) => clientId))];
  const [, known, clients] = await Promise.all([
    client.query('BEGIN ISOLATION LEVEL REPEATABLE READ READ WRITE'),
    client.query<KnownRow>({ name: 'read-known', text: READ, values: parametersOf(cipher, questions) }),
    client.query<ClientRow>({ name: 'read-clients', text: READ_CLIENTS, values: [clientIds] }),
  ]);
  const clientsById = new Map(clients.rows.map((row) => [row.client_id, row]));
  return questions.map((question, place) => knownFrom(question, known.rows[place], clientsById));
}

/** The parameters of READ: one list per side. */
export function parametersOf(cipher: PersonCipher, questions: readonly AskedQuestion[]): unknown[] {
  const requesters = questions.map(({ question: { requester } }) =>
    isDutch(requester) ? requester : undefined,
  );
  return [
    bytesArray(questions.map(({ question }) => cipher.indexOf(question.bsn))),
    questions.map(({ question }) => question.holder.ura),
    questions.map(({ question }) => question.holder.type),
    requesters.map((requester) => requester?.ura ?? null),
    requesters.map((requester) => requester?.type ?? null),
  ];
}

function knownFrom(
  { clientId, question }: AskedQuestion,
  row: KnownRow | undefined,
  clients: ReadonlyMap<string, ClientRow>,
): Known {
  if (!row) throw new Error('a question of the batch got no row');
  const client = clients.get(clientId);
  return {
    person:
      row.person_id !== null && row.audit_key !== null
        ? { id: row.person_id, auditKey: row.audit_key }
        : undefined,
    version:
      row.number !== null && row.choices !== null ? { number: row.number, choices: row.choices } : undefined,
    holderKnown: row.holder_known ?? false,
    requesterKnown: isDutch(question.requester) ? (row.requester_known ?? false) : true,
    client: client && { uras: client.uras, revokedAt: client.revoked_at ?? undefined },
  };
}
