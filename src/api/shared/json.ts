/** Every text in well-formed JSON, and whether it is the name of a member: then a colon follows. */
const TEXTS = /"(?:[^"\\]|\\.)*"\s*(:?)/g;

/**
 * Whether an object in this JSON names a member twice (RFC 8259 §4 calls what comes of that unpredictable): then there are more names
 * in the text than in what was read from it. Only for text that was read without an error.
 */
export function saysTwice(text: string, read: unknown): boolean {
  let names = 0;
  for (const [, colon] of text.matchAll(TEXTS)) if (colon === ':') names += 1;
  return names !== countNames(read);
}

function countNames(read: unknown): number {
  let names = 0;
  const waiting: unknown[] = [read];
  while (waiting.length > 0) {
    const part = waiting.pop();
    if (typeof part !== 'object' || part === null) continue;
    const values: readonly unknown[] = Object.values(part);
    if (!Array.isArray(part)) names += values.length;
    for (const value of values) if (typeof value === 'object' && value !== null) waiting.push(value);
  }
  return names;
}

/** Whether a content type leaves the charset out or says UTF-8. */
export function isUtf8(contentType: string): boolean {
  const [, charset] = /;\s*charset\s*=\s*"?([^\s";]+)/i.exec(contentType) ?? [];
  return charset === undefined || charset.toLowerCase() === 'utf-8';
}
