import { once } from 'node:events';
import type { ServerResponse } from 'node:http';

/** What came of a stream: all of it was sent, it failed midway, or the reader went away. */
export type Streamed =
  | { readonly outcome: 'complete' | 'left'; readonly count: number }
  | { readonly outcome: 'failed'; readonly count: number; readonly error: unknown };

/**
 * Writes pages of things as newline-delimited JSON, one thing a line, never faster than the reader takes them and never more than
 * a page in memory. Whole: the last line is `{"complete":true,"count":N,…}`. Failed midway: the last line is `{"error":…}` and the
 * connection breaks, so that nobody takes a part for the whole.
 */
export async function writeLines(
  response: ServerResponse,
  pages: AsyncIterable<readonly unknown[]>,
  closing: Readonly<Record<string, unknown>>,
): Promise<Streamed> {
  let count = 0;
  try {
    for await (const page of pages) {
      for (const thing of page) {
        if (!(await write(response, thing))) return { outcome: 'left', count };
        count += 1;
      }
    }
  } catch (error) {
    breakOff(response);
    return { outcome: 'failed', count, error };
  }
  response.end(lineOf({ complete: true, count, ...closing }));
  return { outcome: 'complete', count };
}

/** Writes one line and waits until there is room for more; false when the reader has gone. */
async function write(response: ServerResponse, thing: unknown): Promise<boolean> {
  if (response.destroyed) return false;
  if (response.write(lineOf(thing))) return true;
  const gone = new AbortController();
  const onClose = (): void => {
    gone.abort();
  };
  response.once('close', onClose);
  try {
    await once(response, 'drain', { signal: gone.signal });
    return true;
  } catch (error) {
    if (gone.signal.aborted) return false;
    throw error;
  } finally {
    response.off('close', onClose);
  }
}

function breakOff(response: ServerResponse): void {
  const line = lineOf({
    error: 'The export broke off here. What came before is not the whole: start again.',
  });
  response.write(line, () => response.destroy());
}

function lineOf(thing: unknown): string {
  return `${JSON.stringify(thing)}\n`;
}
