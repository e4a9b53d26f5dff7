import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = join(dirname(fileURLToPath(import.meta.url)), '..', '..');

/** A port that was free a moment ago. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (address === null || typeof address === 'string') throw new Error('no port');
  return address.port;
}

/** How a registry process is started. */
export interface ProcessWish {
  readonly databaseUrl: string;
  readonly dataFolder: string;
  readonly port: number;
  readonly identityPort: number;
  /** Loads the deliberate defect of early-answers.mjs. */
  readonly answersEarly?: boolean;
}

/** The compiled registry in a process of its own, in demo mode, as `npm start` runs it. */
export class RegistryProcess {
  private constructor(
    private readonly child: ChildProcess,
    readonly publicUrl: string,
  ) {}

  /** Resolves when the doors are open. */
  static async start(wish: ProcessWish): Promise<RegistryProcess> {
    const publicUrl = `http://localhost:${String(wish.port)}`;
    const defect = wish.answersEarly
      ? ['--import', join(ROOT, 'test', 'reliability', 'early-answers.mjs')]
      : [];
    const child = spawn(process.execPath, [...defect, join(ROOT, 'dist', 'src', 'main.js')], {
      env: {
        PATH: process.env['PATH'],
        MODE: 'demo',
        DATABASE_URL: wish.databaseUrl,
        DATA_FOLDER: wish.dataFolder,
        PORT: String(wish.port),
        DEMO_IDENTITY_PORT: String(wish.identityPort),
      },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let said = '';
    const hear = (text: Buffer): void => {
      said += text.toString();
    };
    child.stdout.on('data', hear);
    child.stderr.on('data', hear);
    const opened = new Promise<void>((resolve, reject) => {
      child.stdout.on('data', () => {
        if (said.includes('Citizens sign in')) resolve();
      });
      child.once('exit', (code) => {
        reject(new Error(`the registry ended with ${String(code)}: ${said}`));
      });
    });
    await opened;
    return new RegistryProcess(child, publicUrl);
  }

  /** Switches the defect on, in a process that was started with it. */
  beginToAnswerEarly(): void {
    this.child.kill('SIGUSR2');
  }

  /** SIGKILL: no chance to finish anything. Resolves when the process is gone. */
  async kill(): Promise<void> {
    const gone = once(this.child, 'exit');
    this.child.kill('SIGKILL');
    await gone;
  }
}
