import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { v7 as newId } from 'uuid';
import type { ClosedQuestion } from '../../../src/core/decision/question.js';
import type { Client } from '../../../src/core/client/client.js';
import type { Person } from '../../../src/core/person/person.js';
import type { Provider } from '../../../src/core/provider/provider.js';
import { makeBsn } from '../../make.js';
import { keepBrokenEntry } from '../shared/open-app.js';
import { type Browser, childOf14, openCitizenDoor, type OpenedDoor } from './door.js';

interface Entry {
  id: string;
  kind: string;
  actor: object;
  version?: number;
}

interface Page {
  entries: Entry[];
  unreadable?: number;
  next?: string;
}

describe('my activity', () => {
  let door: OpenedDoor;
  let practice: Provider;
  let hospital: Provider;
  let client: Client;

  beforeAll(async () => {
    door = await openCitizenDoor();
    practice = await door.addProvider({ name: 'Huisarts Eik', types: ['Z3'] });
    hospital = await door.addProvider({ name: 'Ziekenhuis Oost', types: ['V4'] });
    client = await door.addClient({ name: 'Voorbeeld-HIS', uras: [practice.ura, hospital.ura] });
  });

  afterAll(() => door.close());

  const question = (person: Pick<Person, 'bsn'>, given: Partial<ClosedQuestion> = {}): ClosedQuestion => ({
    bsn: person.bsn,
    holder: { ura: practice.ura, type: 'Z3' },
    requester: { ura: hospital.ura, type: 'V4' },
    dataCategories: ['GGC013'],
    purpose: 'TREAT',
    ...given,
  });
  const asker = () => ({
    clientId: client.id,
    tokenId: 'token-1',
    address: '192.0.2.7',
    traceId: 'a'.repeat(32),
  });
  const pageOf = async (browser: Browser, query = ''): Promise<Page> =>
    (await browser.get(`/me/activity${query}`).expect(200)).body as Page;

  it('is empty for someone about whom nothing happened', async () => {
    expect(await pageOf(await door.signIn(await door.addPerson()))).toEqual({ entries: [] });
  });

  it('shows a check with who asked, on whose behalf, for what, and why the answer was what it was', async () => {
    const person = await door.addPerson();
    const browser = await door.signIn(person);
    await browser.choose({ option: 'all' });
    const asked = question(person, {
      professional: { id: '900000001', role: '01.015' },
      exchangeSystem: 'voorbeeld-net',
      automatic: true,
    });
    const { entryId } = await door.decisions.answerClosed(asker(), asked);
    const { entries } = await pageOf(browser, '?kind=consent.checked');
    const sentence = {
      nl: 'Je zei ja tegen al je zorgaanbieders voor deze gegevens.',
      en: 'You said yes to all your care providers for this data.',
    };
    expect(entries).toEqual([
      {
        id: entryId,
        at: '2026-11-21T10:00:00.000Z',
        kind: 'consent.checked',
        outcome: 'permit',
        actor: { kind: 'system', name: 'Huisarts Eik', system: 'Voorbeeld-HIS' },
        requester: {
          ura: hospital.ura,
          type: 'V4',
          typeName: { nl: expect.any(String), en: expect.any(String) },
          name: 'Ziekenhuis Oost',
        },
        holders: [
          {
            ura: practice.ura,
            type: 'Z3',
            typeName: { nl: expect.any(String), en: expect.any(String) },
            name: 'Huisarts Eik',
            results: [{ dataCategory: 'GGC013', decision: 'permit', reason: 'YES_ALL', sentence }],
          },
        ],
        purpose: 'TREAT',
        professional: { id: '900000001', role: '01.015' },
        exchangeSystem: 'voorbeeld-net',
        automatic: true,
        dataCategories: ['GGC013'],
        version: 1,
        reasons: [{ code: 'YES_ALL', ...sentence }],
      },
    ]);
  });

  it('shows refused checks too, and a requester from another EU country by name', async () => {
    const person = await door.addPerson();
    const requester = { country: 'BE', organisation: 'Ziekenhuis Gent' };
    await door.decisions.answerClosed(asker(), question(person, { requester }));
    const { entries } = await pageOf(await door.signIn(person));
    expect(entries).toMatchObject([
      {
        outcome: 'deny',
        requester: { country: 'BE', name: 'Ziekenhuis Gent' },
        reasons: [{ code: 'EU_NOT_NAMED' }],
      },
    ]);
  });

  it('shows who asked where my data is, and who says they hold it', async () => {
    const person = await door.addPerson();
    const holder = { ura: practice.ura, type: 'Z3' } as const;
    await door.localizations.register(asker(), { bsn: person.bsn, holder });
    const requester = { ura: hospital.ura, type: 'V4' } as const;
    await door.decisions.answerOpen(asker(), { bsn: person.bsn, requester, purpose: 'TREAT' });
    const { entries } = await pageOf(await door.signIn(person));
    expect(entries).toMatchObject([
      { kind: 'location.asked', outcome: 'deny', actor: { kind: 'system', name: 'Ziekenhuis Oost' } },
      {
        kind: 'localization.registered',
        outcome: 'done',
        actor: { kind: 'system', name: 'Huisarts Eik' },
        provider: { ura: practice.ura, type: 'Z3', name: 'Huisarts Eik' },
      },
    ]);
  });

  it('shows what was asked before the registry knew the person', async () => {
    const bsn = makeBsn();
    await door.decisions.answerClosed(asker(), question({ bsn }));
    const browser = await door.signIn(await door.addPerson({ bsn }));
    expect((await pageOf(browser)).entries).toMatchObject([
      { kind: 'consent.checked', outcome: 'deny', reasons: [{ code: 'PERSON_UNKNOWN' }] },
    ]);
  });

  it('shows an auditor’s look with its case, and not by name', async () => {
    const person = await door.addPerson();
    const auditor = { subject: 'auditor-1', name: 'Alex Auditor' };
    const forCase = { caseNumber: 'K-2026-1', reason: 'Complaint of the person.' };
    const from = new Date('2026-11-01T00:00:00Z');
    const to = new Date('2026-12-01T00:00:00Z');
    await door.auditors.lookUp(auditor, forCase, { from, to, bsn: person.bsn, ura: practice.ura, limit: 10 });
    const { text, body } = await (await door.signIn(person)).get('/me/activity').expect(200);
    expect((body as Page).entries).toMatchObject([
      { kind: 'auditor.looked-up', actor: { kind: 'auditor' }, case: forCase },
    ]);
    expect(text).not.toContain('Alex');
    expect(text).not.toContain(practice.ura);
  });

  it('shows my own changes as mine, and those of a guardian as a guardian’s', async () => {
    const child = await door.addPerson(childOf14());
    const guardian = await door.addPerson();
    const [own, parent] = [await door.signIn(child), await door.signIn(guardian)];
    await own.choose({ option: 'all' });
    const { code } = (await own.post('/me/pairing-code')).body as { code: string };
    const opened = await parent.post('/guardian/reviews', { code, childBornOn: '2012-03-01' }).expect(201);
    const { id } = opened.body as { id: string };
    await parent
      .post(`/guardian/reviews/${id}/decision`, { decision: 'approve', declaresGuardianship: true })
      .expect(200);
    const { text, body } = await own.get('/me/activity').expect(200);
    expect((body as Page).entries.map(({ kind, actor, version }) => [kind, actor, version])).toEqual([
      ['choices.approved', { kind: 'guardian' }, 1],
      ['guardian.review-opened', { kind: 'guardian' }, 1],
      ['guardian.code-made', { kind: 'self' }, 1],
      ['choices.proposed', { kind: 'self' }, 1],
    ]);
    expect(text).not.toContain(guardian.id);
    // The parent sees that they decided, and not about whom.
    const { text: ofParent, body: told } = await parent.get('/me/activity').expect(200);
    expect((told as Page).entries.map(({ kind, actor }) => [kind, actor])).toEqual([
      ['guardian.approved', { kind: 'self' }],
    ]);
    expect(ofParent).not.toContain(child.id);
  });

  it('shows a guardian that they refused', async () => {
    const own = await door.signIn(await door.addPerson(childOf14()));
    const parent = await door.signIn(await door.addPerson());
    await own.choose({ option: 'all' });
    const { code } = (await own.post('/me/pairing-code')).body as { code: string };
    const opened = await parent.post('/guardian/reviews', { code, childBornOn: '2012-03-01' }).expect(201);
    const { id } = opened.body as { id: string };
    await parent
      .post(`/guardian/reviews/${id}/decision`, { decision: 'refuse', declaresGuardianship: true })
      .expect(200);
    expect((await pageOf(parent)).entries.map(({ kind }) => kind)).toEqual(['guardian.refused']);
    expect((await pageOf(own)).entries[0]).toMatchObject({
      kind: 'choices.refused',
      actor: { kind: 'guardian' },
    });
  });

  it('shows a system that was refused, and says how many entries can not be read', async () => {
    const person = await door.addPerson();
    const browser = await door.signIn(person);
    const stranger = await door.addClient({ name: 'Vreemd-HIS', uras: [] });
    const asking = door.decisions.answerClosed({ ...asker(), clientId: stranger.id }, question(person));
    await expect(asking).rejects.toMatchObject({ code: 'NOT_YOUR_PROVIDER' });
    const page = await pageOf(browser);
    expect(page).not.toHaveProperty('unreadable');
    expect(page.entries).toMatchObject([
      { kind: 'client.refused', outcome: 'refused', actor: { kind: 'system', system: 'Vreemd-HIS' } },
    ]);
    await keepBrokenEntry(door, person);
    const { entries, unreadable } = await pageOf(browser);
    expect([entries.map(({ kind }) => kind), unreadable]).toEqual([['client.refused'], 1]);
  });

  it('comes in pages without a gap or a double', async () => {
    const person = await door.addPerson();
    const browser = await door.signIn(person);
    for (let asked = 0; asked < 7; asked += 1) await door.decisions.answerClosed(asker(), question(person));
    const all = await pageOf(browser);
    expect(all.entries).toHaveLength(7);
    expect(all).not.toHaveProperty('next');
    const seen: string[] = [];
    for (let page: Page | undefined; page === undefined || page.next !== undefined;) {
      page = await pageOf(browser, `?limit=3${page?.next === undefined ? '' : `&before=${page.next}`}`);
      expect(page.entries.length).toBeLessThanOrEqual(3);
      seen.push(...page.entries.map(({ id }) => id));
    }
    expect(seen).toEqual(all.entries.map(({ id }) => id));
  });

  it('can be narrowed to kinds, an outcome and a time', async () => {
    const person = await door.addPerson();
    const browser = await door.signIn(person);
    await door.decisions.answerClosed(asker(), question(person));
    await browser.choose({ option: 'all' });
    door.clock.forward(60_000);
    await door.decisions.answerClosed(asker(), question(person));
    const later = door.clock.now().toISOString();
    const kinds = async (query: string) => (await pageOf(browser, query)).entries.map(({ kind }) => kind);
    expect(await kinds('?kind=choices.saved')).toEqual(['choices.saved']);
    expect(await kinds('?kind=choices.saved&kind=consent.checked')).toHaveLength(3);
    expect(await kinds('?outcome=permit')).toEqual(['consent.checked']);
    expect(await kinds('?outcome=done')).toEqual(['choices.saved']);
    expect(await kinds(`?from=${later}`)).toEqual(['consent.checked']);
    expect(await kinds(`?to=${later}`)).toEqual(['choices.saved', 'consent.checked']);
    expect(await kinds(`?from=${encodeURIComponent('2026-11-21T11:01:00+01:00')}`)).toEqual([
      'consent.checked',
    ]);
  });

  it('is empty, and quickly so, for a time that does not exist, and never shows other people’s', async () => {
    const browser = await door.signIn(await door.addPerson());
    const other = await door.addPerson();
    await door.decisions.answerClosed(asker(), question(other));
    const started = performance.now();
    for (const query of [
      '',
      '?from=2030-01-01T00:00:00Z',
      '?from=2026-12-01T00:00:00Z&to=2026-01-01T00:00:00Z',
    ]) {
      expect(await pageOf(browser, query)).toEqual({ entries: [] });
    }
    for (let asked = 0; asked < 10; asked += 1) {
      expect(await pageOf(browser, '?to=9999-12-31T00:00:00Z')).toEqual({ entries: [] });
    }
    expect(await pageOf(browser, `?before=${newId()}`)).toEqual({ entries: [] });
    // One key per half year until 9999 took more than a second per request, with nothing else running meanwhile.
    expect(performance.now() - started).toBeLessThan(5_000);
  });

  it.each([
    ['kind=consent.broken', 'kind'],
    ['outcome=maybe', 'outcome'],
    ['from=yesterday', 'from'],
    ['to=2026-11-21', 'to'],
    ['to=2026-02-30T00:00:00Z', 'to'],
    ['before=1', 'before'],
    ['limit=0', 'limit'],
    ['limit=101', 'limit'],
    ['limit=ten', 'limit'],
    ['page=2', 'page'],
  ])('refuses ?%s', async (query, field) => {
    const browser = await door.signIn(await door.addPerson());
    const { body } = await browser.get(`/me/activity?${query}`).expect(400);
    expect(body).toMatchObject({
      code: 'INPUT_INVALID',
      errors: [{ field: expect.stringContaining(field) }],
    });
  });
});
