import pg from 'pg';
import { answerParent } from './child.js';
import {
  bytesOf,
  FLOOR_CLIENTS,
  FLOOR_READ,
  FLOOR_WRITE,
  type FloorWish,
  percentiles,
  presentPeriod,
} from './floor.js';
import type { Measured } from './report.js';
import { dice } from './world.js';

/**
 * The floor where there is no pgbench: 32 connections of the bare driver in a process of their own, each doing one transaction per
 * check with prepared statements, and nothing else.
 */
async function measure(wish: FloorWish): Promise<Measured> {
  const clients = await Promise.all(Array.from({ length: FLOOR_CLIENTS }, () => connect(wish)));
  const latencies: number[] = [];
  const started = performance.now();
  const end = started + wish.seconds * 1000;
  await Promise.all(clients.map((client, seed) => work(client, { ...wish, seed, end, latencies })));
  const seconds = (performance.now() - started) / 1000;
  await Promise.all(clients.map((client) => client.end()));
  return {
    perSecond: latencies.length / seconds,
    answered: latencies.length,
    failed: 0,
    ...percentiles(latencies),
  };
}

async function connect({ databaseUrl }: FloorWish): Promise<pg.Client> {
  const client = new pg.Client({ connectionString: databaseUrl, options: '-c role=registry_app' });
  await client.connect();
  return client;
}

interface Work extends FloorWish {
  readonly seed: number;
  readonly end: number;
  readonly latencies: number[];
}

async function work(
  client: pg.Client,
  { people, providers, sizes, seed, end, latencies }: Work,
): Promise<void> {
  const roll = dice(seed);
  const [leaf, hash, box, tag, detail] = [sizes.leaf, 32, sizes.subject_box, 32, sizes.detail].map(bytesOf);
  while (performance.now() < end) {
    const from = performance.now();
    const position = String(roll(people));
    const [holder, requester] = [200, providers].map((most) => String(10_000_001 + roll(most)));
    await client.query('BEGIN ISOLATION LEVEL REPEATABLE READ');
    await client.query({
      name: 'read',
      text: FLOOR_READ,
      values: [position, holder, requester, 'bench-system-1'],
    });
    await client.query({
      name: 'write',
      text: FLOOR_WRITE,
      values: [position, 'bench-system-1', presentPeriod(), leaf, hash, box, tag, detail],
    });
    await client.query('COMMIT');
    latencies.push(performance.now() - from);
  }
}

answerParent((wish: FloorWish | undefined) => (wish ? measure(wish) : Promise.resolve(undefined)));
