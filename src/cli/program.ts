import { Command, CommanderError } from 'commander';
import { Failure } from '../core/failure.js';
import { clientCommands } from './clients.js';
import { migrationCommand } from './migration.js';
import { providerCommands } from './providers.js';
import { Exit, type Surroundings } from './surroundings.js';

/**
 * Runs one command of the operator and gives back its exit code: 0 done, 1 refused or not done. A refusal is told in sentences;
 * a defect is thrown on.
 */
export async function runCommand(args: readonly string[], surroundings: Surroundings): Promise<number> {
  try {
    await programOf(surroundings).parseAsync(args, { from: 'user' });
    return 0;
  } catch (error) {
    if (error instanceof Exit) return error.code;
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 1;
    if (!(error instanceof Failure)) throw error;
    surroundings.err(`${sentencesOf(error).join('\n')}\n`);
    return 1;
  }
}

function programOf(surroundings: Surroundings): Command {
  const program = new Command('registry')
    .description('What an operator does with the consent registry.')
    .exitOverride()
    .configureOutput({
      writeOut: (text) => surroundings.out(text),
      writeErr: (text) => surroundings.err(text),
    });
  clientCommands(program, surroundings);
  providerCommands(program, surroundings);
  migrationCommand(program, surroundings);
  return program;
}

function sentencesOf(failure: Failure): readonly string[] {
  const fields = Object.entries(failure.facts.fields ?? {});
  return [failure.message, ...fields.map(([field, sentence]) => `  --${field}: ${sentence}`)];
}
