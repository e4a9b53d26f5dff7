/**
 * The consent catalogue, version 2026-1: which kinds of care provider exist, in which group a citizen finds them, and which
 * data a group can hold. Codes and Dutch names of provider types: RoleCodeNL (Nictiz, CC0), OID 2.16.840.1.113883.2.4.15.1060.
 * Which data categories a group holds is settled publicly for general practice, hospitals and pharmacies; the other rows are
 * this project's reading and are plain data, to be changed here.
 */

/** The version of this catalogue; a consent version remembers under which it was made. */
export const CATALOGUE_VERSION = '2026-1';

/** A name in the two languages of the service. */
export interface Name {
  readonly nl: string;
  readonly en: string;
}

/** Kinds of medical data. Treatment data (GGC002) is the broad one: it contains results and medication data. */
export const DATA_CATEGORIES = {
  GGC002: { nl: 'Behandelgegevens', en: 'Treatment data' },
  GGC012: { nl: 'Uitslagen', en: 'Results' },
  GGC013: { nl: 'Medicatiegegevens', en: 'Medication data' },
} as const satisfies Record<string, Name>;

/** Kinds of asking provider as the national system numbers them. RPZAC200 holds no Dutch provider type. */
export const CONSULTING_CATEGORIES = {
  RPZAC001: { nl: 'Huisartsen en huisartsenposten', en: 'GPs and out-of-hours GP services' },
  RPZAC003: { nl: 'Geestelijke gezondheidszorg (GGZ)', en: 'Mental healthcare' },
  RPZAC004: { nl: 'Verpleging en verzorging', en: 'Nursing care' },
  RPZAC005: { nl: 'Apotheken', en: 'Pharmacies' },
  RPZAC103: {
    nl: 'Overige zorg (tandartsen, paramedici, jeugdgezondheidszorg)',
    en: 'Other care (dentists, paramedics, youth healthcare)',
  },
  RPZAC104: {
    nl: 'Ziekenhuizen, medische centra, klinieken, laboratoria en diagnostische centra',
    en: 'Hospitals, medical centres, clinics, laboratories and diagnostic centres',
  },
  RPZAC200: {
    nl: 'Zorgaanbieders in de Europese Unie buiten Nederland',
    en: 'Care providers in the European Union outside the Netherlands',
  },
} as const satisfies Record<string, Name>;

/** The code of a data category. */
export type DataCategory = keyof typeof DATA_CATEGORIES;

/** The code of a consulting category. */
export type ConsultingCategory = keyof typeof CONSULTING_CATEGORIES;

interface GroupRow {
  readonly name: Name;
  /** Data that providers of this group can hold. */
  readonly holds: readonly DataCategory[];
  /** The consulting category its providers belong to when they ask. */
  readonly consultingCategory: ConsultingCategory;
  readonly providerTypes: Readonly<Record<string, Name>>;
}

