import type { Choice, Draft, HolderSide, RequesterSide } from '../core/consent/choices.js';
import { ageOn, type Day, parseDay } from '../core/person/age.js';
import { type Bsn, parseBsn } from '../core/person/bsn.js';
import type { Name, ProviderType } from '../core/provider/catalogue.js';
import type { Ura } from '../core/provider/ura.js';
import { DEMO_URA } from './network-providers.js';

/** Where a demo person's choices stand when the demonstration is first started. */
export type Situation =
  | { readonly kind: 'nothing' }
  | { readonly kind: 'chosen'; readonly draft: Draft }
  | { readonly kind: 'chosen-by-provider'; readonly draft: Draft; readonly ura: Ura }
  | { readonly kind: 'awaiting-guardian'; readonly draft: Draft }
  | { readonly kind: 'approved'; readonly draft: Draft; readonly guardian: string };

/** An invented person. The BSN comes from the range for tests and was never issued. */
export interface DemoPerson {
  /** A short name that is no secret; never the BSN. */
  readonly id: string;
  readonly bsn: Bsn;
  readonly name: string;
  /** In years; the birth date follows the calendar, so that it stays so at every start. */
  readonly age: number;
  /** In how many days this person has a birthday, where that matters. */
  readonly birthdayInDays?: number;
  /** One line: what there is to see for whoever signs in as this person. */
  readonly story: Name;
  /** Whether first use was completed before the demonstration begins. */
  readonly hasAccount: boolean;
  readonly situation: Situation;
  readonly heldBy: readonly (readonly [Ura, ProviderType])[];
}

/** Who may sign in at the auditor door of the demonstration, or rather: of whom one may. */
export interface DemoAuditor {
  readonly id: string;
  readonly name: string;
  readonly roles: readonly string[];
}

const choice = (holder: HolderSide, answer: Choice['answer'], requester: RequesterSide = 'all'): Choice => ({
  holder,
  requester,
  dataCategory: 'all',
  answer,
});
const certain = (...choices: readonly Choice[]): Draft => ({ option: 'certain', choices });
const EVERYTHING: Draft = { option: 'all', choices: [] };
const NOTHING: Draft = { option: 'none', choices: [] };

