import { Failure } from '../failure.js';

/** What came of one item of a batch: its result, or the error that only it gets. */
export type ItemResult<Result> = Result | Error;

interface Waiting<Item, Result> {
  readonly item: Item;
  readonly resolve: (result: Result) => void;
  readonly reject: (error: unknown) => void;
  readonly since: number;
}

/** How batches are cut. */
export interface BatchLimits {
  readonly largest: number;
  readonly underWay: number;
  /** How many items may wait; more are refused at once. */
  readonly mostWaiting: number;
  /** How long an item may wait for its batch, in milliseconds; then it is refused. */
  readonly patience: number;
}

/**
 * Collects items that arrive while earlier batches are under way and carries them out together. There is no timer: a lone item
 * goes at once. When a batch fails, every item in it fails with the same error; nothing is tried again here. Under more load than can
 * be carried, items are refused with UNAVAILABLE rather than kept waiting.
 */
export class Batches<Item, Result> {
  private waiting: Waiting<Item, Result>[] = [];
  private underWay = 0;

  constructor(
    private readonly carryOut: (items: readonly Item[]) => Promise<readonly ItemResult<Result>[]>,
    private readonly limits: BatchLimits,
  ) {}

  /** Adds an item; resolves when the batch it went with is carried out. */
  add(item: Item): Promise<Result> {
    if (this.waiting.length >= this.limits.mostWaiting) return Promise.reject(tooBusy());
    return new Promise((resolve, reject) => {
      this.waiting.push({ item, resolve, reject, since: performance.now() });
      if (this.waiting.length === 1) setImmediate(() => this.start());
    });
  }

  private start(): void {
    this.refuseLate();
    while (this.waiting.length > 0 && this.underWay < this.limits.underWay) {
      const batch = this.waiting.slice(0, this.limits.largest);
      this.waiting = this.waiting.slice(this.limits.largest);
      this.underWay += 1;
      void this.run(batch);
    }
  }

  /** The oldest stand in front. */
  private refuseLate(): void {
    const oldest = performance.now() - this.limits.patience;
    const late = this.waiting.findIndex(({ since }) => since >= oldest);
    const gone = this.waiting.splice(0, late === -1 ? this.waiting.length : late);
    for (const { reject } of gone) reject(tooBusy());
  }

  private async run(batch: readonly Waiting<Item, Result>[]): Promise<void> {
    try {
      const results = await this.carryOut(batch.map(({ item }) => item));
      batch.forEach(({ resolve, reject }, position) => {
        const result = results[position];
        if (result === undefined) reject(new Error('a batch gave fewer results than items'));
        else if (result instanceof Error) reject(result);
        else resolve(result);
      });
    } catch (error) {
      batch.forEach(({ reject }) => reject(error));
    } finally {
      this.underWay -= 1;
      this.start();
    }
  }
}

function tooBusy(): Failure {
  return new Failure('UNAVAILABLE', 'More is asked than can be answered now; try again in a moment.', {
    retryAfterSeconds: 1,
  });
}