/** The seven groups a citizen chooses by, each with its provider types. */
export const GROUPS = {
  'general-practice': {
    name: { nl: 'Huisartsen en huisartsenposten', en: 'GPs and out-of-hours GP services' },
    holds: ['GGC002', 'GGC012', 'GGC013'],
    consultingCategory: 'RPZAC001',
    providerTypes: {
      H1: { nl: 'Huisartsinstelling', en: 'GP practice' },
      Z3: { nl: 'Huisartspraktijk (zelfstandig of groepspraktijk)', en: 'GP practice' },
      N6: { nl: 'Huisartsenpost (t.b.v. dienstwaarneming)', en: 'Out-of-hours GP service' },
      K3: { nl: 'Apotheekhoudende huisartspraktijk', en: 'GP practice with an in-house pharmacy' },
    },
  },
  pharmacy: {
    name: { nl: 'Apotheken', en: 'Pharmacies' },
    holds: ['GGC013'],
    consultingCategory: 'RPZAC005',
    providerTypes: {
      A1: { nl: 'Apotheekinstelling', en: 'Pharmacy' },
      J8: { nl: 'Openbare apotheek', en: 'Public pharmacy' },
      K9: { nl: 'Zelfstandig opererende ziekenhuisapotheek', en: 'Independent hospital pharmacy' },
    },
  },
  hospital: {
    name: {
      nl: 'Ziekenhuizen, klinieken en ambulancezorg',
      en: 'Hospitals, specialist clinics and ambulance care',
    },
    holds: ['GGC002', 'GGC012', 'GGC013'],
    consultingCategory: 'RPZAC104',
    providerTypes: {
      Z6: { nl: 'Abortuskliniek', en: 'Abortion clinic' },
      V6: { nl: 'Algemeen ziekenhuis', en: 'General hospital' },
      Z7: { nl: 'Astmacentrum', en: 'Asthma centre' },
      Z8: { nl: 'Audiologisch centrum', en: 'Audiology centre' },
      Z9: { nl: 'Besnijdeniscentrum', en: 'Circumcision centre' },
      Z10: { nl: 'Bloedbank', en: 'Blood bank' },
      BRA: { nl: 'Brandwondencentrum', en: 'Burn centre' },
      Z12: { nl: 'Cardiologiecentrum', en: 'Cardiology centre' },
      PM13: { nl: 'Centrum voor eetstoornissen', en: 'Centre for eating disorders' },
      PM14: { nl: 'Centrum voor orthopedie en beweging', en: 'Centre for orthopaedics and movement' },
      PM15: { nl: 'Dermatologisch centrum', en: 'Dermatology centre' },
      DIA: { nl: 'Dialysecentrum', en: 'Dialysis centre' },
      Z14: { nl: 'Epilepsiekliniek', en: 'Epilepsy clinic' },
      Z15: { nl: 'Esthetisch-medisch centrum', en: 'Aesthetic medical centre' },
      Z16: { nl: 'Flebologiecentrum', en: 'Phlebology centre' },
      Z17: { nl: 'Forensisch centrum', en: 'Forensic centre' },
      GC: { nl: 'Geboortecentrum', en: 'Birth centre' },
      Z18: { nl: 'Handcentrum en polscentrum', en: 'Hand centre and wrist centre' },
      Z25: { nl: 'IVF-kliniek', en: 'IVF clinic' },
      JZ: { nl: 'Jeugdzorg', en: 'Youth care' },
      Z19: { nl: 'Kankercentrum', en: 'Oncology centre' },
      Z20: { nl: 'Oogkliniek', en: 'Eye clinic' },
      Z21: { nl: 'Pijncentrum', en: 'Pain centre' },
      P4: {
        nl: 'Polikliniek (als onderdeel van een ziekenhuis)',
        en: 'Outpatient clinic (as part of a hospital)',
      },
      Z22: { nl: 'Psycho-oncologisch centrum', en: 'Psycho-oncology centre' },
      B3: { nl: 'Radiotherapeutisch centrum', en: 'Radiotherapy centre' },
      AMB: { nl: 'Regionale ambulancevoorzieningen', en: 'Regional ambulance facilities' },
      R8: { nl: 'Revalidatiecentrum', en: 'Rehabilitation centre' },
      SC: { nl: 'Specialistisch Centrum', en: 'Specialist centre' },
      Z23: { nl: 'Sportmedisch centrum', en: 'Sports medicine centre' },
      Z26: { nl: 'Transplantatie organisatie', en: 'Transplant organisation' },
      TD: { nl: 'Trombosedienst', en: 'Thrombosis service' },
      Z24: { nl: 'Trombosedienst', en: 'Thrombosis service' },
      V5: { nl: 'Universitair Medisch Centrum', en: 'University medical centre' },
      G3: { nl: 'Verloskundigenpraktijk', en: 'Midwife practice' },
      Z4: { nl: 'Zelfstandig behandelcentrum', en: 'Independent treatment centre' },
      V4: { nl: 'Ziekenhuis', en: 'Hospital' },
    },
  },
  'nursing-care': {
    name: { nl: 'Verpleging en verzorging', en: 'Nursing care' },
    holds: ['GGC002', 'GGC012', 'GGC013'],
    consultingCategory: 'RPZAC004',
    providerTypes: {
      H2: { nl: 'Hospice', en: 'Hospice' },
      IN2: {
        nl: 'Instelling voor auditief gehandicapten',
        en: 'Institution for people with auditory impairments',
      },
      IN3: {
        nl: 'Instelling voor lichamelijk gehandicapten',
        en: 'Institution for people with physical disabilities',
      },
      IN13: {
        nl: 'Instelling voor verstandelijk gehandicapten',
        en: 'Institution for people with intellectual and developmental disabilities',
      },
      IN5: {
        nl: 'Instelling voor visueel gehandicapten',
        en: 'Institution for people with visual impairments',
      },
      K4: { nl: 'Kraamzorg', en: 'Maternity care' },
      T2: { nl: 'Thuiszorg', en: 'Home care' },
      R5: { nl: 'Verpleeghuis', en: 'Nursing home' },
      X3: { nl: 'Verplegings- of verzorgingsinstelling', en: 'Nursing home and care home' },
      IN7: { nl: 'Verpleegkundig kinderdagverblijf', en: 'Nursing daycare' },
      G6: {
        nl: 'Verstandelijk gehandicaptenzorg',
        en: 'Intellectual and developmental disabilities services',
      },
      M1: { nl: 'Verzorgingstehuis', en: 'Care home' },
      IN9: {
        nl: 'Woonvoorziening voor lichamelijk gehandicapten',
        en: 'Residential facility for people with physical disabilities',
      },
      IN10: {
        nl: 'Woonvoorziening voor verstandelijk gehandicapten',
        en: 'Residential facility for people with intellectual and developmental disabilities',
      },
      IN11: {
        nl: 'Woonvoorziening voor visueel gehandicapten',
        en: 'Residential facility for people with visual impairments',
      },
      IN15: { nl: 'Zorg voor mensen met een beperking', en: 'Care for people with disabilities' },
    },
  },
  laboratory: {
    name: { nl: 'Laboratoria en diagnostische centra', en: 'Laboratories and diagnostic centres' },
    holds: ['GGC012'],
    consultingCategory: 'RPZAC104',
    providerTypes: {
      B1: { nl: 'Beeldvormende diagnostiek', en: 'Medical imaging' },
      Z5: { nl: 'Diagnostisch centrum', en: 'Diagnostic centre' },
      B2: { nl: 'Echocentrum', en: 'Ultrasound centre' },
      L1: { nl: 'Laboratorium', en: 'Laboratory' },
    },
  },
  'mental-health': {
    name: { nl: 'Geestelijke gezondheidszorg (GGZ)', en: 'Mental healthcare' },
    holds: ['GGC002', 'GGC012', 'GGC013'],
    consultingCategory: 'RPZAC003',
    providerTypes: {
      G5: { nl: 'Geestelijke Gezondheidszorg', en: 'Mental healthcare (GGZ)' },
      G8: { nl: 'Psychiatriepraktijk zorg', en: 'Psychiatry practice' },
      G7: {
        nl: 'Psychologiepraktijk en psychotherapiepraktijk',
        en: 'Psychology and psychotherapy practice',
      },
      V7: {
        nl: 'PUK / PAAZ afdeling ziekenhuis',
        en: 'University psychiatric clinic/general hospital psychiatric ward',
      },
    },
  },
  'other-care': {
    name: {
      nl: 'Overige zorg (tandartsen, paramedici, jeugdgezondheidszorg)',
      en: 'Other care (dentists, paramedics, youth healthcare)',
    },
    holds: ['GGC002', 'GGC012', 'GGC013'],
    consultingCategory: 'RPZAC103',
    providerTypes: {
      B4: { nl: 'Bevolkingsonderzoek kanker', en: 'Population-based cancer screening' },
      TA3: { nl: 'Centrum voor bijzondere tandheelkunde', en: 'Centre for specialised dentistry' },
      C3: { nl: 'Complementaire zorg', en: 'Complementary care' },
      PM3: { nl: 'Diëtistenpraktijk', en: 'Dietetic practice' },
      PM4: { nl: 'Ergotherapiepraktijk', en: 'Occupational therapy practice' },
      F1: { nl: 'Fysiotherapiepraktijk', en: 'Physical therapy practice' },
      G9: { nl: 'Gemeentelijke gezondheidsdienst', en: 'Municipal health service' },
      PM6: { nl: 'Huidtherapiepraktijk', en: 'Skin therapy practice' },
      JGZ: { nl: 'Jeugdgezondheidszorg', en: 'Youth healthcare' },
      PM7: { nl: 'Logopediepraktijk', en: 'Speech therapy practice' },
      TA6: { nl: 'Mondhygiënistenpraktijk', en: 'Oral hygiene practice' },
      PM8: { nl: 'Oefentherapiepraktijk', en: 'Remedial therapy practice' },
      PM9: { nl: 'Optometriepraktijk', en: 'Optometry practice' },
      TA5: { nl: 'Orthodontiepraktijk', en: 'Orthodontic practice' },
      PM10: { nl: 'Orthoptistenpraktijk', en: 'Orthoptist practice' },
      Z27: { nl: 'Pedicurepraktijk', en: 'Foot health practice' },
      PM11: { nl: 'Podologiepraktijk', en: 'Podology practice' },
      PM12: { nl: 'Podotherapiepraktijk', en: 'Podiatry practice' },
      P6: { nl: 'Preventieve gezondheidszorg (waaronder Bevolkingsonderzoek)', en: 'Preventive healthcare' },
      TA1: { nl: 'Tandartsinstelling', en: 'Dental practice' },
      TA2: { nl: 'Tandartspraktijk (zelfstandig of groepspraktijk)', en: 'Dental practice' },
      TA4: { nl: 'Tandprotethische praktijk', en: 'Prosthodontic practice' },
      G1: { nl: 'Verslavingszorg', en: 'Addiction care' },
      ZG: { nl: 'Zorggroep', en: 'Care group' },
    },
  },
} as const satisfies Record<string, GroupRow>;

