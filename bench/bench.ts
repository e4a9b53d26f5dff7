import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { availableParallelism, cpus, tmpdir, totalmem } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import type { JWK } from 'jose';
import pg from 'pg';
import { startPostgres } from '../src/demo/postgres.js';
import { migrate } from '../src/store/migrate.js';
import { Child } from './child.js';
import { busySeconds, cpuSeconds } from './cpu.js';
import { FLOOR_CLIENTS, findPgbench, type FloorWish, runPgbench, serverFacts } from './floor.js';
import { checkAddress, countEntries, entrySizes, requireAlike, settle } from './judge.js';
import type { LoadWish } from './load.js';
import { newKeys, populate } from './population.js';
import { makeQuestions } from './questions.js';
import { ASKED, type Contender, type Measured, ratiosOf, tableOf } from './report.js';
import { fetchTokens } from './tokens.js';
import { type BenchSystem, providersOf, PROVIDERS, SYSTEMS, takeBsns, type World } from './world.js';

/*
 * npm run bench [-- --full] [-- --judge]: the closed check over HTTP, ours beside the floor and beside a plain version, on one
 * PostgreSQL in one run. What is measured and what it says: docs/performance.md.
 */

const { values: wish } = parseArgs({
  options: {
    full: { type: 'boolean', default: false },
    judge: { type: 'boolean', default: false },
    people: { type: 'string' },
    rounds: { type: 'string', default: '4' },
    seconds: { type: 'string', default: '10' },
    'warm-up': { type: 'string', default: '3' },
    connections: { type: 'string', default: '100' },
    /** Leaves contenders out, for a closer look at the others: ours,floor,plain. Without all three nothing is judged. */
    only: { type: 'string', default: 'ours,floor,plain' },
    /** pgbench, or driver to use the bare driver even where pgbench is at hand. */
    floor: { type: 'string', default: 'pgbench' },
    /** Writes a CPU profile of our app into this folder. */
    profile: { type: 'string' },
  },
});

/** From which part of the machine on other programs spoil a measurement. */
const QUIET = 0.1;
const STRANGERS = 1_000;
const QUESTIONS = 20_000;
const SAMPLE = 100;

type Name = 'ours' | 'floor' | 'plain';
const ALL: readonly Name[] = ['ours', 'floor', 'plain'];
const NAMES = ALL.filter((name) => wish.only.split(',').includes(name));

const say = (line: string): void => {
  console.log(line);
};

/** Starts everything, measures, prints, and cleans up whatever happened. */
async function main(): Promise<void> {
  const undo: (() => Promise<void>)[] = [];
  try {
    await bench(undo);
  } finally {
    for (const step of undo.reverse()) await step();
  }
}

async function bench(undo: (() => Promise<void>)[]): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'consent-registry-bench-'));
  // The server may run as another user, who must get through.
  chmodSync(folder, 0o755);
  undo.push(() => {
    rmSync(folder, { recursive: true, force: true });
    return Promise.resolve();
  });
  const postgres = await startPostgres({ folder: join(folder, 'postgres') });
  undo.push(() => postgres.stop());
  await migrate(postgres.url);

  const people = Number(wish.people ?? (wish.full ? 1_000_000 : 100_000));
  const world = await makeWorld(postgres.url, await addServiceUser(postgres.url), people);
  sayFacts(await serverFacts(postgres.url), people);
  const started = performance.now();
  const bsns = takeBsns(people + STRANGERS);
  await populate(world, bsns, say);
  say(`Filled in ${((performance.now() - started) / 1000).toFixed(0)} s.`);

  const profiling =
    wish.profile === undefined
      ? []
      : ['--cpu-prof', `--cpu-prof-dir=${wish.profile}`, '--cpu-prof-interval=500'];
  const ours = await startChild(undo, './ours.js', world, profiling);
  const plain = await startChild(undo, './plain/plain.js', world);
  const load = await startChild(undo, './load.js', undefined);
  const plainUrl = await plain.ask<string>(world);

  const sample = makeQuestions(world, bsns, { count: SAMPLE, seed: 7 });
  const tokens = await fetchTokens(world);
  const permits = await requireAlike(
    { ours: world.origin, plain: plainUrl, databaseUrl: world.databaseUrl },
    sample,
    tokens,
  );
  say(
    `${String(SAMPLE)} questions asked of both apps: the same answers, ${String(permits)} with a yes, every entry found.`,
  );

  const floor = await openFloor(undo, world, folder);
  const measure: Record<Name, (seconds: number, seed: number) => Promise<Measured>> = {
    ours: (seconds, seed) => drive(load, world.origin, { world, bsns, seconds, seed }),
    plain: (seconds, seed) => drive(load, plainUrl, { world, bsns, seconds, seed }),
    floor: (seconds) => floor(seconds),
  };
  const measured = await measureAll(measure, { databaseUrl: world.databaseUrl, server: postgres.pid });
  report(measured);
  // Ends it by itself, so that a profile is written.
  await ours.stop();
}

