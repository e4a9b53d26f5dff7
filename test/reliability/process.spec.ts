import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { isRunning } from '../../src/demo/process.js';
import { freePort } from './registry-process.js';

const DIST = join(dirname(fileURLToPath(import.meta.url)), '..', '..', 'dist', 'src');

const commands: Command[] = [];

/** A command of the compiled registry in a process of its own, as a person starts it. */
class Command {
  said = '';
  complained = '';
  readonly ended: Promise<number | null>;
  private readonly child;

  constructor(script: string, settings: Readonly<Record<string, string>>) {
    const env = { PATH: process.env['PATH'], ...settings };
    this.child = spawn(process.execPath, [join(DIST, script)], { env, stdio: ['ignore', 'pipe', 'pipe'] });
    this.child.stdout.on('data', (text: Buffer) => (this.said += text.toString()));
    this.child.stderr.on('data', (text: Buffer) => (this.complained += text.toString()));
    commands.push(this);
    this.ended = once(this.child, 'exit').then(([code]) => code as number | null);
  }

  async untilItSays(text: string): Promise<void> {
    while (!this.said.includes(text)) {
      if (!this.isRunning) throw new Error(`ended early: ${this.said}${this.complained}`);
      await pause(50);
    }
  }

  get isRunning(): boolean {
    return this.child.exitCode === null && this.child.signalCode === null;
  }

  signal(name: NodeJS.Signals): void {
    this.child.kill(name);
  }
}

const pause = (milliseconds: number): Promise<void> =>
  new Promise((resolve) => setTimeout(resolve, milliseconds));

describe('the registry as a process', () => {
  let folder: string;
  let settings: Record<string, string>;

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'registry-process-'));
    // Started by root, PostgreSQL runs as nobody, who has to get at its data here.
    chmodSync(folder, 0o755);
    const [port, identityPort] = [await freePort(), await freePort()];
    settings = { DATA_FOLDER: folder, PORT: String(port), DEMO_IDENTITY_PORT: String(identityPort) };
  });

  afterAll(() => {
    for (const command of commands) command.signal('SIGKILL');
    rmSync(folder, { recursive: true, force: true });
  });

  const postmaster = (): number | undefined => {
    const file = join(folder, 'postgres', 'cluster', 'postmaster.pid');
    return existsSync(file) ? Number(readFileSync(file, 'utf8').split('\n', 1)[0]) : undefined;
  };

  it('starts on nothing, plays its story, stops with its database at Ctrl-C although a visitor says nothing, and finds its data again', async () => {
    const registry = new Command('main.js', settings);
    await registry.untilItSays('Stop with Ctrl-C');
    const story = new Command('demo/story.cli.js', settings);
    expect([await story.ended, story.complained]).toEqual([0, '']);
    const silentVisitor = connect(Number(settings['PORT']), '127.0.0.1');
    await once(silentVisitor, 'connect');
    const pid = postmaster();
    expect(pid !== undefined && isRunning(pid)).toBe(true);
    registry.signal('SIGINT');
    expect([await registry.ended, registry.complained]).toEqual([0, '']);
    expect(pid !== undefined && isRunning(pid)).toBe(false);

    const again = new Command('main.js', settings);
    await again.untilItSays('Stop with Ctrl-C');
    const secondStory = new Command('demo/story.cli.js', settings);
    expect(await secondStory.ended).toBe(0);
    again.signal('SIGTERM');
    expect(await again.ended).toBe(0);
  }, 90_000);

  it('broken off during its start leaves no database running', async () => {
    const registry = new Command('main.js', settings);
    while (postmaster() === undefined && registry.isRunning) await pause(5);
    const pid = postmaster() as number;
    registry.signal('SIGINT');
    expect(await registry.ended).toBe(0);
    expect(registry.said).not.toContain('Stop with Ctrl-C');
    expect(isRunning(pid)).toBe(false);
  }, 60_000);

  it.each(['PORT', 'DEMO_IDENTITY_PORT'])(
    'says in one sentence that %s is in use, before it starts anything',
    async (name) => {
      const taken: Server = createServer().listen(Number(settings[name]), '127.0.0.1');
      await once(taken, 'listening');
      const registry = new Command('main.js', settings);
      expect(await registry.ended).toBe(1);
      taken.close();
      expect(registry.said).toBe('');
      expect(registry.complained.trimEnd().split('\n')).toEqual([
        `Port ${settings[name]} on 127.0.0.1 is in use: stop what uses it, or set ${name} to another one.`,
      ]);
    },
  );

  it.each([
    [
      'a host where nothing answers',
      'postgres://user:secret-word@127.0.0.1:1/registry',
      /Nothing answers for the database at 127\.0\.0\.1:1/,
    ],
    ['something that is no address', 'registry', /DATABASE_URL/],
  ])('says in one sentence what is wrong with DATABASE_URL: %s', async (_, url, sentence) => {
    const registry = new Command('main.js', { ...settings, DATABASE_URL: url });
    expect(await registry.ended).toBe(1);
    expect(registry.complained.trimEnd().split('\n')).toHaveLength(1);
    expect(registry.complained).toMatch(sentence);
    expect(registry.complained).not.toContain('secret-word');
  });

  it.each([
    ['says nothing', () => undefined],
    ['hangs up', (socket: Socket) => socket.destroy()],
  ])('says in one sentence that no PostgreSQL answers when what listens there %s', async (_, meet) => {
    const listener = createServer(meet).listen(0, '127.0.0.1');
    await once(listener, 'listening');
    const { port } = listener.address() as AddressInfo;
    const url = `postgres://user:secret-word@127.0.0.1:${String(port)}/registry`;
    const registry = new Command('main.js', { ...settings, DATABASE_URL: url });
    expect(await registry.ended).toBe(1);
    listener.close();
    expect(registry.complained.trimEnd().split('\n')).toHaveLength(1);
    expect(registry.complained).toMatch(
      /PostgreSQL.* the database at 127\.0\.0\.1|the database at 127\.0\.0\.1.*PostgreSQL/,
    );
  });

  it('lists every missing setting of production, one sentence each', async () => {
    const registry = new Command('main.js', { MODE: 'production' });
    expect(await registry.ended).toBe(1);
    const sentences = registry.complained.trimEnd().split('\n');
    expect(sentences.length).toBeGreaterThan(15);
    for (const sentence of sentences) expect(sentence).toMatch(/^[A-Z_]+ .*\.$/);
  });
});
