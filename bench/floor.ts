import { execFileSync, spawn } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import pg from 'pg';
import type { Measured } from './report.js';

/** Clients that each have one transaction under way, as the issue sets it. */
export const FLOOR_CLIENTS = 32;

/** How many bytes an entry of our own takes in each column; random bytes of these sizes stand for them. */
export interface EntrySizes {
  readonly leaf: number;
  readonly subject_box: number;
  readonly detail: number;
}

/** What a floor is told to do. */
export interface FloorWish {
  readonly databaseUrl: string;
  readonly people: number;
  readonly providers: number;
  readonly sizes: EntrySizes;
  readonly seconds: number;
  readonly folder: string;
}

/**
 * The read of one closed question: identity, person, version in force, both providers, the system. The index value is computed in
 * SQL, because a bare driver knows no key.
 */
export const FLOOR_READ = `
  SELECT i.person_id, p.audit_key, v.number, v.choices, h.types, r.types, c.uras, c.revoked_at
  FROM (VALUES (sha256(convert_to($1::text, 'UTF8')), $2::text, $3::text, $4::text)) AS q (idx, holder, requester, client)
  LEFT JOIN person_identity i ON i.bsn_index = q.idx
  LEFT JOIN person p ON p.person_id = i.person_id
  LEFT JOIN consent_version v ON v.person_id = i.person_id AND v.state = 'in-force'
  LEFT JOIN provider h ON h.ura = q.holder
  LEFT JOIN provider r ON r.ura = q.requester
  LEFT JOIN client c ON c.client_id = q.client`;

/** The durable writes of one check in one statement: the three rows of an entry, with ids that grow as ours do. */
export const FLOOR_WRITE = `
  WITH made AS (SELECT uuidv7() AS id, now() AS at),
  event AS (
    INSERT INTO audit_event (event_id, at, kind, outcome, client_id, period, leaf, leaf_hash)
    SELECT id, at, 'consent.checked', 'permit', $2::text, $3::text, $4::bytea, $5::bytea FROM made
  ), detail AS (
    INSERT INTO audit_detail (event_id, at, period, subject_tag, subject_box, party_tags, detail)
    SELECT id, at, $3::text, decode(md5($1::text), 'hex'), $6::bytea, $7::bytea, $8::bytea FROM made
  )
  INSERT INTO audit_pending (event_id, leaf_hash) SELECT id, $5::bytea FROM made`;

/** The newest pgbench of this machine, if there is one. */
export function findPgbench(): string | undefined {
  const root = '/usr/lib/postgresql';
  const versions = existsSync(root) ? readdirSync(root).sort((a, b) => Number(b) - Number(a)) : [];
  const places = versions.map((version) => join(root, version, 'bin', 'pgbench'));
  return ['pgbench', ...places].find((place) => {
    try {
      execFileSync(place, ['--version'], { stdio: 'ignore' });
      return true;
    } catch {
      return false;
    }
  });
}

/** Which half year the rows belong to; a constant for the length of a run. */
export function presentPeriod(at = new Date()): string {
  return `${String(at.getUTCFullYear())}h${at.getUTCMonth() < 6 ? '1' : '2'}`;
}

/** Runs pgbench: prepared statements, 32 clients, two threads. A failed transaction makes it fail. */
export async function runPgbench(program: string, wish: FloorWish): Promise<Measured> {
  const script = join(wish.folder, 'floor.sql');
  writeFileSync(script, pgbenchScript(wish));
  const prefix = join(wish.folder, `floor-${String(Date.now())}`);
  const output = await run(program, wish, [
    ...[
      '-n',
      '-M',
      'prepared',
      '-f',
      script,
      '-c',
      String(FLOOR_CLIENTS),
      '-j',
      '2',
      '-T',
      String(wish.seconds),
    ],
    ...['-l', '--sampling-rate=0.2', `--log-prefix=${prefix}`],
    ...pgbenchConstants(wish.sizes),
  ]);
  const perSecond = Number(/tps = ([\d.]+)/.exec(output)?.[1]);
  const answered = Number(/transactions actually processed: (\d+)/.exec(output)?.[1]);
  const failed = Number(/number of failed transactions: (\d+)/.exec(output)?.[1] ?? 0);
  if (!(perSecond > 0)) throw new Error(`pgbench told no speed:\n${output}`);
  return { perSecond, answered, failed, ...percentiles(readLatencies(wish.folder, prefix)) };
}

