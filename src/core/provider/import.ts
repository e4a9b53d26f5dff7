import type { Journal } from '../audit/journal.js';
import type { ImportCount, Registry } from '../registry.js';
import { isProviderType } from './catalogue.js';
import type { Provider } from './provider.js';
import { isUra, type Ura } from './ura.js';

/** One provider as a register file gives it: text, not yet judged. */
export interface RegisterRow {
  readonly ura: string;
  readonly name: string;
  readonly place: string;
  readonly types: readonly string[];
}

/** What is wrong with one field and what is expected there. Never repeats a number that could be a BSN. */
export interface Complaint {
  readonly field: string;
  readonly problem: string;
}

type RowComplaint = Complaint & { readonly field: keyof RegisterRow };

/** A row that was refused, and where it stands in the file. */
export interface Refusal {
  readonly where: string;
  readonly complaints: readonly Complaint[];
}

const LONGEST_NAME = 200;
const LONGEST_PLACE = 100;
const CONTROL_CHARACTERS = /\p{Cc}/u;

/** What the fields of a row are called in the file it came from, so that a complaint can be followed. */
export type FieldNames = Readonly<Record<keyof RegisterRow, string>>;

const PLAIN_NAMES: FieldNames = { ura: 'ura', name: 'name', place: 'place', types: 'types' };

/** Gathers the rows of one register file: the good ones as providers, the others as refusals. Keeps nothing. */
export class RegisterReading {
  /** Set by whoever knows the kind of file. */
  fieldNames = PLAIN_NAMES;
  private readonly good: Provider[] = [];
  private readonly bad: Refusal[] = [];
  private readonly seen = new Map<Ura, string>();

  /** The providers that can be imported. */
  get providers(): readonly Provider[] {
    return this.good;
  }

  get refusals(): readonly Refusal[] {
    return this.bad;
  }

  /** How many rows were met. */
  get count(): number {
    return this.good.length + this.bad.length;
  }

  /** Takes a row, or refuses it with everything that is wrong with it. Of rows with the same URA number the first counts. */
  take(where: string, row: RegisterRow): void {
    const ura = row.ura.trim();
    const name = row.name.trim();
    const place = row.place.trim();
    const types = [...new Set(row.types)];
    const complaints = [
      ...this.complaintsAboutUra(ura, where),
      ...complaintsAboutText('name', name, LONGEST_NAME),
      ...complaintsAboutText('place', place, LONGEST_PLACE),
      ...complaintsAboutTypes(types),
    ];
    if (complaints.length === 0 && isUra(ura))
      this.good.push({ ura, name, place, types: types.filter(isProviderType) });
    else
      this.refuse(
        where,
        complaints.map(({ field, problem }) => ({ field: this.fieldNames[field], problem })),
      );
  }

  /** Refuses something that is no row at all. */
  refuse(where: string, complaints: readonly Complaint[]): void {
    this.bad.push({ where, complaints });
  }

  private complaintsAboutUra(ura: string, where: string): RowComplaint[] {
    if (!isUra(ura)) return [{ field: 'ura', problem: problemOfUra(ura) }];
    const before = this.seen.get(ura);
    if (before !== undefined) {
      return [
        {
          field: 'ura',
          problem: `${ura} is in this file before, at ${before}; each URA number is expected once`,
        },
      ];
    }
    this.seen.set(ura, where);
    return [];
  }
}

/** Brings a register of care providers into the registry. */
export class ProviderImport {
  constructor(
    private readonly registry: Registry,
    private readonly journal: Journal,
  ) {}

  /**
   * Adds new providers and replaces changed ones, with the entry that tells of it, in one transaction: all or nothing. Does NOT
   * remove providers that are not named.
   */
  keep(providers: readonly Provider[]): Promise<ImportCount> {
    return this.registry.inTransaction(async (records) => {
      const total = await records.providers.putAll(providers);
      await this.journal.write(records, {
        kind: 'providers.imported',
        actor: { kind: 'operator' },
        subject: { kind: 'nobody' },
        outcome: 'done',
        detail: {
          count: providers.length,
          note: `${total.added} added, ${total.changed} changed, ${total.unchanged} unchanged`,
        },
      });
      return total;
    });
  }
}

function problemOfUra(ura: string): string {
  if (ura === '') return 'is empty; a URA number of eight digits is expected';
  if (!/^\d+$/.test(ura)) return 'holds something else than digits; a URA number of eight digits is expected';
  if (ura.length < 8) {
    return `has ${digits(ura)}; eight are expected (spreadsheets drop zeros at the front)`;
  }
  return ura.length === 8
    ? 'is all zeros; a real URA number is expected'
    : `has ${digits(ura)}; eight are expected`;
}

function digits({ length }: string): string {
  return length === 1 ? '1 digit' : `${length} digits`;
}

function complaintsAboutText(field: 'name' | 'place', text: string, longest: number): RowComplaint[] {
  if (text === '') return [{ field, problem: 'is empty; text is expected' }];
  if (text.length > longest) {
    const problem = `has ${text.length} characters; at most ${longest} are expected`;
    return [{ field, problem }];
  }
  if (CONTROL_CHARACTERS.test(text)) {
    return [
      { field, problem: 'holds a line break or another control character; one line of text is expected' },
    ];
  }
  return [];
}

function complaintsAboutTypes(types: readonly string[]): RowComplaint[] {
  if (types.length === 0) {
    return [{ field: 'types', problem: 'is empty; at least one provider type is expected, such as Z3' }];
  }
  const isUnknown = (type: string): boolean => !isProviderType(type);
  return types.filter(isUnknown).map((type) => ({
    field: 'types',
    problem: `${showCode(type)} is not a provider type of the catalogue; a code of RoleCodeNL is expected, such as Z3`,
  }));
}

/** What looks like a code is shown; anything else may be anything, so it is not. */
function showCode(code: string): string {
  return /^[A-Za-z][A-Za-z0-9]{0,5}$/.test(code) ? `"${code}"` : 'what stands there';
}
