import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { parse } from '@fast-csv/parse';
import { Failure } from '../core/failure.js';
import type { RegisterReading, RegisterRow } from '../core/provider/import.js';

const COLUMNS = ['ura', 'name', 'place', 'types'] as const satisfies readonly (keyof RegisterRow)[];
const HEADER = COLUMNS.join(',');

/**
 * Reads providers from comma-separated text (RFC 4180) that opens with the header ura,name,place,types, in any order. Several types
 * stand in one field, with semicolons or spaces between. Refuses a file that can't be read on with INPUT_INVALID.
 */
export async function readCsv(
  text: AsyncIterable<string>,
  reading: RegisterReading,
  met: () => void,
): Promise<void> {
  let columns: readonly Column[] | undefined;
  for await (const { line, cells } of linesOf(text)) {
    if (!columns) {
      columns = readHeader(cells);
      continue;
    }
    const where = `line ${line}`;
    if (cells.length === columns.length) reading.take(where, rowOf(columns, cells));
    else
      reading.refuse(where, [
        { field: 'all', problem: `${values(cells.length)}; ${columns.length} are expected` },
      ]);
    met();
  }
}

type Column = (typeof COLUMNS)[number];

interface Line {
  /** The line of the file where it begins. */
  readonly line: number;
  readonly cells: readonly string[];
}

/** The lines that hold something. A quoted value may run over several lines of the file; these are counted too. */
async function* linesOf(text: AsyncIterable<string>): AsyncGenerator<Line> {
  const parser = parse({ headers: false });
  // What goes wrong on the way in also ends the loop below, which throws it.
  pipeline(Readable.from(text), parser).catch(() => undefined);
  let line = 1;
  try {
    for await (const cells of parser as AsyncIterable<string[]>) {
      if (cells.some((cell) => cell.trim() !== '')) yield { line, cells };
      line += cells.join(',').split(/\r\n|\r|\n/).length;
    }
  } catch (error) {
    if (!(error instanceof Error) || !error.message.startsWith('Parse Error')) throw error;
    throw new Failure(
      'INPUT_INVALID',
      `Line ${line}: the quotes are not as RFC 4180 has them. A value in quotes ends with a quote, followed by a comma or the ` +
        'end of the line; a quote inside it is doubled.',
    );
  }
}

function readHeader(cells: readonly string[]): readonly Column[] {
  const names = cells.map((cell) => cell.trim().toLowerCase());
  if (names.length === 1 && names[0]?.includes(';')) {
    throw new Failure(
      'INPUT_INVALID',
      `Line 1: the columns are separated by semicolons; commas are expected: ${HEADER}.`,
    );
  }
  const columns = COLUMNS.filter((column) => names.includes(column));
  if (names.length !== COLUMNS.length || columns.length !== COLUMNS.length) {
    throw new Failure('INPUT_INVALID', `Line 1: the header is not the one expected: ${HEADER}.`);
  }
  return names.flatMap((name) => columns.filter((column) => column === name));
}

function rowOf(columns: readonly Column[], cells: readonly string[]): RegisterRow {
  const cell = (column: Column): string => cells[columns.indexOf(column)] ?? '';
  return {
    ura: cell('ura'),
    name: cell('name'),
    place: cell('place'),
    types: cell('types')
      .split(/[;\s]+/)
      .filter((type) => type !== ''),
  };
}

function values(count: number): string {
  return count === 1 ? 'there is 1 value' : `there are ${count} values`;
}