/** `:name` in a pgbench script is a parameter of the prepared statement. */
function pgbenchScript({ people, providers }: FloorWish): string {
  const names = (sql: string, parameters: readonly string[]): string =>
    sql
      .replace(/\$(\d)/g, (_, position: string) => `:${parameters[Number(position) - 1] ?? ''}`)
      .replace(/\s+/g, ' ');
  return [
    `\\set n random(0, ${String(people - 1)})`,
    `\\set holder 10000001 + random(0, 199)`,
    `\\set requester 10000001 + random(0, ${String(providers - 1)})`,
    'BEGIN ISOLATION LEVEL REPEATABLE READ;',
    `${names(FLOOR_READ, ['n', 'holder', 'requester', 'client'])};`,
    `${names(FLOOR_WRITE, ['n', 'client', 'period', 'leaf', 'hash', 'box', 'tag', 'detail'])};`,
    'COMMIT;',
    '',
  ].join('\n');
}

function pgbenchConstants(sizes: EntrySizes): readonly string[] {
  const constants = {
    client: 'bench-system-1',
    period: presentPeriod(),
    leaf: hexOf(sizes.leaf),
    hash: hexOf(32),
    box: hexOf(sizes.subject_box),
    tag: hexOf(32),
    detail: hexOf(sizes.detail),
  };
  return Object.entries(constants).flatMap(([name, value]) => ['-D', `${name}=${value}`]);
}

/** Bytes that look random, in PostgreSQL's own spelling. */
function hexOf(size: number): string {
  return `\\x${bytesOf(size).toString('hex')}`;
}

/** Bytes that look random. */
export function bytesOf(size: number): Buffer {
  return Buffer.from(
    Array.from({ length: size }, (_, position) => (position * 197 + (position >> 3) * 31 + 89) % 256),
  );
}

function run(program: string, { databaseUrl }: FloorWish, args: readonly string[]): Promise<string> {
  const url = new URL(databaseUrl);
  const env = {
    ...process.env,
    PGHOST: url.hostname,
    PGPORT: url.port,
    PGUSER: decodeURIComponent(url.username),
    PGPASSWORD: decodeURIComponent(url.password),
    PGDATABASE: url.pathname.slice(1),
    PGOPTIONS: '-c role=registry_app',
  };
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { env });
    let output = '';
    const hear = (part: Buffer): void => void (output += part.toString());
    child.stdout.on('data', hear);
    child.stderr.on('data', hear);
    child.on('error', reject);
    child.on('exit', (code) => {
      if (code === 0) resolve(output);
      else reject(new Error(`pgbench ended with code ${String(code)}:\n${output}`));
    });
  });
}

/** The third column of pgbench's log is the transaction's time in microseconds. */
function readLatencies(folder: string, prefix: string): readonly number[] {
  const files = readdirSync(folder).map((name) => join(folder, name));
  return files
    .filter((file) => file.startsWith(prefix))
    .flatMap((file) => readFileSync(file, 'utf8').trim().split('\n'))
    .map((line) => Number(line.split(' ')[2]) / 1000);
}

/** Median and 99th percentile of latencies in milliseconds. */
export function percentiles(latencies: readonly number[]): { p50: number; p99: number } {
  const sorted = [...latencies].sort((a, b) => a - b);
  const at = (part: number): number => sorted[Math.floor(part * (sorted.length - 1))] ?? Number.NaN;
  return { p50: at(0.5), p99: at(0.99) };
}

/** What a run can tell about the server it measured on. */
export async function serverFacts(databaseUrl: string): Promise<Readonly<Record<string, string>>> {
  const client = new pg.Client({ connectionString: databaseUrl });
  await client.connect();
  try {
    const names = [
      'server_version',
      'fsync',
      'synchronous_commit',
      'full_page_writes',
      'shared_buffers',
      'max_wal_size',
    ];
    const { rows } = await client.query<{ name: string; setting: string }>(
      'SELECT name, current_setting(name) AS setting FROM unnest($1::text[]) AS name',
      [names],
    );
    return Object.fromEntries(rows.map(({ name, setting }) => [name, setting]));
  } finally {
    await client.end();
  }
}
