import { describe, expect, it } from '@jest/globals';
import { randomBytes } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { v7 as newId } from 'uuid';
import type { Entry } from '../../src/core/audit/entry.js';
import { Keyring } from '../../src/core/audit/keyring.js';
import { Sealer } from '../../src/core/audit/sealer.js';
import { answer, type Trace } from '../../src/core/decision/rule.js';
import { SENTENCES } from '../../src/core/decision/sentences.js';
import { layOut, NaiveModel } from '../decision/naive-model.js';
import { inPlainWords } from '../decision/small-world.js';
import { readCases, readProviders, type Row } from './read-cases.js';

const FOLDER = fileURLToPath(new URL('.', import.meta.url));
const PROVIDERS_FILE = 'providers.yaml';
const read = (file: string): string => readFileSync(`${FOLDER}${file}`, 'utf8');

const providers = readProviders(PROVIDERS_FILE, read(PROVIDERS_FILE));
const files = readdirSync(FOLDER).filter((name) => name.endsWith('.yaml') && name !== PROVIDERS_FILE);
const tables = files.sort().map((file) => readCases(file, read(file), providers));

const keyring = new Keyring(randomBytes(32));
const sealer = new Sealer(keyring, newId, 'test');
const personId = newId();
const auditKey = keyring.newWrappedKey(personId);

/** What the log says of this answer, after it was sealed and opened again. */
function loggedAs(
  trace: Trace,
  { matter }: Row,
): { outcome: string; reasons: readonly string[]; counted: number } {
  const entry: Entry = {
    kind: 'consent.checked',
    at: new Date('2026-11-21T12:00:00Z'),
    actor: { kind: 'client', clientId: 'test-system' },
    subject: { kind: 'person', personId, auditKey },
    outcome: trace.decision,
    reasons: [trace.reason],
    detail: { requester: matter.requester, holders: [{ ...matter.holder, results: [trace] }] },
  };
  const opened = sealer.open(sealer.seal(entry), () => auditKey);
  return {
    outcome: opened?.outcome ?? 'unreadable',
    reasons: opened?.reasons ?? [],
    counted: opened?.detail.holders?.[0]?.results[0]?.deciding.length ?? -1,
  };
}

describe.each(tables)('$name', ({ situations }) => {
  describe.each(situations)('$name', ({ choices, rows }) => {
    it.each(rows)('$name', (row) => {
      const { matter, standing, policy, expected } = row;
      const trace = answer(choices, matter, standing, policy);
      const said = { answer: trace.decision === 'permit' ? 'yes' : 'no', reason: trace.reason };
      expect({ ...said, sentence: SENTENCES[trace.reason].nl }).toEqual(expected);
      expect(loggedAs(trace, row)).toEqual({
        outcome: trace.decision,
        reasons: [expected.reason],
        counted: trace.deciding.length,
      });
    });
  });
});

it('the tables hold at least forty rows and show every reason there is', () => {
  const rows = tables.flatMap(({ situations }) => situations.flatMap((situation) => situation.rows));
  expect(rows.length).toBeGreaterThanOrEqual(40);
  expect(new Set(rows.map(({ expected }) => expected.reason))).toEqual(new Set(Object.keys(SENTENCES)));
});

it('the naive model agrees with every row whose parties are known and whose data can be held', () => {
  for (const { situations } of tables) {
    for (const { choices, rows } of situations) {
      const settled = ['HOLDER_UNKNOWN', 'REQUESTER_UNKNOWN', 'PERSON_UNKNOWN', 'CATEGORY_NOT_HELD'];
      for (const { name, matter, policy, expected } of rows.filter(
        (row) => !settled.includes(row.expected.reason),
      )) {
        const verdict = new NaiveModel(choices).ask(layOut(inPlainWords(matter, policy)));
        expect([name, verdict.answer]).toEqual([name, expected.answer]);
      }
    }
  }
});

describe('a mistake in a table is refused with the place where it is', () => {
  const sound = `
nl: Proef
en: Trial
situations:
  - nl: Ja
    en: Yes
    option: certain
    choices:
      - { holder: Apotheken, requester: alle zorgaanbieders, data: alle gegevens, answer: yes }
    rows:
      - { holder: Apotheek Zuid, requester: Ziekenhuis Oost, data: Medicatiegegevens, answer: yes, reason: YES_GROUP, sentence: Ja. }
      - { holder: Apotheek Zuid, requester: Huisarts De Linde, data: Medicatiegegevens, answer: yes, reason: YES_GROUP, sentence: Ja. }
`;

  it('reads the table without the mistake', () => {
    expect(readCases('trial.yaml', sound, providers).situations[0]?.rows).toHaveLength(2);
  });

  it.each([
    [
      'answer: yes }\n    rows',
      'answer: maybe }\n    rows',
      'trial.yaml, situation 1, choice 1: "answer: maybe" should be one of: yes, no.',
    ],
    [
      'holder: Apotheken',
      'holder: Apotheek',
      'trial.yaml, situation 1, choice 1: "Apotheek" is not "alle zorgaanbieders"',
    ],
    [
      'data: alle gegevens',
      'data: gegevens',
      'trial.yaml, situation 1, choice 1: "gegevens" is not a data category',
    ],
    [
      'requester: Huisarts De Linde',
      'requester: Huisarts Linde',
      'trial.yaml, situation 1, row 2: "Huisarts Linde" is not in providers.yaml.',
    ],
    ['requester: Ziekenhuis Oost, ', '', 'trial.yaml, situation 1, row 1: "requester" is missing'],
    [
      'reason: YES_GROUP',
      'reason: YES',
      'trial.yaml, situation 1, row 1: "reason: YES" should be one of: YES_ALL',
    ],
    ['reason: YES_GROUP', 'reden: YES_GROUP', 'trial.yaml, situation 1, row 1: "reden" is not a field here'],
    ['option: certain', 'option: all', 'trial.yaml, situation 1: no person could choose this'],
    ['option: certain', 'option: some', 'trial.yaml, situation 1: "option: some" should be one of'],
    ['en: Trial', 'en: "Trial', 'trial.yaml, line'],
    ['nl: Proef\n', '', 'trial.yaml: "nl" is missing'],
  ])('%j → %j', (right, wrong, message) => {
    expect(sound).toContain(right);
    expect(() => readCases('trial.yaml', sound.replace(right, wrong), providers)).toThrow(message);
  });

  it('in the list of providers as well', () => {
    expect(() => readProviders('providers.yaml', 'Apotheek: { ura: "20000001", type: Drogist }')).toThrow(
      'providers.yaml, "Apotheek": "Drogist" is not a provider type of the catalogue.',
    );
  });
});
