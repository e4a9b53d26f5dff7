import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it, jest } from '@jest/globals';
import pg from 'pg';
import { readConfig } from '../../src/config.js';
import { startDemo } from '../../src/demo/demo.js';
import { DEMO_PEOPLE } from '../../src/demo/network-people.js';
import { type DemoSystem, readDemoSystems } from '../../src/demo/network-systems.js';
import { RunningParts } from '../../src/running-parts.js';
import { StoryBroken } from '../../src/demo/story-teller.js';
import { playStory } from '../../src/demo/story.js';
import { makeDatabase, type TestDatabase } from '../database/make-database.js';

jest.setTimeout(120_000);

describe('the story of one day', () => {
  const dataFolder = mkdtempSync(join(tmpdir(), 'demo-story-'));
  const realFetch = globalThis.fetch;
  let db: TestDatabase;
  const demo = new RunningParts();
  let publicUrl: string;
  let systems: readonly DemoSystem[];
  let printed: string[] = [];

  beforeAll(async () => {
    // The registry's own log would drown the test report.
    jest.spyOn(process.stdout, 'write').mockReturnValue(true);
    db = await makeDatabase();
    const [port, identityPort] = await freePorts();
    publicUrl = `http://localhost:${String(port)}`;
    const config = readConfig({
      PORT: String(port),
      DEMO_IDENTITY_PORT: String(identityPort),
      DATABASE_URL: db.url,
      DATA_FOLDER: dataFolder,
    });
    await startDemo(config, demo, (text) => printed.push(text));
    systems = readDemoSystems(dataFolder) ?? [];
  });

  afterEach(() => {
    globalThis.fetch = realFetch;
    printed = [];
  });

  afterAll(async () => {
    await demo.stop();
    await db.drop();
    rmSync(dataFolder, { recursive: true, force: true });
    jest.restoreAllMocks();
  });

  const play = () => playStory({ publicUrl, systems, print: (line) => printed.push(line) });

  it('ends well on a fresh registry, and again and again on the same one', async () => {
    expect(bsnsIn(printed)).toEqual([]);
    for (let time = 1; time <= 3; time += 1) {
      const { steps, entries } = await play();
      expect(steps).toBeGreaterThan(15);
      expect(entries).toBeGreaterThan(15);
    }
    expect(bsnsIn(printed)).toEqual([]);
  });

  it('ends well after a run that broke off in the middle', async () => {
    breakAfter('/me/pairing-code');
    await expect(play()).rejects.toThrow(/pairing code/);
    globalThis.fetch = realFetch;
    await expect(play()).resolves.toBeDefined();
  });

  it('names the step, what was expected and what came, when a saved no is not obeyed', async () => {
    changeAnswers('/consent-checks', (text) => text.replace('"deny"', '"permit"'));
    const broken = await brokenBy(play());
    expect(broken.step).toContain('Apotheek De Vijzel');
    expect(broken.expected).toContain('"deny"');
    expect(broken.got).toContain('"permit"');
  });

  it('notices an answer whose receipt is not in the log', async () => {
    changeAnswers('/consent-checks', (text) => text.replace(/"leafHash":"[^"]{4}/, '"leafHash":"AAAA'));
    const broken = await brokenBy(play());
    expect(broken.expected).toMatch(/the leaf hash of receipt/);
  });

  it('notices an export that leaves an entry out', async () => {
    changeAnswers('/exports', (text) => {
      const lines = text.trim().split('\n');
      return lines.filter((line) => !line.includes('"choices.approved"')).join('\n');
    });
    const broken = await brokenBy(play());
    expect(broken.expected).toContain('choices.approved');
    expect(broken.got).toBe('it is missing');
  });

  it('notices an export that was cut off', async () => {
    changeAnswers('/exports', (text) => text.trim().split('\n').slice(0, -1).join('\n'));
    expect((await brokenBy(play())).expected).toContain('the last line of the export');
  });

  it('says that the registry does not run when nothing answers', async () => {
    const [port] = await freePorts();
    const nobody = playStory({
      publicUrl: `http://localhost:${String(port)}`,
      systems,
      print: () => undefined,
    });
    expect((await brokenBy(nobody)).expected).toContain('npm start');
  });

  it('breaks off at the first step when a system is not in service any more', async () => {
    const [gp] = systems;
    await setRevoked(db.url, gp?.clientId ?? '', 'now()');
    const broken = await brokenBy(play());
    await setRevoked(db.url, gp?.clientId ?? '', 'NULL');
    expect(broken.step).toContain('registers that it holds data');
    await expect(play()).resolves.toBeDefined();
  });

  /** Lets a request fail as if the run was killed there. */
  function breakAfter(path: string): void {
    globalThis.fetch = async (address, init) => {
      if (addressOf(address).includes(path)) throw new Error('broken off at the pairing code');
      return realFetch(address, init);
    };
  }

  function changeAnswers(path: string, change: (text: string) => string): void {
    globalThis.fetch = async (address, init) => {
      const answer = await realFetch(address, init);
      if (!addressOf(address).endsWith(path)) return answer;
      const { status, headers } = answer;
      return new Response(change(await answer.text()), { status, headers });
    };
  }
});

async function brokenBy(story: Promise<unknown>): Promise<StoryBroken> {
  const error: unknown = await story.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (error instanceof StoryBroken) return error;
  throw new Error(`the story was not broken off as expected: ${String(error)}`);
}

async function setRevoked(url: string, clientId: string, moment: 'now()' | 'NULL'): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  await client.query(`UPDATE client SET revoked_at = ${moment} WHERE client_id = $1`, [clientId]);
  await client.end();
}

/** Two ports that are free now. */
async function freePorts(): Promise<readonly [number, number]> {
  const servers = [createServer(), createServer()];
  const ports = await Promise.all(
    servers.map(
      (server) =>
        new Promise<number>((resolve) => {
          server.listen(0, '127.0.0.1', () => resolve((server.address() as AddressInfo).port));
        }),
    ),
  );
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  return [ports[0] ?? 0, ports[1] ?? 0];
}

function addressOf(wanted: string | URL | Request): string {
  return wanted instanceof Request ? wanted.url : wanted.toString();
}

/** The demo persons' BSNs that stand in what was printed. (Client ids may well hold nine digits in a row.) */
function bsnsIn(lines: readonly string[]): readonly string[] {
  return DEMO_PEOPLE.map(({ bsn }) => bsn).filter((bsn) => lines.some((line) => line.includes(bsn)));
}
