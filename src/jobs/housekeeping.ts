import type { Clock } from '../core/clock.js';
import type { Registry } from '../core/registry.js';
import { SESSION_IDLE_MS, SIGN_IN_ATTEMPT_MS } from '../core/session/session.js';

/** How often the house is kept. */
export const HOUSEKEEPING_MS = 10 * 60_000;

/** How long a repeated change is recognised by its Idempotency-Key. */
export const IDEMPOTENCY_MS = 7 * 24 * 60 * 60_000;

/** The clock as a door: forgets what has run out, and makes room for the log to come. */
export class Housekeeping {
  private timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly registry: Registry,
    private readonly clock: Clock,
    /** Hears of a round that failed; the next one tries again. */
    private readonly onFailure: (error: unknown) => void,
  ) {}

  /** One round: expired sessions, sign-ins never finished and spent once-only values and old Idempotency-Keys go; the log's coming half years are prepared. */
  async round(): Promise<void> {
    const now = this.clock.now();
    const before = (milliseconds: number): Date => new Date(now.getTime() - milliseconds);
    await this.registry.prepareLog(now);
    await this.registry.inTransaction(async (records) => {
      await records.sessions.forgetBefore(before(SESSION_IDLE_MS), before(SIGN_IN_ATTEMPT_MS));
      await records.once.forgetBefore(now);
      await records.idempotency.forgetBefore(before(IDEMPOTENCY_MS));
    });
  }

  /** Runs a round now and then one every ten minutes, until `stop`. */
  start(): void {
    this.runRound();
    this.timer = setInterval(() => {
      this.runRound();
    }, HOUSEKEEPING_MS);
    this.timer.unref();
  }

  /** No further rounds. */
  stop(): void {
    clearInterval(this.timer);
  }

  private runRound(): void {
    this.round().catch((error: unknown) => {
      this.onFailure(error);
    });
  }
}
