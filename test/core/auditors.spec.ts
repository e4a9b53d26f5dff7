import { beforeEach, describe, expect, it } from '@jest/globals';
import type { Person } from '../../src/core/person/person.js';
import type { AuditRecords } from '../../src/core/registry.js';
import { makeBsn } from '../make.js';
import { MemoryRegistry } from '../memory-registry.js';
import { ALL, makeWorld, refusalOf, type World } from './world.js';

const AUDITOR = { subject: 'auditor-1', name: 'A. Auditor' };
const CASE = { caseNumber: 'Z-2026-1', reason: 'complaint about a check' };

function flipped(bytes: Buffer): Buffer {
  const changed = Buffer.from(bytes);
  changed[20] = (changed[20] ?? 0) ^ 1;
  return changed;
}

describe('an auditor', () => {
  let world: World;
  let person: Person;

  beforeEach(async () => {
    world = await makeWorld();
    person = await world.addPerson();
    await world.choose(person, ALL);
    await world.check(person);
  });

  const day = () => ({
    from: new Date('2026-11-21T00:00:00Z'),
    to: new Date('2026-11-22T00:00:00Z'),
    limit: 50,
  });

  it('finds a person’s entries with their traces, and the person sees that look', async () => {
    const { entries, entryId } = await world.auditors.lookUp(AUDITOR, CASE, { ...day(), bsn: person.bsn });
    expect(entries.map(({ opened }) => opened?.kind)).toEqual([
      'auditor.looked-up',
      'consent.checked',
      'choices.saved',
    ]);
    expect(entries[1]?.opened?.detail.holders?.[0]?.results[0]).toMatchObject({
      reason: 'YES_ALL',
      deciding: [{ holder: 'all', answer: 'yes' }],
    });
    const seen = await world.activity.of(person.id, { limit: 1 });
    expect(seen.entries[0]).toMatchObject({ id: entryId, actor: AUDITOR, detail: { case: CASE } });
  });

  it('gets nothing without a case number and a reason', async () => {
    const lookUp = (forCase: typeof CASE) => refusalOf(world.auditors.lookUp(AUDITOR, forCase, day()));
    expect(await lookUp({ caseNumber: ' ', reason: CASE.reason })).toBe('CASE_MISSING');
    expect(await lookUp({ caseNumber: CASE.caseNumber, reason: 'x' })).toBe('CASE_MISSING');
    const { entries } = await world.auditors.lookUp(AUDITOR, CASE, {
      ...day(),
      kinds: ['auditor.looked-up'],
    });
    expect(entries).toHaveLength(1);
  });

  it('finds what was asked about someone unknown, before and after they came', async () => {
    const bsn = makeBsn();
    await world.check({ bsn });
    const kinds = ['consent.checked'] as const;
    expect((await world.auditors.lookUp(AUDITOR, CASE, { ...day(), bsn, kinds })).entries).toHaveLength(1);
    await world.addPerson({ bsn });
    expect((await world.auditors.lookUp(AUDITOR, CASE, { ...day(), bsn, kinds })).entries).toHaveLength(1);
  });

  it('finds by provider, system, kind and outcome, page by page, each entry once', async () => {
    for (let times = 0; times < 6; times += 1) await world.check(person);
    const wanted = { ...day(), ura: world.hospital.ura, clientId: world.gpSystem.clientId, limit: 3 };
    const ids: string[] = [];
    let before: string | undefined;
    do {
      const page = await world.auditors.lookUp(AUDITOR, CASE, { ...wanted, outcome: 'permit', before });
      ids.push(...page.entries.map(({ sealed }) => sealed.id));
      before = page.next;
    } while (before);
    expect(ids).toHaveLength(7);
    expect(new Set(ids).size).toBe(7);
    const other = await world.auditors.lookUp(AUDITOR, CASE, { ...wanted, ura: world.pharmacy.ura });
    expect(other.entries).toEqual([]);
  });

  it('who reads a person’s entry by any other way is seen by that person too', async () => {
    await world.auditors.lookUp(AUDITOR, CASE, { ...day(), ura: world.hospital.ura });
    const seen = await world.activity.of(person.id, { limit: 1 });
    expect(seen.entries[0]).toMatchObject({
      kind: 'auditor.looked-up',
      actor: AUDITOR,
      detail: { case: CASE },
    });
  });

  it('sees that an entry was changed, and still sees all the others', async () => {
    class Tampered extends MemoryRegistry {
      override asAuditor<T>(look: (audit: Pick<AuditRecords, 'search' | 'find'>) => Promise<T>): Promise<T> {
        return super.asAuditor((audit) =>
          look({
            find: (id) => audit.find(id),
            search: async (search) =>
              (await audit.search(search)).map((entry) =>
                entry.kind === 'consent.checked' ? { ...entry, detail: flipped(entry.detail) } : entry,
              ),
          }),
        );
      }
    }
    const tampered = await makeWorld(new Tampered());
    const someone = await tampered.addPerson();
    await tampered.choose(someone, ALL);
    await tampered.check(someone);
    const { entries } = await tampered.auditors.lookUp(AUDITOR, CASE, { ...day(), bsn: someone.bsn });
    expect(entries.map(({ sealed, state }) => [sealed.kind, state])).toEqual([
      ['auditor.looked-up', 'readable'],
      ['consent.checked', 'broken'],
      ['choices.saved', 'readable'],
    ]);
  });

  it('exports everything in pages, and the export is itself an entry', async () => {
    const { pages, entryId } = await world.auditors.export(AUDITOR, CASE, day());
    const ids: string[] = [];
    for await (const page of pages) ids.push(...page.map(({ sealed }) => sealed.id));
    expect(ids).toContain(entryId);
    expect(ids).toHaveLength(3);
  });
});
