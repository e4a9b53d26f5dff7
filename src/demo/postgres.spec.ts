import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:net';
import { networkInterfaces, tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath, pathToFileURL } from 'node:url';
import pg from 'pg';
import { EmbeddedDatabaseError, findPostgres, startPostgres, type EmbeddedPostgres } from './postgres.js';
import { isRunning } from './process.js';

const isRoot = process.getuid?.() === 0;
const hasProc = existsSync('/proc/self/environ');

let above: string;
let folder: string;
let told: string[];
const log = (line: string): void => {
  told.push(line);
};

beforeAll(() => {
  above = mkdtempSync(join(tmpdir(), 'postgres-spec-'));
  chmodSync(above, 0o755);
  folder = join(above, 'data');
});
beforeEach(() => {
  told = [];
});
afterAll(() => {
  rmSync(above, { recursive: true, force: true });
});

async function ask<T extends pg.QueryResultRow>(url: string, sql: string): Promise<T[]> {
  const client = new pg.Client({ connectionString: url });
  // Some tests kill the server under this connection.
  client.on('error', () => undefined);
  await client.connect();
  try {
    return (await client.query<T>(sql)).rows;
  } finally {
    await client.end();
  }
}

async function whileRunning<T>(act: (server: EmbeddedPostgres) => Promise<T>, port?: number): Promise<T> {
  const server = await startPostgres(port === undefined ? { folder, log } : { folder, log, port });
  try {
    return await act(server);
  } finally {
    await server.stop();
  }
}

function refusal(act: Promise<unknown>): Promise<string> {
  return act.then(
    () => 'not refused',
    (error: unknown) => {
      if (error instanceof EmbeddedDatabaseError) return error.message;
      throw error;
    },
  );
}

/** Starts the database from a process of its own and kills that process without a chance to clean up. */
async function startAndDie(): Promise<void> {
  const launcher = pathToFileURL(join(dirname(fileURLToPath(import.meta.url)), 'postgres.ts')).href;
  const hook =
    "import { registerHooks } from 'node:module';" +
    'registerHooks({ resolve: (name, context, next) => ' +
    "next(context.parentURL?.endsWith('.ts') && name.startsWith('.') ? name.replace(/js$/, 'ts') : name, context) });";
  const script =
    `const { startPostgres } = await import(${JSON.stringify(launcher)});` +
    `await startPostgres({ folder: ${JSON.stringify(folder)} }); console.log('started');`;
  const child = spawn(
    process.execPath,
    ['--import', `data:text/javascript,${encodeURIComponent(hook)}`, '--input-type=module', '-e', script],
    { stdio: ['ignore', 'pipe', 'inherit'], env: { PATH: process.env['PATH'] } },
  );
  await once(child.stdout, 'data');
  child.kill('SIGKILL');
  await once(child, 'exit');
}