/** The persons of the demonstration, each in a situation of their own. The last three are played by `npm run story`. */
export const DEMO_PEOPLE: readonly DemoPerson[] = [
  {
    id: 'anna',
    bsn: parseBsn('999990019'),
    name: 'Anna de Ruijter',
    age: 52,
    story: { nl: 'Gaf toestemming voor alles.', en: 'Said yes to everything.' },
    hasAccount: true,
    situation: { kind: 'chosen', draft: EVERYTHING },
    heldBy: [
      [DEMO_URA.gp, 'Z3'],
      [DEMO_URA.pharmacy, 'J8'],
      [DEMO_URA.hospital, 'V4'],
    ],
  },
  {
    id: 'bas',
    bsn: parseBsn('999990020'),
    name: 'Bas Verhoeven',
    age: 38,
    story: { nl: 'Wil met niemand gegevens delen.', en: 'Shares nothing with anybody.' },
    hasAccount: true,
    situation: { kind: 'chosen', draft: NOTHING },
    heldBy: [
      [DEMO_URA.gp, 'Z3'],
      [DEMO_URA.mentalHealth, 'G5'],
    ],
  },
  {
    id: 'chantal',
    bsn: parseBsn('999990032'),
    name: 'Chantal Oudejans',
    age: 45,
    story: {
      nl: 'Koos per groep, met een uitzondering: nooit het ziekenhuis in Oosterwaarde.',
      en: 'Chose by group, with an exception: never the hospital in Oosterwaarde.',
    },
    hasAccount: true,
    situation: {
      kind: 'chosen',
      draft: certain(
        choice('group:general-practice', 'yes'),
        choice('group:pharmacy', 'yes'),
        choice('group:hospital', 'yes'),
        choice(`provider:${DEMO_URA.hospital}`, 'no'),
        choice('group:mental-health', 'no'),
      ),
    },
    heldBy: [
      [DEMO_URA.gp, 'Z3'],
      [DEMO_URA.hospital, 'V4'],
      [DEMO_URA.universityHospital, 'V5'],
      [DEMO_URA.pharmacy, 'J8'],
    ],
  },
  {
    id: 'dirk',
    bsn: parseBsn('999990044'),
    name: 'Dirk-Jan Hoekstra',
    age: 61,
    story: {
      nl: 'Koos per groep en zei er één keer bij met wie wel: de huisarts mag delen, maar niet met apotheken.',
      en: 'Chose by group and once said with whom: the GP may share, but not with pharmacies.',
    },
    hasAccount: true,
    situation: {
      kind: 'chosen',
      draft: certain(
        choice('group:general-practice', 'yes'),
        choice('group:general-practice', 'no', 'group:pharmacy'),
        choice('group:hospital', 'yes'),
        choice('group:laboratory', 'no'),
      ),
    },
    heldBy: [
      [DEMO_URA.otherGp, 'Z3'],
      [DEMO_URA.laboratory, 'L1'],
      [DEMO_URA.hospital, 'V6'],
    ],
  },
  {
    id: 'esra',
    bsn: parseBsn('999990056'),
    name: 'Esra Yildirim',
    age: 29,
    story: {
      nl: 'Heeft een account, maar koos nog nooit iets.',
      en: 'Has an account, but never chose anything.',
    },
    hasAccount: true,
    situation: { kind: 'nothing' },
    heldBy: [
      [DEMO_URA.otherGp, 'Z3'],
      [DEMO_URA.midwives, 'G3'],
    ],
  },
  {
    id: 'frans',
    bsn: parseBsn('999990068'),
    name: 'Frans Terpstra',
    age: 74,
    story: {
      nl: 'Liet de apotheek zijn keuze vastleggen; heeft zelf nog geen account.',
      en: 'Asked the pharmacy to record his choice; has no account of his own yet.',
    },
    hasAccount: false,
    situation: {
      kind: 'chosen-by-provider',
      draft: certain(choice('group:pharmacy', 'yes'), choice('group:general-practice', 'yes')),
      ura: DEMO_URA.pharmacy,
    },
    heldBy: [
      [DEMO_URA.pharmacy, 'J8'],
      [DEMO_URA.gp, 'Z3'],
    ],
  },
  {
    id: 'guus',
    bsn: parseBsn('999990081'),
    name: 'Guus Oudejans',
    age: 9,
    story: {
      nl: 'Kind van 9: een ouder kiest mee en moet elke keuze bevestigen.',
      en: 'Child of 9: a parent helps and has to confirm each choice.',
    },
    hasAccount: true,
    situation: { kind: 'nothing' },
    heldBy: [
      [DEMO_URA.gp, 'Z3'],
      [DEMO_URA.youthHealth, 'JGZ'],
      [DEMO_URA.dentist, 'TA2'],
    ],
  },
  {
    id: 'hanna',
    bsn: parseBsn('999990093'),
    name: 'Hanna Oudejans',
    age: 14,
    story: {
      nl: 'Kind van 14: haar keuze wacht op een ouder (Chantal Oudejans).',
      en: 'Child of 14: her choice is waiting for a parent (Chantal Oudejans).',
    },
    hasAccount: true,
    situation: {
      kind: 'awaiting-guardian',
      draft: certain(choice('group:general-practice', 'yes'), choice('group:other-care', 'yes')),
    },
    heldBy: [
      [DEMO_URA.gp, 'Z3'],
      [DEMO_URA.dentist, 'TA2'],
    ],
  },
  {
    id: 'ilias',
    bsn: parseBsn('999990111'),
    name: 'Ilias Yildirim',
    age: 13,
    story: {
      nl: 'Kind van 13: zijn ouder (Esra Yildirim) keurde de keuze goed.',
      en: 'Child of 13: his parent (Esra Yildirim) approved the choice.',
    },
    hasAccount: true,
    situation: { kind: 'approved', draft: EVERYTHING, guardian: 'esra' },
    heldBy: [
      [DEMO_URA.otherGp, 'Z3'],
      [DEMO_URA.physiotherapy, 'F1'],
    ],
  },
  {
    id: 'jip',
    bsn: parseBsn('999990123'),
    name: 'Jip van der Meulen',
    age: 15,
    birthdayInDays: 4,
    story: {
      nl: 'Wordt over een paar dagen 16 en kiest dan zelf.',
      en: 'Turns 16 in a few days and then decides alone.',
    },
    hasAccount: true,
    situation: { kind: 'awaiting-guardian', draft: NOTHING },
    heldBy: [[DEMO_URA.dispensingGp, 'K3']],
  },
  {
    id: 'karin',
    bsn: parseBsn('999990135'),
    name: 'Karin Brouwer',
    age: 57,
    story: {
      nl: 'Alleen bekend doordat zorgaanbieders gegevens aanmeldden; logde nog nooit in.',
      en: 'Known only because care providers registered data; never signed in.',
    },
    hasAccount: false,
    situation: { kind: 'nothing' },
    heldBy: [
      [DEMO_URA.dispensingGp, 'K3'],
      [DEMO_URA.eyeClinic, 'Z20'],
      [DEMO_URA.laboratory, 'L1'],
    ],
  },
  {
    id: 'leni',
    bsn: parseBsn('999990147'),
    name: 'Leni Postma-Dijkstra',
    age: 83,
    story: {
      nl: 'Weduwe met veel zorgaanbieders; zei ja, behalve tegen de ggz.',
      en: 'Widow with many care providers; said yes, except to mental healthcare.',
    },
    hasAccount: true,
    situation: {
      kind: 'chosen',
      draft: certain(choice('all', 'yes'), choice('group:mental-health', 'no')),
    },
    heldBy: [
      [DEMO_URA.dispensingGp, 'K3'],
      [DEMO_URA.outOfHours, 'N6'],
      [DEMO_URA.otherPharmacy, 'J8'],
      [DEMO_URA.hospital, 'V4'],
      [DEMO_URA.universityHospital, 'V5'],
      [DEMO_URA.eyeClinic, 'Z20'],
      [DEMO_URA.orthopaedics, 'Z4'],
      [DEMO_URA.homeCare, 'T2'],
      [DEMO_URA.careHome, 'X3'],
      [DEMO_URA.laboratory, 'L1'],
      [DEMO_URA.dietician, 'PM3'],
      [DEMO_URA.podiatry, 'PM12'],
    ],
  },
  {
    id: 'milan',
    bsn: parseBsn('999990159'),
    name: 'Milan de Ruijter',
    age: 17,
    story: {
      nl: 'Is 17: kiest zelf, maar kan nog niet voor een kind beslissen.',
      en: 'Is 17: decides alone, but can not yet decide for a child.',
    },
    hasAccount: true,
    situation: { kind: 'chosen', draft: certain(choice('group:general-practice', 'yes')) },
    heldBy: [[DEMO_URA.gp, 'Z3']],
  },
  {
    id: 'vera',
    bsn: parseBsn('999990160'),
    name: 'Vera van Dalen',
    age: 41,
    story: { nl: 'Hoofdpersoon van het verhaal (npm run story).', en: 'Lead in the story (npm run story).' },
    hasAccount: false,
    situation: { kind: 'nothing' },
    heldBy: [],
  },
  {
    id: 'wout',
    bsn: parseBsn('999990172'),
    name: 'Wout Kramer',
    age: 13,
    story: { nl: 'Kind in het verhaal (npm run story).', en: 'The child in the story (npm run story).' },
    hasAccount: false,
    situation: { kind: 'nothing' },
    heldBy: [],
  },
  {
    id: 'xandra',
    bsn: parseBsn('999990184'),
    name: 'Xandra Kramer',
    age: 43,
    story: { nl: 'Ouder in het verhaal (npm run story).', en: 'The parent in the story (npm run story).' },
    hasAccount: false,
    situation: { kind: 'nothing' },
    heldBy: [],
  },
];

