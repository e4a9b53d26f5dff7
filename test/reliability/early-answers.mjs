// A deliberate defect, loaded into the process with --import: from SIGUSR2 on it answers before anything is committed. It shows
// that the test of kill -9 finds such a fault; nothing else uses it.
import { PostgresRegistry } from '../../dist/src/store/postgres.registry.js';

let active = false;
process.on('SIGUSR2', () => {
  active = true;
});

const LATE_MS = 300;
const later = () => new Promise((resolve) => setTimeout(resolve, LATE_MS));

const { answerTogether, inTransaction } = PostgresRegistry.prototype;

PostgresRegistry.prototype.answerTogether = function (questions, conclude) {
  if (!active) return answerTogether.call(this, questions, conclude);
  return new Promise((resolve, reject) => {
    const known = Promise.withResolvers();
    answerTogether
      .call(this, questions, (facts) => {
        known.resolve(facts);
        throw new Error('only read');
      })
      .catch(reject);
    known.promise.then(async (facts) => {
      const entries = conclude(facts);
      resolve();
      await later();
      await answerTogether.call(this, questions, () => entries).catch(() => undefined);
    });
  });
};

PostgresRegistry.prototype.inTransaction = function (act, reads) {
  if (!active) return inTransaction.call(this, act, reads);
  return new Promise((resolve, reject) => {
    inTransaction
      .call(
        this,
        async (records) => {
          resolve(await act(records));
          await later();
        },
        reads,
      )
      .catch(reject);
  });
};
