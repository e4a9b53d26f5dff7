/** Why the story broke off: which step, what was expected and what came instead. */
export class StoryBroken extends Error {
  constructor(
    readonly step: string,
    readonly expected: string,
    readonly got: string,
  ) {
    super(`The story breaks off at "${step}".\n  expected: ${expected}\n  got:      ${got}`);
    this.name = 'StoryBroken';
  }
}

/** Tells the story as it happens, and breaks it off as soon as something is not as it should be. */
export class Teller {
  private step = 'the beginning';
  private steps = 0;

  constructor(private readonly print: (line: string) => void) {}

  /** How many steps were told. */
  get told(): number {
    return this.steps;
  }

  /** Begins a step. */
  begin(step: string): void {
    this.steps += 1;
    this.step = step;
    this.print(`\n${String(this.steps).padStart(2)}. ${step}`);
  }

  /** Tells what was asked and what was answered. */
  say(asked: string, answered: string): void {
    this.print(`      asked    ${asked}`);
    this.print(`      answered ${answered}`);
  }

  /** Tells something that is neither. */
  note(line: string): void {
    this.print(`      ${line}`);
  }

  /** Breaks the story off unless both are the same. */
  expect(what: string, got: unknown, expected: unknown): void {
    const [one, other] = [shown(got), shown(expected)];
    if (one !== other) throw this.broken(`${what} ${other}`, one);
  }

  /** The error that breaks the story off here. */
  broken(expected: string, got: string): StoryBroken {
    return new StoryBroken(this.step, expected, got);
  }
}

function shown(value: unknown): string {
  return value === undefined ? 'nothing' : JSON.stringify(value);
}
