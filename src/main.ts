import { ConfigError, readConfig } from './config.js';
import { startDemo } from './demo/demo.js';
import { EmbeddedDatabaseError } from './demo/postgres.js';
import { requireFreePort, RunningParts, StartError } from './running-parts.js';
import { startRegistry } from './start.js';

/** The code of a process that a signal ended (128 + SIGINT). */
const INTERRUPTED = 130;

async function start(parts: RunningParts): Promise<void> {
  requireNode24();
  const config = readConfig(process.env);
  const print = (text: string): void => {
    process.stdout.write(`${text}\n`);
  };
  if (config.mode === 'demo') {
    await startDemo(config, parts, print);
    return;
  }
  await requireFreePort(config.port, config.host, 'PORT');
  await parts.start(() => startRegistry(config));
  print(`The consent registry answers at ${config.publicUrl}`);
}

function requireNode24(): void {
  const [major] = process.versions.node.split('.');
  if (Number(major) < 24) {
    throw new StartError(
      `This is Node ${process.versions.node}; the registry needs Node 24 or newer (see .nvmrc).`,
    );
  }
}

/** The first signal stops everything, also a start that is under way; the second one ends the process at once. */
function stopOnSignal(parts: RunningParts, started: Promise<void>): void {
  let signals = 0;
  const onSignal = (): void => {
    signals += 1;
    if (signals > 1) process.exit(INTERRUPTED);
    parts.end();
    started
      .catch(() => undefined)
      .then(() => parts.stop())
      .then(
        () => process.exit(0),
        (error: unknown) => {
          process.stderr.write(`The registry did not stop cleanly: ${explain(error)}\n`);
          process.exit(1);
        },
      );
  };
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, onSignal);
}

/** An expected reason is a sentence; anything else is a defect and shows where it came from. */
function explain(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const isExpected = [ConfigError, StartError, EmbeddedDatabaseError].some((kind) => error instanceof kind);
  return isExpected ? error.message : (error.stack ?? error.message);
}

const parts = new RunningParts();
const started = start(parts);
stopOnSignal(parts, started);
try {
  await started;
} catch (error) {
  const wasStopped = parts.isEnding;
  if (!wasStopped) process.stderr.write(`${explain(error)}\n`);
  await parts.stop();
  process.exit(wasStopped ? 0 : 1);
}