describe('the embedded database', () => {
  it('runs as durable as a real one, and finds its data and port again after a stop', async () => {
    const first = await whileRunning(async ({ url, pid }) => {
      await ask(url, 'CREATE TABLE kept (word text); INSERT INTO kept VALUES ($$é$$)');
      const names = ['fsync', 'full_page_writes', 'synchronous_commit', 'shared_buffers', 'max_wal_size'];
      const shown = await ask<{ setting: string }>(
        url,
        `SELECT current_setting(name) AS setting FROM unnest('{${names.join(',')}}'::text[]) AS name`,
      );
      expect(shown.map((row) => row.setting)).toEqual(['on', 'on', 'on', '256MB', '2GB']);
      expect(isRunning(pid, 'postgres')).toBe(true);
      return { url, pid };
    });
    expect(isRunning(first.pid)).toBe(false);
    await whileRunning(async ({ url }) => {
      expect(url).toBe(first.url);
      expect(await ask(url, 'SELECT upper(word) AS word FROM kept')).toEqual([{ word: 'É' }]);
    });
    expect(told).toEqual([]);
  });

  it('is found by a second process through its folder', async () => {
    expect(findPostgres(join(above, 'never-started'))).toBeUndefined();
    expect(await whileRunning(({ url }) => Promise.resolve(url))).toBe(findPostgres(folder));
  });

  it('lets nobody in without the password, nor from another machine', async () => {
    await whileRunning(async ({ url }) => {
      const wrong = new URL(url);
      wrong.password = 'wrong';
      await expect(ask(wrong.href, 'SELECT 1')).rejects.toThrow(/password authentication failed/);
      const outside = Object.values(networkInterfaces())
        .flat()
        .find((one) => one?.family === 'IPv4' && !one.internal);
      const elsewhere = new URL(url);
      elsewhere.hostname = outside?.address ?? '127.0.0.2';
      await expect(ask(elsewhere.href, 'SELECT 1')).rejects.toThrow(/ECONNREFUSED/);
      expect(await ask(url, 'SHOW unix_socket_directories')).toEqual([{ unix_socket_directories: '' }]);
    });
    expect(statSync(join(folder, 'postgres.json')).mode & 0o777).toBe(0o600);
    expect(statSync(join(folder, 'cluster')).mode & 0o777).toBe(0o700);
  });

  it('keeps rows and statements out of its own log', async () => {
    await whileRunning(async ({ url }) => {
      await ask(url, 'CREATE TABLE once (word text UNIQUE); INSERT INTO once VALUES ($$private-row$$)');
      await expect(ask(url, 'INSERT INTO once VALUES ($$private-row$$)')).rejects.toThrow(/duplicate key/);
    });
    const written = readFileSync(join(folder, 'cluster', 'server.log'), 'utf8');
    expect(written).toContain('duplicate key');
    expect(written).not.toContain('private-row');
  });

  (hasProc ? it : it.skip)('does not pass our own environment on', async () => {
    process.env['BSN_KEY'] = 'a-secret';
    try {
      await whileRunning(({ pid }) => {
        const environment = readFileSync(`/proc/${String(pid)}/environ`, 'utf8');
        expect(environment).toContain('LC_ALL=C');
        expect(environment).not.toContain('a-secret');
        return Promise.resolve();
      });
    } finally {
      delete process.env['BSN_KEY'];
    }
  });

  (isRoot ? it : it.skip)('run by root, becomes nobody', async () => {
    await whileRunning(({ pid }) => {
      expect(readFileSync(`/proc/${String(pid)}/status`, 'utf8')).toMatch(/^Uid:\t65534\t65534/m);
      return Promise.resolve();
    });
  });
});

describe('after an accident', () => {
  it('takes over the server that a killed process left behind', async () => {
    await startAndDie();
    const left = Number(readFileSync(join(folder, 'cluster', 'postmaster.pid'), 'utf8').split('\n')[0]);
    expect(isRunning(left, 'postgres')).toBe(true);
    await whileRunning(async ({ url, pid }) => {
      expect(pid).toBe(left);
      expect(await ask(url, 'SELECT word FROM kept')).toEqual([{ word: 'é' }]);
    });
    expect(told).toEqual(['The database of an earlier start was still running and is taken over.']);
    expect(isRunning(left)).toBe(false);
  });

  it('recovers every acknowledged row when the server itself was killed', async () => {
    const server = await startPostgres({ folder, log });
    await ask(server.url, 'INSERT INTO kept VALUES ($$acknowledged$$)');
    process.kill(server.pid, 'SIGKILL');
    for (let i = 0; i < 40 && told.length === 0; i++) await pause(50);
    expect(told).toEqual([
      'The database stopped unexpectedly; nothing can be answered until the next start.',
    ]);
    await server.stop();
    await whileRunning(async ({ url }) => {
      expect(await ask(url, "SELECT word FROM kept WHERE word = 'acknowledged'")).toHaveLength(1);
    });
  });

  it('is not stopped by the mark of a server that is gone and whose number another process has', async () => {
    const mark = join(folder, 'cluster', 'postmaster.pid');
    writeFileSync(
      mark,
      `${String(process.pid)}\n${join(folder, 'cluster')}\n1700000000\n5432\n\n127.0.0.1\n`,
    );
    await whileRunning(async ({ url }) => {
      expect(await ask(url, 'SELECT 1 AS one')).toEqual([{ one: 1 }]);
    });
  });

  it('starts anew where the very first start was broken off', async () => {
    const other = join(above, 'broken-off');
    mkdirSync(join(other, 'cluster.new', 'base'), { recursive: true });
    const server = await startPostgres({ folder: other });
    expect(await ask(server.url, 'SELECT 1 AS one')).toEqual([{ one: 1 }]);
    await server.stop();
  });
});

