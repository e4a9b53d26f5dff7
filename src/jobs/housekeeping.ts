import type { Clock } from '../core/clock.js';
import type { Records, Registry } from '../core/registry.js';
import { SESSION_IDLE_MS, SIGN_IN_ATTEMPT_MS } from '../core/session/session.js';

/** How often the house is kept. */
export const HOUSEKEEPING_MS = 10 * 60_000;

/** How long a repeated change is recognised by its Idempotency-Key. */
export const IDEMPOTENCY_MS = 7 * 24 * 60 * 60_000;

/** How many rows go in one transaction, so that none holds its locks for long. */
export const FORGET_AT_A_TIME = 10_000;

/** The clock as a door: forgets what has run out, and makes room for the log to come. */
export class Housekeeping {
  private timer: NodeJS.Timeout | undefined;
  private underWay: Promise<void> = Promise.resolve();

  constructor(
    private readonly registry: Registry,
    private readonly clock: Clock,
    /** Hears of a round that failed; the next one tries again. */
    private readonly onFailure: (error: unknown) => void,
  ) {}

  /**
   * One round: the log's coming half years are prepared; expired sessions, sign-ins never finished, spent once-only values, old
   * Idempotency-Keys and expired pairing codes go, each table in transactions of its own.
   */
  async round(): Promise<void> {
    const now = this.clock.now();
    const before = (milliseconds: number): Date => new Date(now.getTime() - milliseconds);
    await this.registry.prepareLog(now);
    await this.forget(({ sessions }, most) => sessions.forgetBefore(before(SESSION_IDLE_MS), most));
    await this.forget(({ sessions }, most) =>
      sessions.forgetAttemptsBefore(before(SIGN_IN_ATTEMPT_MS), most),
    );
    await this.forget(({ once }, most) => once.forgetBefore(now, most));
    await this.forget(({ idempotency }, most) => idempotency.forgetBefore(before(IDEMPOTENCY_MS), most));
    await this.forget(({ guardianship }, most) => guardianship.forgetBefore(now, most));
  }

  private async forget(act: (records: Records, most: number) => Promise<number>): Promise<void> {
    let gone: number;
    do gone = await this.registry.inTransaction((records) => act(records, FORGET_AT_A_TIME));
    while (gone >= FORGET_AT_A_TIME);
  }

  /** Runs a round now and then one every ten minutes, until `stop`. */
  start(): void {
    this.runRound();
    this.timer = setInterval(() => {
      this.runRound();
    }, HOUSEKEEPING_MS);
    this.timer.unref();
  }

  /** No further rounds; resolves when the one under way has ended. */
  async stop(): Promise<void> {
    clearInterval(this.timer);
    await this.underWay;
  }

  private runRound(): void {
    this.underWay = this.round().catch((error: unknown) => {
      this.onFailure(error);
    });
  }
}
