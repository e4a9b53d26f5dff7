import { ConfigError, readConfig } from './config.js';
import { startDemo } from './demo/demo.js';
import { EmbeddedDatabaseError } from './demo/postgres.js';
import { startRegistry, StartError } from './start.js';

async function start(): Promise<{ stop(): Promise<void> }> {
  requireNode24();
  const config = readConfig(process.env);
  if (config.mode === 'demo') return startDemo(config, (text) => process.stdout.write(`${text}\n`));
  const running = await startRegistry(config);
  process.stdout.write(`The consent registry answers at ${config.publicUrl}\n`);
  return running;
}

function requireNode24(): void {
  const [major] = process.versions.node.split('.');
  if (Number(major) < 24) {
    throw new StartError(
      `This is Node ${process.versions.node}; the registry needs Node 24 or newer (see .nvmrc).`,
    );
  }
}

/** Stops once, however often the signal comes. */
function stopOnSignal(running: { stop(): Promise<void> }): void {
  let stopping = false;
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.on(signal, () => {
      if (stopping) return;
      stopping = true;
      running.stop().then(
        () => process.exit(0),
        (error: unknown) => {
          process.stderr.write(`The registry did not stop cleanly: ${String(error)}\n`);
          process.exit(1);
        },
      );
    });
  }
}

/** An expected reason is a sentence; anything else is a defect and shows where it came from. */
function explain(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const isExpected = [ConfigError, StartError, EmbeddedDatabaseError].some((kind) => error instanceof kind);
  return isExpected ? error.message : (error.stack ?? error.message);
}

try {
  stopOnSignal(await start());
} catch (error) {
  process.stderr.write(`${explain(error)}\n`);
  process.exit(1);
}
