import type { Command } from 'commander';
import type { Surroundings } from './surroundings.js';

/** The command that brings the database up to date. */
export function migrationCommand(program: Command, surroundings: Surroundings): void {
  program
    .command('migrate')
    .description(
      'Bring the database in OWNER_DATABASE_URL up to date; a running service may go on meanwhile.',
    )
    .action(() => migrateDatabase(surroundings));
}

async function migrateDatabase(surroundings: Surroundings): Promise<void> {
  const ran = await surroundings.migrate((sentence) => {
    surroundings.err(`Warning: ${sentence}\n`);
  });
  for (const name of ran) surroundings.out(`Carried out: ${name}\n`);
  surroundings.out(
    ran.length === 0 ? 'The database was up to date already.\n' : 'The database is up to date.\n',
  );
}
