import type { LoggerService } from '@nestjs/common';
import { redact } from './redact.js';

/** How serious a line is. */
export type Level = 'fatal' | 'error' | 'warn' | 'info' | 'debug';

/** Takes finished lines; process.stdout is one. */
export interface LineSink {
  write(text: string): unknown;
}

/**
 * The log of the process: one JSON object per line, redacted. Lines that come in one turn of the event loop are written
 * together. Strings are escaped by JSON, so a caller's line break can't start a line of its own (ASVS 16.4.1).
 */
export class LineLog implements LoggerService {
  private waiting = '';

  constructor(
    private readonly sink: LineSink,
    private readonly now: () => Date = () => new Date(),
  ) {}

  /** Writes one line. */
  line(level: Level, message: string, facts: Readonly<Record<string, unknown>> = {}): void {
    const text = redact(JSON.stringify({ at: this.now().toISOString(), level, message, ...facts }));
    if (this.waiting === '') setImmediate(() => this.flush());
    this.waiting += `${text}\n`;
  }

  /** Writes what still waits; to be called before the process ends. */
  flush(): void {
    const text = this.waiting;
    this.waiting = '';
    if (text !== '') this.sink.write(text);
  }

  log(): void {
    // The framework tells here what it wires and which routes it maps; not for operators.
  }

  warn(message: unknown, ...more: unknown[]): void {
    this.line('warn', textOf(message), contextOf(more));
  }

  error(message: unknown, ...more: unknown[]): void {
    this.line('error', textOf(message), contextOf(more));
  }

  fatal(message: unknown, ...more: unknown[]): void {
    this.line('fatal', textOf(message), contextOf(more));
    this.flush();
  }

  debug(): void {
    // As log.
  }

  verbose(): void {
    // As log.
  }
}

/** What an error says for the log: name, message and where it came from. */
export function factsOf(error: unknown): Readonly<Record<string, unknown>> {
  if (!(error instanceof Error)) return { error: String(error) };
  const cause = error.cause instanceof Error ? error.cause.message : undefined;
  return { error: error.message, name: error.name, cause, stack: error.stack };
}

function textOf(message: unknown): string {
  if (message instanceof Error) return message.stack ?? message.message;
  if (typeof message === 'object' && message !== null) return JSON.stringify(message);
  return String(message);
}

/** Nest hands over optional stacks and, last, the name of the class that speaks. */
function contextOf(more: readonly unknown[]): Readonly<Record<string, unknown>> {
  const texts = more.filter((one) => typeof one === 'string');
  return texts.length === 0 ? {} : { context: texts.at(-1), stack: texts.length > 1 ? texts[0] : undefined };
}
