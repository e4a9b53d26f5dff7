import pg from 'pg';
import type { WireQuestion } from './questions.js';
import type { EntrySizes } from './floor.js';

interface Answer {
  readonly results: readonly { readonly dataCategory: string; readonly decision: string }[];
  readonly receipt: { readonly entryId: string; readonly leafHash: string };
}

const PATH = '/provider/v1/consent-checks';

/** Where an app answers closed questions. */
export function checkAddress(origin: string): string {
  return `${origin}${PATH}`;
}

async function ask(
  origin: string,
  { system, body }: WireQuestion,
  tokens: readonly string[],
): Promise<Answer> {
  const answer = await fetch(checkAddress(origin), {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${tokens[system] ?? ''}` },
    body,
  });
  if (answer.status !== 200)
    throw new Error(`${origin} answered ${String(answer.status)}: ${await answer.text()}`);
  return (await answer.json()) as Answer;
}

/**
 * Makes sure that two apps answer the same questions alike, with some yes and some no, each answer with an entry of its own in the log:
 * a fast wrong answer would be worth nothing. Gives back how many said yes.
 */
export async function requireAlike(
  { ours, plain, databaseUrl }: { ours: string; plain: string; databaseUrl: string },
  questions: readonly WireQuestion[],
  tokens: readonly string[],
): Promise<number> {
  const receipts: Answer['receipt'][] = [];
  let permits = 0;
  for (const question of questions) {
    const [one, other] = [await ask(ours, question, tokens), await ask(plain, question, tokens)];
    if (JSON.stringify(one.results) !== JSON.stringify(other.results)) {
      throw new Error(`two answers to one question: ${JSON.stringify([one.results, other.results])}`);
    }
    receipts.push(one.receipt, other.receipt);
    if (one.results.some(({ decision }) => decision === 'permit')) permits += 1;
  }
  if (permits === 0 || permits === questions.length) throw new Error('every question has the same answer');
  await requireEntries(databaseUrl, receipts);
  return permits;
}

async function requireEntries(databaseUrl: string, receipts: readonly Answer['receipt'][]): Promise<void> {
  const { found } = await one<{ found: number }>(
    databaseUrl,
    `SELECT count(*)::integer AS found
     FROM unnest($1::uuid[], $2::text[]) AS given (id, hash)
     JOIN audit_event e ON e.event_id = id AND e.leaf_hash = decode(hash, 'base64')
     JOIN audit_detail d USING (event_id)
     JOIN audit_pending p USING (event_id)`,
    [receipts.map(({ entryId }) => entryId), receipts.map(({ leafHash }) => leafHash)],
  );
  if (found !== receipts.length) {
    throw new Error(`${String(receipts.length)} answers left ${String(found)} entries`);
  }
}

/** How many entries the log holds. */
export async function countEntries(databaseUrl: string): Promise<number> {
  const { entries } = await one<{ entries: string }>(
    databaseUrl,
    'SELECT count(*) AS entries FROM audit_event',
    [],
  );
  return Number(entries);
}

/** The mean size of what our own entries hold, for the floor to write as much. */
export async function entrySizes(databaseUrl: string): Promise<EntrySizes> {
  return one<EntrySizes>(
    databaseUrl,
    `SELECT avg(octet_length(leaf))::integer AS leaf, avg(octet_length(subject_box))::integer AS subject_box,
            avg(octet_length(detail))::integer AS detail
     FROM audit_event JOIN audit_detail USING (event_id, at) WHERE kind = 'consent.checked'`,
    [],
  );
}

/** Lets PostgreSQL write everything down, so that no contender pays for what another one left. */
export async function settle(databaseUrl: string): Promise<void> {
  await run(databaseUrl, 'CHECKPOINT', []);
}

async function one<Row extends object>(
  databaseUrl: string,
  text: string,
  values: readonly unknown[],
): Promise<Row> {
  const [row] = await run(databaseUrl, text, values);
  if (!row) throw new Error('a query that gives one row gave none');
  return row as Row;
}

async function run(
  databaseUrl: string,
  text: string,
  values: readonly unknown[],
): Promise<readonly object[]> {
  const client = new pg.Client({ connectionString: databaseUrl });
  await client.connect();
  try {
    return (await client.query<object>(text, [...values])).rows;
  } finally {
    await client.end();
  }
}
