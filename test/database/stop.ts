import { rmSync } from 'node:fs';
import type {} from './start.js';

/** Ends what `start` began: nothing keeps running and nothing is left on the disk. */
export default async function stop(): Promise<void> {
  if (globalThis.testServer === undefined) return;
  await globalThis.testServer.server.stop();
  rmSync(globalThis.testServer.folder, { recursive: true, force: true });
}
