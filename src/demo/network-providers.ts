import type { ProviderType } from '../core/provider/catalogue.js';
import type { Provider } from '../core/provider/provider.js';
import { parseUra, type Ura } from '../core/provider/ura.js';

/*
 * The invented care providers of the demonstration. None of them exists; their numbers lie in a range of our own, and the places
 * are made up too, so that nobody finds their own hospital here.
 */

type Row = readonly [ura: string, name: string, place: string, ...types: ProviderType[]];

const ROWS: readonly Row[] = [
  ['99900101', 'Huisartsenpraktijk De Wilgenhof', 'Oosterwaarde', 'Z3'],
  ['99900102', 'Huisartsen aan de Kade', 'Veenmeer', 'Z3'],
  ['99900103', 'Apotheekhoudende praktijk Het Hoge Duin', 'Duinzande', 'K3', 'Z3'],
  ['99900104', 'Gezondheidscentrum De Brug', 'Oosterwaarde', 'H1', 'F1'],
  ['99900105', 'Huisartsenpost Waardeland', 'Oosterwaarde', 'N6'],
  ['99900106', 'Huisartsenpraktijk Molenzicht', 'Lindelo', 'Z3'],
  ['99900201', 'Apotheek De Vijzel', 'Oosterwaarde', 'J8'],
  ['99900202', 'Apotheek Havenlicht', 'Veenmeer', 'J8'],
  ['99900203', 'Stationsapotheek Lindelo', 'Lindelo', 'A1'],
  ['99900204', 'Ziekenhuisapotheek Waardeland', 'Oosterwaarde', 'K9'],
  ['99900301', 'Ziekenhuis Waardeland', 'Oosterwaarde', 'V4', 'V6'],
  ['99900302', 'Universitair Medisch Centrum Veenmeer', 'Veenmeer', 'V5'],
  ['99900303', 'Oogkliniek Helder', 'Lindelo', 'Z20'],
  ['99900304', 'Revalidatiecentrum De Stap', 'Duinzande', 'R8'],
  ['99900305', 'Verloskundigen Ooievaarsnest', 'Veenmeer', 'G3'],
  ['99900306', 'Ambulancedienst Waardeland', 'Oosterwaarde', 'AMB'],
  ['99900307', 'Orthopedisch centrum Beweeg', 'Lindelo', 'Z4', 'PM14'],
  ['99900401', 'Thuiszorg Nabij', 'Oosterwaarde', 'T2'],
  ['99900402', 'Woonzorgcentrum De Lindenhof', 'Lindelo', 'X3', 'M1'],
  ['99900403', 'Verpleeghuis Avondrust', 'Veenmeer', 'R5'],
  ['99900404', 'Kraamzorg Eerste Dagen', 'Duinzande', 'K4'],
  ['99900501', 'Laboratorium Waardeland', 'Oosterwaarde', 'L1'],
  ['99900502', 'Diagnostisch centrum Inzicht', 'Veenmeer', 'Z5', 'B1'],
  ['99900503', 'Echocentrum Lindelo', 'Lindelo', 'B2'],
  ['99900601', 'GGZ Waardeland', 'Oosterwaarde', 'G5'],
  ['99900602', 'Psychiatriepraktijk Tussenwater', 'Veenmeer', 'G8'],
  ['99900603', 'GGZ Duinrand', 'Duinzande', 'G5', 'G8'],
  ['99900701', 'Tandartspraktijk Witte Kies', 'Oosterwaarde', 'TA2'],
  ['99900702', 'Fysiotherapie In Beweging', 'Veenmeer', 'F1'],
  ['99900703', 'GGD Waardeland', 'Oosterwaarde', 'G9', 'JGZ'],
  ['99900704', 'Diëtistenpraktijk Op Smaak', 'Lindelo', 'PM3'],
  ['99900705', 'Logopedie Helder Gezegd', 'Duinzande', 'PM7'],
  ['99900706', 'Podotherapie Voet voor Voet', 'Oosterwaarde', 'PM12'],
  ['99900707', 'Verslavingszorg De Keer', 'Veenmeer', 'G1'],
];

/** All care providers of the demonstration: every group of the catalogue has some, a few work as two types. */
export const DEMO_PROVIDERS: readonly Provider[] = ROWS.map(([ura, name, place, ...types]) => ({
  ura: parseUra(ura),
  name,
  place,
  types,
}));

/** The numbers of providers that play a named part in somebody's situation or in the story. */
export const DEMO_URA = {
  gp: parseUra('99900101'),
  otherGp: parseUra('99900102'),
  dispensingGp: parseUra('99900103'),
  outOfHours: parseUra('99900105'),
  pharmacy: parseUra('99900201'),
  otherPharmacy: parseUra('99900202'),
  hospital: parseUra('99900301'),
  universityHospital: parseUra('99900302'),
  eyeClinic: parseUra('99900303'),
  midwives: parseUra('99900305'),
  orthopaedics: parseUra('99900307'),
  homeCare: parseUra('99900401'),
  careHome: parseUra('99900402'),
  laboratory: parseUra('99900501'),
  mentalHealth: parseUra('99900601'),
  dentist: parseUra('99900701'),
  physiotherapy: parseUra('99900702'),
  youthHealth: parseUra('99900703'),
  dietician: parseUra('99900704'),
  podiatry: parseUra('99900706'),
} as const satisfies Record<string, Ura>;