/** A login as production wants it (docker/database-users.sh); gives its address of the same database. */
async function addServiceUser(databaseUrl: string): Promise<string> {
  const password = randomBytes(24).toString('hex');
  const client = new pg.Client({ connectionString: databaseUrl });
  await client.connect();
  try {
    await client.query(`CREATE ROLE bench_service LOGIN PASSWORD '${password}'`);
    await client.query('GRANT registry_app, registry_auditor TO bench_service');
  } finally {
    await client.end();
  }
  const url = new URL(databaseUrl);
  url.username = 'bench_service';
  url.password = password;
  return url.href;
}

async function makeWorld(databaseUrl: string, serviceUrl: string, people: number): Promise<World> {
  const systems = Array.from({ length: SYSTEMS }, (_, system): BenchSystem => ({
    clientId: `bench-system-${String(system + 1)}`,
    providers: providersOf(system),
    key: newSigningKey(`bench-${String(system + 1)}`),
  }));
  const origin = `http://127.0.0.1:${String(await freePort())}`;
  const identityKeys = [newSigningKey('citizen-door'), newSigningKey('auditor-door')] as const;
  const publicUrl = 'https://registry.example.org';
  return {
    databaseUrl,
    serviceUrl,
    people,
    systems,
    publicUrl,
    origin,
    identityKeys,
    keys: newKeys(),
    tokenSigningKey: newSigningKey('bench-tokens'),
  };
}

function newSigningKey(kid: string): JWK {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  return { ...(privateKey.export({ format: 'jwk' }) as JWK), kid, alg: 'ES256', use: 'sig' };
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer().once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address() as AddressInfo;
      server.close(() => resolve(port));
    });
  });
}

async function startChild(
  undo: (() => Promise<void>)[],
  module: string,
  message: unknown,
  execArgv: readonly string[] = [],
): Promise<Child> {
  const child = await Child.start(module, message ?? null, execArgv);
  undo.push(() => child.stop());
  return child;
}

/** Which floor there is, and how to measure it. */
async function openFloor(
  undo: (() => Promise<void>)[],
  world: World,
  folder: string,
): Promise<(seconds: number) => Promise<Measured>> {
  const sizes = await entrySizes(world.databaseUrl);
  const { databaseUrl, people } = world;
  const whatFor = (seconds: number): FloorWish => ({
    databaseUrl,
    people,
    providers: PROVIDERS,
    sizes,
    seconds,
    folder,
  });
  const program = wish.floor === 'pgbench' ? findPgbench() : undefined;
  const bytes = `leaf ${String(sizes.leaf)}, box ${String(sizes.subject_box)}, detail ${String(sizes.detail)} bytes`;
  say(
    `Floor: ${program ?? 'the bare pg driver in a process of its own'}, ${String(FLOOR_CLIENTS)} clients; ${bytes}.`,
  );
  if (program !== undefined) return (seconds) => runPgbench(program, whatFor(seconds));
  const driver = await startChild(undo, './floor-driver.js', undefined);
  return (seconds) => driver.ask<Measured>(whatFor(seconds));
}

async function drive(
  load: Child,
  origin: string,
  how: { world: World; bsns: ReturnType<typeof takeBsns>; seconds: number; seed: number },
): Promise<Measured> {
  const { world, bsns, seconds, seed } = how;
  return load.ask<Measured>({
    url: checkAddress(origin),
    questions: makeQuestions(world, bsns, { count: QUESTIONS, seed }),
    tokens: await fetchTokens(world),
    connections: Number(wish.connections),
    seconds,
  } satisfies LoadWish);
}

