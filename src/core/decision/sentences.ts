import type { Name } from '../provider/catalogue.js';
import type { Reason } from './rule.js';

/** One plain sentence per reason, for the citizen whose data it is about. */
export const SENTENCES: Readonly<Record<Reason, Name>> = {
  YES_ALL: {
    nl: 'Je zei ja tegen al je zorgaanbieders voor deze gegevens.',
    en: 'You said yes to all your care providers for this data.',
  },
  YES_GROUP: {
    nl: 'Je zei ja tegen deze groep zorgaanbieders.',
    en: 'You said yes to this group of care providers.',
  },
  YES_PROVIDER: {
    nl: 'Je zei ja tegen deze zorgaanbieder.',
    en: 'You said yes to this care provider.',
  },
  NO_ALL: {
    nl: 'Je zei nee tegen al je zorgaanbieders voor deze gegevens.',
    en: 'You said no to all your care providers for this data.',
  },
  NO_GROUP: {
    nl: 'Je zei nee tegen deze groep zorgaanbieders.',
    en: 'You said no to this group of care providers.',
  },
  NO_PROVIDER: {
    nl: 'Je maakte een uitzondering: nee voor deze zorgaanbieder.',
    en: 'You made an exception: no for this care provider.',
  },
  NO_PART: {
    nl: 'Je zei nee tegen een deel van deze gegevens.',
    en: 'You said no to a part of this data.',
  },
  NO_CHOICE: {
    nl: 'Je hebt nog niet gekozen. Dan delen we niets.',
    en: 'You have not chosen yet. Then nothing is shared.',
  },
  NOT_COVERED: {
    nl: 'Je zei hier geen ja tegen. Dat telt als nee.',
    en: 'You did not say yes to this. That counts as no.',
  },
  EU_NOT_NAMED: {
    nl: 'De aanvrager is een zorgaanbieder in een ander EU-land. Daar zei je geen ja tegen.',
    en: 'The care provider asking is in another EU country. You did not say yes to that.',
  },
  PRESUMED: {
    nl: 'Je bent verwezen, of zorgaanbieders behandelen je samen. Dan mogen ze aannemen dat je het goed vindt.',
    en: 'You were referred, or care providers treat you together. Then they may assume that you agree.',
  },
  NOT_PRESUMED: {
    nl: 'Bij verwijzen of samen behandelen nemen we niet aan dat je het goed vindt.',
    en: 'For a referral or shared treatment we do not assume that you agree.',
  },
  PERSON_UNKNOWN: {
    nl: 'Je stond nog niet in dit register. Dan delen we niets.',
    en: 'You were not in this registry yet. Then nothing is shared.',
  },
  HOLDER_UNKNOWN: {
    nl: 'De zorgaanbieder met de gegevens staat niet in het register.',
    en: 'The care provider that holds the data is not in the register.',
  },
  REQUESTER_UNKNOWN: {
    nl: 'De aanvrager staat niet als zorgaanbieder in het register.',
    en: 'The one who asked is not in the register of care providers.',
  },
  CATEGORY_NOT_HELD: {
    nl: 'Deze zorgaanbieder heeft zulke gegevens niet.',
    en: 'This care provider does not hold that kind of data.',
  },
};
