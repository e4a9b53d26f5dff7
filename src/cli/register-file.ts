import { createReadStream } from 'node:fs';
import { open } from 'node:fs/promises';
import { extname } from 'node:path';
import { Failure } from '../core/failure.js';
import { RegisterReading } from '../core/provider/import.js';
import { readCsv } from './register-csv.js';
import { looksLikeLines, readBundle, readOrganizationLines } from './register-fhir.js';

/** The kinds of file a register of providers may come in. */
export const REGISTER_FORMATS = ['csv', 'fhir'] as const;

/** The name of such a kind. */
export type RegisterFormat = (typeof REGISTER_FORMATS)[number];

/** A Bundle is read as a whole; beyond this it would take too much memory. */
const LARGEST_BUNDLE = 200 * 1024 * 1024;

const FORMAT_OF_EXTENSION: Readonly<Record<string, RegisterFormat>> = {
  '.csv': 'csv',
  '.json': 'fhir',
  '.ndjson': 'fhir',
};

/**
 * Reads a whole register file: what can be imported and what is refused, row by row. `met` hears the number of rows so far. A
 * file that is not there, empty or of another kind is refused with INPUT_INVALID. Imports nothing.
 */
export async function readRegisterFile(
  path: string,
  wished: RegisterFormat | undefined,
  met: (count: number) => void,
): Promise<RegisterReading> {
  const format = wished ?? FORMAT_OF_EXTENSION[extname(path).toLowerCase()];
  if (!format) {
    throw refuse(
      'What kind of file this is can not be told from its name: say --format csv or --format fhir.',
    );
  }
  const size = await sizeOf(path);
  const reading = new RegisterReading();
  const count = (): void => met(reading.count);
  if (format === 'csv') await readCsv(textOf(path), reading, count);
  else if (await isLines(path)) await readOrganizationLines(textOf(path), reading, count);
  else readBundle(await wholeText(path, size), reading, count);
  if (reading.count === 0) throw refuse('The file holds no providers.');
  return reading;
}

async function sizeOf(path: string): Promise<number> {
  const file = await open(path).catch((error: unknown) => {
    throw refuse(explain(error));
  });
  try {
    const found = await file.stat();
    if (!found.isFile()) throw refuse('This is not a file.');
    if (found.size === 0) throw refuse('The file is empty.');
    return found.size;
  } finally {
    await file.close();
  }
}

function explain(error: unknown): string {
  const code = typeof error === 'object' && error !== null && 'code' in error ? error.code : undefined;
  if (code === 'ENOENT') return 'There is no such file.';
  return code === 'EACCES' ? 'You may not read this file.' : 'The file can not be read.';
}

/** The text of a file in UTF-8, part by part, without byte order mark. */
async function* textOf(path: string): AsyncGenerator<string> {
  const decoder = new TextDecoder('utf-8', { fatal: true });
  const decode = (part?: Uint8Array): string => {
    try {
      return part ? decoder.decode(part, { stream: true }) : decoder.decode();
    } catch {
      throw refuse('The file is not UTF-8 text: save it with the encoding UTF-8.');
    }
  };
  for await (const part of createReadStream(path)) yield decode(part as Uint8Array);
  yield decode();
}

async function isLines(path: string): Promise<boolean> {
  if (extname(path).toLowerCase() === '.ndjson') return true;
  let start = '';
  for await (const part of textOf(path)) {
    start += part;
    if (start.trimStart().includes('\n')) break;
  }
  return looksLikeLines(start.trimStart().split('\n', 1)[0] ?? '');
}

async function wholeText(path: string, size: number): Promise<string> {
  if (size > LARGEST_BUNDLE)
    throw refuse(
      'This Bundle is too large to be read at once: give it as NDJSON, one Organization to a line.',
    );
  let text = '';
  for await (const part of textOf(path)) text += part;
  return text;
}

function refuse(sentence: string): Failure {
  return new Failure('INPUT_INVALID', sentence);
}
