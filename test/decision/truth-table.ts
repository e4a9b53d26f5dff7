import type { Choice, HolderSide, RequesterSide } from '../../src/core/consent/choices.js';
import {
  answer,
  decide,
  type Matter,
  type Reason,
  RULE_VERSION,
  type Trace,
} from '../../src/core/decision/rule.js';
import { SENTENCES } from '../../src/core/decision/sentences.js';
import { DATA_CATEGORIES, type DataCategory } from '../../src/core/provider/catalogue.js';
import { ABROAD, PARTIES, POLICIES } from './small-world.js';

type Word = '–' | 'yes' | 'no';

const WORDS: readonly Word[] = ['–', 'yes', 'no'];
const HOLDER = PARTIES[0] as Matter['holder'];
const REQUESTER = PARTIES[2] as Matter['holder'];
const ALLOWED = { presumedConsent: 'allow' } as const;

/** The three levels of either side, the least specific first, and what the table calls them. */
const HOLDER_LEVELS: readonly { side: HolderSide; name: string }[] = [
  { side: 'all', name: 'all' },
  { side: 'group:general-practice', name: 'group' },
  { side: `provider:${HOLDER.ura}`, name: 'provider' },
];
const REQUESTER_LEVELS: readonly { side: RequesterSide; name: string }[] = [
  { side: 'all', name: 'all' },
  { side: 'group:hospital', name: 'group' },
  { side: `provider:${REQUESTER.ura}`, name: 'provider' },
];

const MATTER: Matter = { holder: HOLDER, requester: REQUESTER, dataCategory: 'GGC012', purpose: 'TREAT' };
const WIDEST = { holder: 'all', requester: 'all', dataCategory: 'all' } as const;

/** A choice that was made, or nothing for a dash. */
function said(about: Omit<Choice, 'answer'>, word: Word): Choice[] {
  return word === '–' ? [] : [{ ...about, answer: word }];
}

/** A table in the layout that the formatter keeps: padded columns. */
function table(header: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = header.map((title, column) =>
    Math.max(3, title.length, ...rows.map((row) => row[column]?.length ?? 0)),
  );
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(' | ')} |`;
  return [line(header), line(widths.map((width) => '-'.repeat(width))), ...rows.map(line)].join('\n');
}

function yesOrNo({ decision }: Trace): string {
  return decision === 'permit' ? 'yes' : '**no**';
}

function withReason(trace: Trace): string {
  return `${yesOrNo(trace)} \`${trace.reason}\``;
}

/** Every combination of words for a number of places. */
function combinations(places: number): readonly (readonly Word[])[] {
  if (places === 0) return [[]];
  return combinations(places - 1).flatMap((before) => WORDS.map((word) => [...before, word]));
}

const at = (words: readonly Word[], place: number): Word => words[place] ?? '–';

/** 27 rows × 9 columns: whose data on the left, toward whom on top. */
function bothSides(): string {
  const columns = combinations(2);
  const header = ['holder: all · group · provider', ...columns.map((words) => words.join(' · '))];
  const rows = combinations(3).map((holderWords) => [
    holderWords.join(' · '),
    ...columns.map((requesterWords) => {
      const choices = [
        ...HOLDER_LEVELS.flatMap(({ side }, level) =>
          said({ ...WIDEST, holder: side }, at(holderWords, level)),
        ),
        ...REQUESTER_LEVELS.slice(1).flatMap(({ side }, level) =>
          said({ ...WIDEST, requester: side }, at(requesterWords, level)),
        ),
      ];
      return yesOrNo(decide(choices, MATTER, ALLOWED));
    }),
  ]);
  return table(header, rows);
}

/** 9 × 9: of two choices that contradict each other, which one counts. */
function everyPair(): string {
  const places = HOLDER_LEVELS.flatMap((holder) =>
    REQUESTER_LEVELS.map((requester) => ({
      name: `${holder.name} → ${requester.name}`,
      about: { holder: holder.side, requester: requester.side, dataCategory: 'all' } as const,
    })),
  );
  const rows = places.map((yes) => [
    `yes: ${yes.name}`,
    ...places.map((no) =>
      yesOrNo(decide([...said(yes.about, 'yes'), ...said(no.about, 'no')], MATTER, ALLOWED)),
    ),
  ]);
  return table(['', ...places.map(({ name }) => `no: ${name}`)], rows);
}

/** 27 rows: what was said about everything, about treatment data and about results, and the answer per category asked. */
function categories(): string {
  const sides = ['all', 'GGC002', 'GGC012'] as const;
  const asked: readonly DataCategory[] = ['GGC002', 'GGC012', 'GGC013'];
  const header = [
    'all data',
    ...sides.slice(1),
    ...asked.map((code) => `asked: ${DATA_CATEGORIES[code].en} (${code})`),
  ];
  const rows = combinations(3).map((words) => {
    const choices = sides.flatMap((dataCategory, place) =>
      said({ ...WIDEST, dataCategory }, at(words, place)),
    );
    return [
      ...words,
      ...asked.map((dataCategory) => withReason(decide(choices, { ...MATTER, dataCategory }, ALLOWED))),
    ];
  });
  return table(header, rows);
}

