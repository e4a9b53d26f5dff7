import { EventEmitter } from 'node:events';
import pg from 'pg';
import { PersonCipher } from '../../src/store/person-cipher.js';
import { randomBytes } from 'node:crypto';
import { answerBatch } from '../../src/store/check.records.js';
import { commit, lookWithin, withRetries } from '../../src/store/transaction.js';
import { isTrouble } from '../../src/store/trouble.js';
import { makeSealedEntry } from '../make.js';

const UNCERTAIN = { name: 'Failure', code: 'UNAVAILABLE', message: expect.stringContaining('not certain') };

/** A connection that answers each statement as told, by its first word or its name. */
function connection(answers: Readonly<Record<string, Error>>): pg.ClientBase {
  const query = (asked: string | { name: string }): Promise<unknown> => {
    const word = typeof asked === 'string' ? (asked.split(' ')[0] ?? '') : asked.name;
    const error = answers[word];
    return error ? Promise.reject(error) : Promise.resolve({ command: word, rows: [], rowCount: 0 });
  };
  return Object.assign(new EventEmitter(), { query }) as unknown as pg.ClientBase;
}

const ofNode = (code: string): Error => Object.assign(new Error(`broken: ${code}`), { code });
const ofServer = (code: string): Error =>
  Object.assign(new pg.DatabaseError('refused', 0, 'error'), { code, severity: 'ERROR' });

/** What the network, the encryption and the driver say when nobody knows what became of a statement. */
const UNKNOWN = [
  ofNode('ERR_STREAM_DESTROYED'),
  ofNode('ERR_STREAM_WRITE_AFTER_END'),
  ofNode('EPROTO'),
  ofNode('ERR_SSL_WRONG_VERSION_NUMBER'),
  ofNode('ECONNRESET'),
  new Error('Query read timeout'),
  new Error('something nobody thought of'),
];

const cipher = new PersonCipher({ bsnKey: randomBytes(32), indexKey: randomBytes(32) });
const answer = (answers: Readonly<Record<string, Error>>): Promise<void> =>
  answerBatch(connection(answers), cipher, [], () => [makeSealedEntry()]);

describe('a COMMIT', () => {
  it.each(UNKNOWN)('that ends with "%s" is uncertain', async (error) => {
    await expect(commit(connection({ COMMIT: error }))).rejects.toMatchObject(UNCERTAIN);
  });

  it('that the server refuses is certain, and passed on as it is', async () => {
    const error = ofServer('23505');
    await expect(commit(connection({ COMMIT: error }))).rejects.toBe(error);
  });

  it('that the server could not finish is uncertain', async () => {
    await expect(commit(connection({ COMMIT: ofServer('57P01') }))).rejects.toMatchObject(UNCERTAIN);
  });

  it('that succeeds resolves', async () => {
    await expect(commit(connection({}))).resolves.toBeUndefined();
  });
});

describe('an answer, whose entries and COMMIT are sent together', () => {
  it.each(UNKNOWN)('is uncertain when the entries end with "%s"', async (error) => {
    const broken = answer({ 'append-entries': error, COMMIT: error });
    await expect(broken).rejects.toMatchObject(UNCERTAIN);
  });

  it('is certainly not kept when the server refused the entries', async () => {
    const error = ofServer('40001');
    await expect(answer({ 'append-entries': error })).rejects.toBe(error);
  });

  it('is uncertain when the entries went in and COMMIT was not answered', async () => {
    await expect(answer({ COMMIT: ofNode('EPROTO') })).rejects.toMatchObject(UNCERTAIN);
  });

  it('is run again after a conflict, and never when its outcome is not known', async () => {
    const rounds = async (answers: Readonly<Record<string, Error>>): Promise<number> => {
      let count = 0;
      const run = (): Promise<void> => {
        count += 1;
        return answer(answers);
      };
      await withRetries(2, run).catch(() => undefined);
      return count;
    };
    expect(await rounds({ 'append-entries': ofServer('40001') })).toBe(2);
    for (const error of UNKNOWN) expect(await rounds({ 'append-entries': error, COMMIT: error })).toBe(1);
  });
});

describe('trouble', () => {
  it.each(UNKNOWN.slice(0, -1))('is what says "%s"', (error) => {
    expect(isTrouble(error)).toBe(true);
  });

  it.each([ofServer('23505'), new TypeError('a defect'), ofNode('ERR_INVALID_ARG_TYPE')])(
    'is not what says "%s"',
    (error) => {
      expect(isTrouble(error)).toBe(false);
    },
  );
});

describe('a look', () => {
  it('sends its first question together with BEGIN, without waiting for an answer', async () => {
    const sent: string[] = [];
    const begun = Promise.withResolvers<unknown>();
    const client = {
      query: (text: string): Promise<unknown> => {
        sent.push(text);
        return begun.promise;
      },
    } as unknown as pg.ClientBase;
    const seen = lookWithin(client, 'BEGIN', () => {
      sent.push('the question');
      begun.resolve(undefined);
      return Promise.resolve('the answer');
    });
    expect(await seen).toBe('the answer');
    expect(sent).toEqual(['BEGIN', 'the question']);
  });

  it('is refused when it could not begin', async () => {
    const error = ofServer('57P03');
    await expect(
      lookWithin(connection({ BEGIN: error }), 'BEGIN', () => Promise.resolve('seen')),
    ).rejects.toBe(error);
  });
});
