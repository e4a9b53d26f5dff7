import { createServer } from 'node:net';

/** Something that runs until it is stopped. */
export interface Stoppable {
  stop(): Promise<void>;
}

/** Why the registry can't run, in one sentence for whoever started it. */
export class StartError extends Error {
  override readonly name = 'StartError';
}

/** What a start has brought up so far, to be brought down in the opposite order, also when the start is broken off half-way. */
export class RunningParts {
  private readonly parts: Stoppable[] = [];
  private ending = false;
  private stopped: Promise<void> | undefined;

  /** Starts a part and remembers it. Throws when everything is to end meanwhile; the part is stopped with the others then. */
  async start<Part extends Stoppable>(start: () => Promise<Part>): Promise<Part> {
    this.requireGoing();
    const part = await start();
    this.parts.push(part);
    this.requireGoing();
    return part;
  }

  /** Whether everything is to end, or has ended. */
  get isEnding(): boolean {
    return this.ending;
  }

  /** No further part will start. */
  end(): void {
    this.ending = true;
  }

  /** Stops every part, the last one started first, once. One that fails to stop does not keep the others from stopping. */
  stop(): Promise<void> {
    this.end();
    this.stopped ??= this.stopAll();
    return this.stopped;
  }

  private async stopAll(): Promise<void> {
    const failures: unknown[] = [];
    for (const part of this.parts.toReversed()) {
      await part.stop().catch((error: unknown) => failures.push(error));
    }
    if (failures.length > 0)
      throw new AggregateError(failures, `${String(failures.length)} parts did not stop`);
  }

  private requireGoing(): void {
    if (this.ending) throw new StartError('Stopped before the start was complete.');
  }
}

/** Refuses a port that something listens on already, naming the setting; said before anything is started for nothing. */
export async function requireFreePort(port: number, host: string, setting: string): Promise<void> {
  const server = createServer();
  try {
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject).listen(port, host, resolve);
    });
    await new Promise((resolve) => server.close(resolve));
  } catch (error) {
    if (!(error instanceof Error && 'code' in error) || error.code !== 'EADDRINUSE') throw error;
    throw new StartError(
      `Port ${String(port)} on ${host} is in use: stop what uses it, or set ${setting} to another one.`,
    );
  }
}
