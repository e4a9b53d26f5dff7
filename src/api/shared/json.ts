/** Every text in well-formed JSON, and whether it is the name of a member: then a colon follows. */
const TEXTS = /"[^"\\]*(?:\\.[^"\\]*)*"\s*(:?)/g;

/** Deeper than any body of ours. */
const DEEPEST = 100;

/**
 * Whether an object in this JSON names a member twice (RFC 8259 §4 calls what comes of that unpredictable): then there are more names
 * in the text than in what was read from it. Names below a hundred levels count as said twice. Only for text that was read without
 * an error.
 */
export function saysTwice(text: string, read: unknown): boolean {
  let names = 0;
  for (const [, colon] of text.matchAll(TEXTS)) if (colon === ':') names += 1;
  return names !== countNames(read, 0);
}

function countNames(part: unknown, depth: number): number {
  if (typeof part !== 'object' || part === null || depth > DEEPEST) return 0;
  const values: readonly unknown[] = Array.isArray(part) ? part : Object.values(part);
  let names = Array.isArray(part) ? 0 : values.length;
  for (const value of values) names += countNames(value, depth + 1);
  return names;
}

/** Whether a content type leaves the charset out or says UTF-8. */
export function isUtf8(contentType: string): boolean {
  const [, charset] = /;\s*charset\s*=\s*"?([^\s";]+)/i.exec(contentType) ?? [];
  return charset === undefined || charset.toLowerCase() === 'utf-8';
}