/** 9 rows: the general word and the word for the EU, and what a requester here and abroad hears. */
function abroad(): string {
  const rows = combinations(2).map((words) => {
    const choices = [
      ...said(WIDEST, at(words, 0)),
      ...said({ ...WIDEST, requester: 'group:eu' }, at(words, 1)),
    ];
    const answers = [REQUESTER, ABROAD].map((requester) =>
      withReason(decide(choices, { ...MATTER, requester }, ALLOWED)),
    );
    answers.push(withReason(decide(choices, { ...MATTER, requester: ABROAD, purpose: 'COC' }, ALLOWED)));
    return [...words, ...answers];
  });
  return table(
    [
      'all → all',
      'all → EU',
      'asked from the Netherlands',
      'asked from another EU country',
      'the same, `COC`',
    ],
    rows,
  );
}

/** 9 rows: general word and word for the holder, asked for both purposes and under both policies. */
function presumed(): string {
  const rows = combinations(2).map((words) => {
    const choices = [
      ...said(WIDEST, at(words, 0)),
      ...said({ ...WIDEST, holder: `provider:${HOLDER.ura}` }, at(words, 1)),
    ];
    return [
      ...words,
      withReason(decide(choices, MATTER, ALLOWED)),
      ...POLICIES.map((policy) => withReason(decide(choices, { ...MATTER, purpose: 'COC' }, policy))),
    ];
  });
  return table(['all → all', 'provider → all', '`TREAT`', '`COC`, presumed', '`COC`, switched off'], rows);
}

/** What is settled before any choice is looked at; the person in this table said yes to everything. */
function standing(): string {
  const rows = [true, false].flatMap((holderKnown) =>
    [true, false].flatMap((requesterKnown) =>
      [true, false].map((personKnown) => {
        const known = { holderKnown, requesterKnown, personKnown };
        const choices = personKnown ? said(WIDEST, 'yes') : [];
        const ask = (matter: Matter): string => withReason(answer(choices, matter, known, ALLOWED));
        return [
          ...[holderKnown, requesterKnown, personKnown].map((is) => (is ? 'known' : 'unknown')),
          ask(MATTER),
          ask({ ...MATTER, purpose: 'COC' }),
          ask({ ...MATTER, holder: { ...HOLDER, type: 'J8' } }),
        ];
      }),
    ),
  );
  return table(['holder', 'requester', 'person', '`TREAT`', '`COC`', 'results, from a pharmacy'], rows);
}

function reasons(): string {
  const rows = (Object.keys(SENTENCES) as Reason[]).map((reason) => [
    `\`${reason}\``,
    SENTENCES[reason].nl,
    SENTENCES[reason].en,
  ]);
  return table(['reason', 'Nederlands', 'English'], rows);
}

/** The whole document, computed by the rule itself. The same rule gives the same text. */
export function truthTable(): string {
  return `# Truth table of the decision rule, version ${RULE_VERSION}

Every cell on this page was computed by the rule that answers care providers. A test fails when page and rule differ;
\`npm run truth-table\` writes the page anew. The rule in words, and why it is as it is: [decision-rule.md](decision-rule.md).

A choice reads _holder → requester_: providers on the left may share data with providers on the right, yes or no.
A dash (–) means that the person said nothing. "Provider" is one provider by its own number, "group" the group it belongs to.
Unless a table says otherwise the purpose is \`TREAT\`, both parties are in the Netherlands and known, and choices are about all data.

## 1. Whose data, and toward whom

Left: what was said about the holder (all → all · group → all · provider → all). On top: what was said about the requester
(all → group · all → provider). All 243 combinations. Of two choices of which neither is at least as specific on both sides, as
in "my GP: yes" and "to hospital X: no", both count, and a no settles it.

${bothSides()}

## 2. Of two choices that contradict each other, which one counts

Rows: the yes. Columns: the no. A **no** stands unless the yes is at least as specific on both sides and more specific on one.

${everyPair()}

## 3. Kinds of data

Treatment data (GGC002) contains results (GGC012) and medication data (GGC013). A choice for the contained category outranks one for
the category that contains it; and the broad category is a yes only when each part of it is.

${categories()}

## 4. Other countries of the European Union

A general yes stays in the Netherlands. A general no holds everywhere.

${abroad()}

## 5. Presumed consent

Purpose \`COC\` (referral, treatment team) presumes consent unless a no counts. It never becomes a yes given by the person.
An operator can switch the presumption off.

${presumed()}

## 6. Before any choice is looked at

The person in this table, when known, said yes to everything.

${standing()}

## 7. Reasons

Only the person and auditors see a reason; a care provider sees yes or no.

${reasons()}
`;
}
