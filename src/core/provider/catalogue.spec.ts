import { describe, expect, it } from '@jest/globals';
import {
  CATALOGUE_VERSION,
  CONSULTING_CATEGORIES,
  type ConsultingCategory,
  containedIn,
  DATA_CATEGORIES,
  DATA_CATEGORY_CODES,
  GROUP_IDS,
  groupOf,
  GROUPS,
  holds,
  isDataCategory,
  isGroupId,
  isProviderType,
  type Name,
  nameOfType,
  PROVIDER_TYPES,
} from './catalogue.js';

const typesOf = (group: (typeof GROUP_IDS)[number]): readonly string[] =>
  Object.keys(GROUPS[group].providerTypes);

describe('the catalogue', () => {
  it('has seven groups and 92 provider types', () => {
    expect(GROUP_IDS).toHaveLength(7);
    expect(PROVIDER_TYPES).toHaveLength(92);
    expect(Object.fromEntries(GROUP_IDS.map((group) => [group, typesOf(group).length]))).toEqual({
      'general-practice': 4,
      pharmacy: 3,
      hospital: 37,
      'nursing-care': 16,
      laboratory: 4,
      'mental-health': 4,
      'other-care': 24,
    });
  });

  it('puts every provider type in exactly one group', () => {
    const placed = GROUP_IDS.flatMap((group) => typesOf(group).map((type) => `${type} in ${group}`));
    expect(placed).toHaveLength(92);
    expect(PROVIDER_TYPES.map((type) => `${type} in ${groupOf(type)}`).sort()).toEqual(placed.sort());
  });

  it('writes every code of a provider type as RoleCodeNL does', () => {
    for (const type of PROVIDER_TYPES) expect(type).toMatch(/^[A-Z]{1,3}\d{0,2}$/);
  });

  it('names everything in both languages, without stray spaces', () => {
    const names: readonly Name[] = [
      ...PROVIDER_TYPES.map(nameOfType),
      ...GROUP_IDS.map((group) => GROUPS[group].name),
      ...Object.values(DATA_CATEGORIES),
      ...Object.values(CONSULTING_CATEGORIES),
    ];
    expect(names).toHaveLength(92 + 7 + 3 + 7);
    for (const { nl, en } of names) {
      for (const name of [nl, en]) expect(name).toMatch(/^\S.{2,}\S$/u);
      expect(`${nl}${en}`).not.toMatch(/\s\s|\n/);
    }
  });

  it('gives no two groups, data categories or consulting categories the same name', () => {
    const lists = [
      GROUP_IDS.map((group) => GROUPS[group].name),
      Object.values(DATA_CATEGORIES),
      Object.values(CONSULTING_CATEGORIES),
    ];
    for (const names of lists) {
      for (const language of ['nl', 'en'] as const) {
        expect(new Set(names.map((name: Name) => name[language])).size).toBe(names.length);
      }
    }
  });

  it('lets two provider types share a Dutch name only where the source does', () => {
    const names = PROVIDER_TYPES.map((type) => nameOfType(type).nl);
    expect(names.filter((name, place) => names.indexOf(name) !== place)).toEqual(['Trombosedienst']);
  });

  it('carries a version, for consent versions to remember', () => {
    expect(CATALOGUE_VERSION).toMatch(/^\d{4}-\d+$/);
  });
});

describe('data categories', () => {
  it('are treatment data, which contains results and medication data', () => {
    expect(DATA_CATEGORY_CODES).toEqual(['GGC002', 'GGC012', 'GGC013']);
    expect(DATA_CATEGORY_CODES.map(containedIn)).toEqual([['GGC012', 'GGC013'], [], []]);
  });

  it('are held as the consent catalogue says: pharmacies medication data, laboratories results, everybody else all', () => {
    const held = GROUP_IDS.map((group) => [
      group,
      DATA_CATEGORY_CODES.filter((category) => holds(group, category)),
    ]);
    expect(Object.fromEntries(held)).toEqual({
      'general-practice': ['GGC002', 'GGC012', 'GGC013'],
      pharmacy: ['GGC013'],
      hospital: ['GGC002', 'GGC012', 'GGC013'],
      'nursing-care': ['GGC002', 'GGC012', 'GGC013'],
      laboratory: ['GGC012'],
      'mental-health': ['GGC002', 'GGC012', 'GGC013'],
      'other-care': ['GGC002', 'GGC012', 'GGC013'],
    });
  });

  it('whoever holds a category holds what it contains', () => {
    for (const group of GROUP_IDS) {
      for (const category of GROUPS[group].holds) {
        for (const contained of containedIn(category))
          expect([group, holds(group, contained)]).toEqual([group, true]);
      }
    }
  });
});

describe('consulting categories', () => {
  it('cover every group, with hospitals and laboratories in one', () => {
    expect(Object.fromEntries(GROUP_IDS.map((group) => [group, GROUPS[group].consultingCategory]))).toEqual({
      'general-practice': 'RPZAC001',
      pharmacy: 'RPZAC005',
      hospital: 'RPZAC104',
      'nursing-care': 'RPZAC004',
      laboratory: 'RPZAC104',
      'mental-health': 'RPZAC003',
      'other-care': 'RPZAC103',
    });
  });

  it('have one that no Dutch provider is in: the European Union', () => {
    const used = new Set<ConsultingCategory>(GROUP_IDS.map((group) => GROUPS[group].consultingCategory));
    expect(
      Object.keys(CONSULTING_CATEGORIES).filter((code) => !used.has(code as ConsultingCategory)),
    ).toEqual(['RPZAC200']);
  });
});

describe('words that are not in the catalogue', () => {
  it.each(['', 'hospitals', 'Hospital', 'eu', 'toString', '__proto__', 'constructor', 'hasOwnProperty'])(
    '%j is no group, no provider type and no data category',
    (word) => {
      expect([isGroupId(word), isProviderType(word), isDataCategory(word)]).toEqual([false, false, false]);
    },
  );

  it('codes are told apart by case', () => {
    expect([
      isProviderType('Z3'),
      isProviderType('z3'),
      isDataCategory('GGC002'),
      isDataCategory('ggc002'),
    ]).toEqual([true, false, true, false]);
  });
});
