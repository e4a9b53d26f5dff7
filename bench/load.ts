import autocannon from 'autocannon';
import { answerParent } from './child.js';
import type { WireQuestion } from './questions.js';
import type { Measured } from './report.js';

/** What the load generator is told to do. */
export interface LoadWish {
  readonly url: string;
  readonly questions: readonly WireQuestion[];
  /** One access token per system. */
  readonly tokens: readonly string[];
  readonly connections: number;
  readonly seconds: number;
}

/** Keeps every connection busy with the next question as soon as the last is answered; each connection has questions of its own. */
async function load({ url, questions, tokens, connections, seconds }: LoadWish): Promise<Measured> {
  const share = Math.floor(questions.length / connections);
  let client = 0;
  const result = await autocannon({
    url,
    connections,
    duration: seconds,
    method: 'POST',
    setupClient: (one) => {
      const own = questions.slice(client * share, (client + 1) * share);
      client += 1;
      // The typings know one request at a time; the method exists all the same (autocannon, Client.setRequests).
      (one as unknown as { setRequests(list: readonly autocannon.Request[]): void }).setRequests(
        own.map(({ system, body }) => ({
          headers: {
            'content-type': 'application/json',
            authorization: `Bearer ${tokens[system] ?? ''}`,
          },
          body,
        })),
      );
    },
  });
  const failed = result.errors + result.timeouts + result.non2xx;
  return {
    perSecond: result['2xx'] / result.duration,
    p50: result.latency.p50,
    p99: result.latency.p99,
    answered: result['2xx'],
    failed,
  };
}

answerParent((wish: LoadWish | undefined) => (wish ? load(wish) : Promise.resolve(undefined)));
