import { type Command, Option } from 'commander';
import { nameOfType } from '../core/provider/catalogue.js';
import type { RegisterReading } from '../core/provider/import.js';
import type { Provider } from '../core/provider/provider.js';
import { isUra } from '../core/provider/ura.js';
import type { Records } from '../core/registry.js';
import { Exit, type Surroundings, withRegistry } from './surroundings.js';
import { readRegisterFile, REGISTER_FORMATS, type RegisterFormat } from './register-file.js';
import { asJson, asTable } from './show.js';

interface ImportWish {
  readonly format?: RegisterFormat;
  readonly skipRefused?: true;
}

/** How many rows pass between two lines of progress. */
const PROGRESS_EVERY = 5_000;

/** How many providers a search shows. */
const MOST_FOUND = 50;

/** The commands about the register of care providers: import, find. */
export function providerCommands(program: Command, surroundings: Surroundings): void {
  const providers = program.command('providers').description('The register of care providers.');
  providers
    .command('import <file>')
    .description(
      'Add and replace providers from CSV (ura,name,place,types) or FHIR R4 Organizations (Bundle or NDJSON).',
    )
    .addOption(
      new Option('--format <format>', 'the kind of file, when its name does not tell').choices(
        REGISTER_FORMATS,
      ),
    )
    .option('--skip-refused', 'import the rest although rows were refused')
    .action((file: string, wish: ImportWish) => importProviders(file, wish, surroundings));
  providers
    .command('find <text>')
    .description('Show providers by URA number, or by part of their name or place.')
    .option('--json', 'print JSON')
    .action((text: string, wish: { json?: true }) => findProviders(text, wish.json === true, surroundings));
}

async function importProviders(file: string, wish: ImportWish, surroundings: Surroundings): Promise<void> {
  const reading = await readRegisterFile(file, wish.format, (count) => {
    if (count % PROGRESS_EVERY === 0) surroundings.err(`${count} read …\n`);
  });
  reportRefusals(reading, surroundings);
  const refused = reading.refusals.length;
  if (reading.providers.length === 0 || (refused > 0 && wish.skipRefused !== true)) {
    surroundings.out(`Read ${reading.count}, refused ${refused}: nothing was imported.\n`);
    if (reading.providers.length > 0)
      surroundings.err('Mend what was refused, or import the rest with --skip-refused.\n');
    throw new Exit(1);
  }
  surroundings.err(`${reading.count} read; keeping ${reading.providers.length} …\n`);
  const { added, changed, unchanged } = await withRegistry(surroundings, ({ providerImport }) =>
    providerImport.keep(reading.providers),
  );
  surroundings.out(
    `Read ${reading.count}, added ${added}, changed ${changed}, unchanged ${unchanged}, refused ${refused}.\n`,
  );
}

function reportRefusals(reading: RegisterReading, surroundings: Surroundings): void {
  for (const { where, complaints } of reading.refusals) {
    for (const { field, problem } of complaints)
      surroundings.err(`Refused: ${where}, ${field}: ${problem}.\n`);
  }
}

async function findProviders(text: string, json: boolean, surroundings: Surroundings): Promise<void> {
  const found = await withRegistry(surroundings, ({ registry }) =>
    registry.inSnapshot((records) => search(records, text.trim())),
  );
  if (json) surroundings.out(asJson(found));
  else if (found.length === 0) surroundings.out('No provider has this URA number, name or place.\n');
  else
    surroundings.out(
      asTable(found.map(({ ura, name, place, types }) => [ura, name, place, typesInWords(types)])),
    );
  if (found.length === MOST_FOUND) surroundings.err(`Only the first ${MOST_FOUND} are shown.\n`);
}

async function search({ providers }: Records, text: string): Promise<readonly Provider[]> {
  if (isUra(text)) return providers.findAll([text]);
  const byName = await providers.search({ name: text, limit: MOST_FOUND });
  const byPlace = await providers.search({ place: text, limit: MOST_FOUND });
  const both = new Map([...byName, ...byPlace].map((provider) => [provider.ura, provider]));
  return [...both.values()].sort((a, b) => (a.ura < b.ura ? -1 : 1)).slice(0, MOST_FOUND);
}

function typesInWords(types: Provider['types']): string {
  return types.map((type) => `${type} (${nameOfType(type).en})`).join(', ');
}