/** The stable name of a group. */
export type GroupId = keyof typeof GROUPS;

type ProviderTypesOf<G extends GroupId> = G extends GroupId
  ? keyof (typeof GROUPS)[G]['providerTypes']
  : never;

/** The code of a provider type, such as Z3 (GP practice). */
export type ProviderType = ProviderTypesOf<GroupId>;

/** All group ids, in the order a citizen sees them. */
export const GROUP_IDS = Object.keys(GROUPS) as readonly GroupId[];

const GROUP_OF_TYPE: ReadonlyMap<string, GroupId> = new Map(
  GROUP_IDS.flatMap((group) =>
    Object.keys(GROUPS[group].providerTypes).map((code) => [code, group] as const),
  ),
);

/** All provider type codes. */
export const PROVIDER_TYPES = [...GROUP_OF_TYPE.keys()] as readonly ProviderType[];

/** All data category codes. */
export const DATA_CATEGORY_CODES = Object.keys(DATA_CATEGORIES) as readonly DataCategory[];

/** Whether the text names a group of the catalogue. */
export function isGroupId(text: string): text is GroupId {
  return Object.hasOwn(GROUPS, text);
}

/** Whether the text is a provider type of the catalogue. */
export function isProviderType(text: string): text is ProviderType {
  return GROUP_OF_TYPE.has(text);
}

/** Whether the text is a data category of the catalogue. */
export function isDataCategory(text: string): text is DataCategory {
  return Object.hasOwn(DATA_CATEGORIES, text);
}

/** The group a provider type belongs to. */
export function groupOf(type: ProviderType): GroupId {
  const group = GROUP_OF_TYPE.get(type);
  if (!group) throw new Error(`provider type ${type} is in no group`);
  return group;
}

/** The name of a provider type in both languages. */
export function nameOfType(type: ProviderType): Name {
  const names: Readonly<Record<string, Name>> = GROUPS[groupOf(type)].providerTypes;
  const name = names[type];
  if (!name) throw new Error(`provider type ${type} has no name`);
  return name;
}

/** Whether providers of a group can hold data of a category. */
export function holds(group: GroupId, category: DataCategory): boolean {
  const held: readonly DataCategory[] = GROUPS[group].holds;
  return held.includes(category);
}

const CONTAINED: Readonly<Record<DataCategory, readonly DataCategory[]>> = {
  GGC002: ['GGC012', 'GGC013'],
  GGC012: [],
  GGC013: [],
};

/** The categories that a category contains, itself not counted. */
export function containedIn(category: DataCategory): readonly DataCategory[] {
  return CONTAINED[category];
}
