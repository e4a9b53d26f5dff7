import { type ChildProcess, fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';

type Reply = { readonly ok: unknown } | { readonly error: string };

/** A process of our own that does one thing, so that nothing measured shares a thread with the one that measures. */
export class Child {
  private constructor(private readonly running: ChildProcess) {}

  /** Starts a compiled module (relative to bench/) and hands it what it needs; resolves when it is ready. */
  static async start(module: string, wish: unknown, execArgv: readonly string[] = []): Promise<Child> {
    const file = fileURLToPath(new URL(module, import.meta.url));
    const child = new Child(
      fork(file, {
        execArgv: [...execArgv],
        serialization: 'advanced',
        // A process log costs what it costs, but nobody reads it here.
        stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
        env: { ...process.env, NODE_ENV: 'production' },
      }),
    );
    await child.ask(wish);
    return child;
  }

  /** Sends a message and waits for the reply; fails when the process answers with an error or ends. */
  ask<T>(message: unknown): Promise<T> {
    const { running } = this;
    return new Promise((resolve, reject) => {
      const end = (code: number | null): void =>
        reject(new Error(`a process ended with code ${String(code)}`));
      running.once('exit', end);
      running.once('message', (reply: Reply) => {
        running.off('exit', end);
        if ('error' in reply) reject(new Error(reply.error));
        else resolve(reply.ok as T);
      });
      running.send(message as object);
    });
  }

  /** Lets the process end by itself, which also writes a profile when one was asked for. */
  stop(): Promise<void> {
    return new Promise((resolve) => {
      const { exitCode, signalCode, connected } = this.running;
      if (exitCode !== null || signalCode !== null) {
        resolve();
        return;
      }
      this.running.once('exit', () => {
        resolve();
      });
      if (connected) this.running.disconnect();
    });
  }
}

/** The other side: answers one message after another until the parent lets go. */
export function answerParent(answer: (message: never) => Promise<unknown>): void {
  process.on('message', (message) => {
    answer(message as never).then(
      (ok) => process.send?.({ ok }),
      (error: unknown) =>
        process.send?.({ error: error instanceof Error ? (error.stack ?? error.message) : String(error) }),
    );
  });
  process.on('disconnect', () => process.exit(0));
}
