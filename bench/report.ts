/** One measurement. Latencies in milliseconds. */
export interface Measured {
  readonly perSecond: number;
  readonly p50: number;
  readonly p99: number;
  readonly answered: number;
  readonly failed: number;
  /** Processor time per check in milliseconds, of everything that took part; undefined where it can't be told. */
  readonly cpu?: number | undefined;
  /** The part of the machine, from 0 to 1, that other programs had meanwhile. */
  readonly others?: number | undefined;
}

/** All rounds of one contender. */
export interface Contender {
  readonly name: string;
  readonly rounds: readonly Measured[];
}

/** The middle value; the mean of the two middle ones when there are two. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const half = sorted.length / 2;
  const low = sorted[Math.ceil(half) - 1] ?? Number.NaN;
  const high = sorted[Math.floor(half)] ?? Number.NaN;
  return (low + high) / 2;
}

/** Checks per second: the median of the rounds. */
export function speedOf({ rounds }: Contender): number {
  return median(rounds.map(({ perSecond }) => perSecond));
}

const whole = (value: number): string => Math.round(value).toLocaleString('en');
const milliseconds = (value: number): string => value.toFixed(1);

/** The contenders as a Markdown table: medians, with the slowest and fastest round. */
export function tableOf(contenders: readonly Contender[]): string {
  const rows = contenders.map((contender) => {
    const speeds = contender.rounds.map(({ perSecond }) => perSecond);
    const cells = [
      contender.name,
      whole(speedOf(contender)),
      `${whole(Math.min(...speeds))}–${whole(Math.max(...speeds))}`,
      milliseconds(median(contender.rounds.map(({ p50 }) => p50))),
      milliseconds(median(contender.rounds.map(({ p99 }) => p99))),
      median(contender.rounds.map(({ cpu }) => cpu ?? Number.NaN)).toFixed(2),
    ];
    return `| ${cells.join(' | ')} |`;
  });
  return [
    '| | checks/s (median) | min–max | p50 ms | p99 ms | CPU ms per check |',
    '| --- | ---: | ---: | ---: | ---: | ---: |',
    ...rows,
  ].join('\n');
}

/** What the issue asks for: ours at least 1.2 times the floor and 5 times the plain version. */
export const ASKED = { floor: 1.2, plain: 5 } as const;

/** The two ratios, of medians. */
export function ratiosOf(measured: Readonly<Record<'ours' | 'floor' | 'plain', Contender>>): {
  readonly floor: number;
  readonly plain: number;
  readonly enough: boolean;
} {
  const floor = speedOf(measured.ours) / speedOf(measured.floor);
  const plain = speedOf(measured.ours) / speedOf(measured.plain);
  return { floor, plain, enough: floor >= ASKED.floor && plain >= ASKED.plain };
}