/** Every contender once per round, the order turned round every other time, each after a warm-up and a checkpoint. */
async function measureAll(
  measure: Readonly<Record<Name, (seconds: number, seed: number) => Promise<Measured>>>,
  { databaseUrl, server }: { databaseUrl: string; server: number },
): Promise<Readonly<Record<Name, Measured[]>>> {
  const rounds: Record<Name, Measured[]> = { ours: [], floor: [], plain: [] };
  for (let round = 1; round <= Number(wish.rounds); round += 1) {
    for (const name of round % 2 === 1 ? NAMES : NAMES.toReversed()) {
      await measure[name](Number(wish['warm-up']), round * 10);
      await settle(databaseUrl);
      const before = await countEntries(databaseUrl);
      const meter = startMeter(server);
      const result = await measure[name](Number(wish.seconds), round * 10 + 1);
      const used = meter();
      const entries = (await countEntries(databaseUrl)) - before;
      requireSound(name, result, entries);
      rounds[name].push({
        ...result,
        cpu: used.ours && (used.ours * 1000) / result.answered,
        others: used.others,
      });
      sayRound(round, name, result, used.others);
    }
  }
  return rounds;
}

/** What a measurement used: processor seconds of everything that took part, and the part of the machine that went to others. */
interface Used {
  readonly ours: number | undefined;
  readonly others: number | undefined;
}

function startMeter(server: number): () => Used {
  const read = (): readonly (number | undefined)[] => [
    cpuSeconds(server),
    busySeconds(),
    process.cpuUsage().user / 1e6 + process.cpuUsage().system / 1e6,
    performance.now() / 1000,
  ];
  const before = read();
  return () => {
    const [ours, busy, own = 0, elapsed = 1] = read().map((value, position) => {
      const start = before[position];
      return value === undefined || start === undefined ? undefined : value - start;
    });
    if (ours === undefined || busy === undefined) return { ours, others: undefined };
    return { ours, others: Math.max(0, busy - ours - own) / (elapsed * availableParallelism()) };
  };
}

/** No check may have failed, and each answer must have left its entry. */
function requireSound(name: Name, { failed, answered }: Measured, entries: number): void {
  if (failed > 0) throw new Error(`${name}: ${String(failed)} checks failed`);
  if (entries < answered)
    throw new Error(`${name}: ${String(answered)} answers left ${String(entries)} entries`);
}

function sayRound(round: number, name: Name, { perSecond, p99 }: Measured, others: number | undefined): void {
  const speed = `${Math.round(perSecond).toLocaleString('en')} checks/s, ${p99.toFixed(1)} ms p99`;
  const share =
    others === undefined ? '' : `; other programs had ${(others * 100).toFixed(0)}% of the machine`;
  say(`  round ${String(round)} ${name}: ${speed}${share}`);
}

function sayFacts(server: Readonly<Record<string, string>>, people: number): void {
  const memory = Math.round(totalmem() / 2 ** 30);
  say(
    `${new Date().toISOString()}: ${people.toLocaleString('en')} people, ${PROVIDERS.toLocaleString('en')} providers`,
  );
  say(
    `${String(availableParallelism())} cores (${cpus()[0]?.model ?? 'unknown'}), ${String(memory)} GiB, Node ${process.version}`,
  );
  say(
    Object.entries(server)
      .map(([name, value]) => `${name} ${value}`)
      .join(', '),
  );
  say('Load generator, app and PostgreSQL share these cores.');
}

function report(rounds: Readonly<Record<Name, Measured[]>>): void {
  const contenders: Record<Name, Contender> = {
    ours: { name: `ours, over HTTP, ${wish.connections} connections`, rounds: rounds.ours },
    floor: { name: `floor, ${String(FLOOR_CLIENTS)} clients`, rounds: rounds.floor },
    plain: { name: `plain Nest + TypeORM, over HTTP, ${wish.connections} connections`, rounds: rounds.plain },
  };
  say(`\n${tableOf(NAMES.map((name) => contenders[name]))}\n`);
  const others = Math.max(...NAMES.flatMap((name) => rounds[name].map((one) => one.others ?? 0)));
  if (others > QUIET) {
    say(
      `Other programs took up to ${(others * 100).toFixed(0)}% of the machine meanwhile: only the CPU column is to be trusted.`,
    );
  }
  if (NAMES.length < ALL.length) return;
  const ratios = ratiosOf(contenders);
  say(`ours / floor: ${ratios.floor.toFixed(2)} (asked: ${String(ASKED.floor)})`);
  say(`ours / plain: ${ratios.plain.toFixed(2)} (asked: ${String(ASKED.plain)})`);
  if (wish.judge && !ratios.enough) process.exitCode = 1;
}

await main();