describe('one clear sentence is given', () => {
  it('to a second process on the same folder, and the first goes on', async () => {
    await whileRunning(async ({ url }) => {
      expect(await refusal(startPostgres({ folder }))).toMatch(
        /is in use by another process of this service: stop that one, or choose another DATA_FOLDER\.$/,
      );
      expect(await ask(url, 'SELECT 1 AS one')).toEqual([{ one: 1 }]);
    });
  });

  it('when the wished port is taken; a port that was only remembered is replaced', async () => {
    const before = await whileRunning(({ url }) => Promise.resolve(Number(new URL(url).port)));
    const squatter = createServer().listen(before, '127.0.0.1');
    await once(squatter, 'listening');
    try {
      expect(await refusal(startPostgres({ folder, port: before }))).toBe(
        `Port ${String(before)} of 127.0.0.1, meant for the database, is in use: choose another port.`,
      );
      await whileRunning(({ url }) => {
        expect(Number(new URL(url).port)).not.toBe(before);
        return Promise.resolve();
      });
    } finally {
      squatter.close();
    }
  });

  it('when the password is lost', async () => {
    const file = join(folder, 'postgres.json');
    const kept = readFileSync(file);
    rmSync(file);
    expect(await refusal(startPostgres({ folder }))).toMatch(
      /has lost its password file .*: put the file back/,
    );
    writeFileSync(file, kept, { mode: 0o600 });
  });

  it('when the settings in the data folder are broken, and it holds no password', async () => {
    const file = join(folder, 'cluster', 'postgresql.conf');
    const conf = readFileSync(file);
    writeFileSync(file, 'nonsense');
    const sentence = await refusal(startPostgres({ folder }));
    expect(sentence).toMatch(/^The database in .* does not start on port \d+: .*server\.log\)\.$/);
    const { password } = JSON.parse(readFileSync(join(folder, 'postgres.json'), 'utf8')) as {
      password: string;
    };
    expect(sentence).not.toContain(password);
    writeFileSync(file, conf);
  });

  it('when the folder cannot be made', async () => {
    writeFileSync(join(above, 'file'), '');
    expect(await refusal(startPostgres({ folder: join(above, 'file', 'data') }))).toMatch(
      /^The folder .* cannot be made \(ENOTDIR\): set DATA_FOLDER to a folder you may write in\.$/,
    );
  });

  (isRoot ? it : it.skip)(
    'to root, whose folder is closed to others, and the data is found again',
    async () => {
      const closed = join(above, 'closed');
      mkdirSync(closed, { mode: 0o700 });
      const start = (): Promise<EmbeddedPostgres> => startPostgres({ folder: join(closed, 'data'), log });
      const first = await start();
      await ask(first.url, 'CREATE TABLE kept (word text)');
      await first.stop();
      const second = await start();
      expect(await ask(second.url, 'SELECT count(*)::int AS rows FROM kept')).toEqual([{ rows: 0 }]);
      await second.stop();
      const place =
        /^The database keeps its data in (\S+), because .* is closed to the user it runs as\.$/.exec(
          told[0] ?? '',
        )?.[1];
      expect(told).toEqual([told[0], told[0]]);
      expect(existsSync(join(place ?? '', 'cluster', 'PG_VERSION'))).toBe(true);
      rmSync(place ?? '', { recursive: true });
    },
  );
});