/** Accounts at the auditors' identity provider; only the first one has the role that opens the door. */
export const DEMO_AUDITORS: readonly DemoAuditor[] = [
  { id: 'ottilie', name: 'Ottilie Bakker (auditor)', roles: ['auditor'] },
  { id: 'pieter', name: 'Pieter Smit (servicedesk)', roles: ['servicedesk'] },
];

/** The person with this short name. */
export function demoPerson(id: string): DemoPerson {
  const found = DEMO_PEOPLE.find((person) => person.id === id);
  if (!found) throw new Error(`the demonstration has no person "${id}"`);
  return found;
}

const DAY_MS = 24 * 60 * 60_000;
/** Far from both ends of the year of life, so that the situation lasts for months after a start. */
const BIRTHDAY_IN_DAYS = 200;

/** The birth date that makes the person's age, and coming birthday, true on a day. */
export function bornOnFor(person: Pick<DemoPerson, 'age' | 'birthdayInDays'>, today: Day): Day {
  const next = new Date(Date.parse(today) + (person.birthdayInDays ?? BIRTHDAY_IN_DAYS) * DAY_MS);
  const year = next.getUTCFullYear() - person.age - 1;
  // 29 February is not in every year; the day before it is.
  const day = next.toISOString().slice(5, 10).replace('02-29', '02-28');
  return parseDay(`${String(year)}-${day}`);
}

/** Whether a birth date kept at an earlier start still makes the person's situation true. */
export function isStillTrue(
  person: Pick<DemoPerson, 'age' | 'birthdayInDays'>,
  bornOn: Day,
  today: Day,
): boolean {
  const soon = new Date(Date.parse(today) + (person.birthdayInDays ?? 0) * DAY_MS);
  const turnsSoon = ageOn(bornOn, soon.toISOString().slice(0, 10) as Day) > person.age;
  return ageOn(bornOn, today) === person.age && turnsSoon === (person.birthdayInDays !== undefined);
}
