import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { Response } from 'supertest';
import request from 'supertest';
import { leafHashOf } from '../../../src/core/audit/sealer.js';
import { makeBsn } from '../../make.js';
import { fieldsOf, keepBrokenEntry, problemOf } from '../shared/open-app.js';
import { type AuditorWorld, makeLookUp, openAuditor } from './open-auditor.js';

let world: AuditorWorld;

beforeEach(async () => {
  world = await openAuditor();
});
afterEach(() => world.close());

interface Shown {
  readonly id: string;
  readonly kind: string;
  readonly leaf: string;
  readonly leafHash: string;
  readonly state: string;
  readonly [field: string]: unknown;
}

interface Page {
  readonly entryId: string;
  readonly entries: readonly Shown[];
  readonly next?: string;
}

const pageIn = ({ body }: Response): Page => body as Page;
const lookUp = (given: object = {}): request.Test => world.post('/look-ups', makeLookUp(given));

describe('a look-up', () => {
  it('shows entries opened, beside the leaf that is the truth', async () => {
    const [kept] = await world.keepChecks(1);
    const answer = await lookUp({ bsn: world.person.bsn, kinds: ['consent.checked'] });
    expect(answer.status).toBe(200);
    const [entry] = pageIn(answer).entries;
    expect(entry).toMatchObject({
      id: kept?.id,
      kind: 'consent.checked',
      outcome: 'permit',
      state: 'readable',
      personId: world.person.id,
      reasons: ['YES_ALL'],
      actor: { kind: 'client', clientId: 'client-of-test' },
      detail: { purpose: 'TREAT', requester: { ura: '00005678', type: 'V4' }, version: 1 },
    });
    expect(leafHashOf(Buffer.from(entry?.leaf ?? '')).toString('base64')).toBe(entry?.leafHash);
  });

  it('says of an entry that somebody changed that it is broken, and shows the others', async () => {
    const [sound] = await world.keepChecks(1);
    const broken = await keepBrokenEntry(world, world.person);
    const { entries } = pageIn(await lookUp({ kinds: ['consent.checked'] }));
    expect(entries.map(({ id, state }) => [id, state])).toEqual([
      [broken, 'broken'],
      [sound?.id, 'readable'],
    ]);
    expect(entries[0]).not.toHaveProperty('detail');
  });

  it('without a BSN leaves one entry about each person shown', async () => {
    await world.keepChecks(3);
    await lookUp({ kinds: ['consent.checked'] });
    const { entries } = await world.core.activity.of(world.person.id, { limit: 10 });
    expect(entries.map(({ kind }) => kind)).toEqual([
      'auditor.looked-up',
      ...Array.from({ length: 3 }, () => 'consent.checked'),
    ]);
    expect(entries[0]?.detail.case).toEqual({
      caseNumber: 'A-2026-0117',
      reason: 'Complaint about a refusal',
    });
  });

  it('leaves an entry about the person, which a next look-up finds', async () => {
    const { entryId } = pageIn(await lookUp({ bsn: world.person.bsn }));
    const { entries } = pageIn(await lookUp({ bsn: world.person.bsn, kinds: ['auditor.looked-up'] }));
    expect(entries.map(({ id }) => id)).toContain(entryId);
    expect(entries.at(-1)).toMatchObject({
      actor: { kind: 'auditor', subject: 'aud-1', name: 'A. de Auditor' },
      detail: { case: { caseNumber: 'A-2026-0117', reason: 'Complaint about a refusal' } },
    });
  });

  it('finds by person, provider, system and outcome, and nothing else', async () => {
    await world.keepChecks(2);
    await world.keepChecks(1, { outcome: 'deny' });
    const count = async (given: object): Promise<number> =>
      pageIn(await lookUp({ kinds: ['consent.checked'], ...given })).entries.length;
    expect(await count({})).toBe(3);
    expect(await count({ bsn: makeBsn() })).toBe(0);
    expect(await count({ ura: '00001234' })).toBe(3);
    expect(await count({ ura: '00005678' })).toBe(3);
    expect(await count({ ura: '00009999' })).toBe(0);
    expect(await count({ clientId: 'client-of-test' })).toBe(3);
    expect(await count({ clientId: 'other' })).toBe(0);
    expect(await count({ outcome: 'deny' })).toBe(1);
  });

  it('is read page by page, newest first, each entry once', async () => {
    const kept = await world.keepChecks(5);
    const seen: string[] = [];
    let before: string | undefined;
    do {
      const page = pageIn(await lookUp({ kinds: ['consent.checked'], limit: 2, ...(before && { before }) }));
      seen.push(...page.entries.map(({ id }) => id));
      before = page.next;
    } while (before);
    expect(seen).toEqual(kept.map(({ id }) => id).reverse());
  });

  it('never shows the BSN that was searched for', async () => {
    await world.keepChecks(1);
    expect((await lookUp({ bsn: world.person.bsn })).text).not.toContain(world.person.bsn);
    await new Promise((resolve) => setImmediate(resolve));
    expect(world.lines.join('\n')).not.toContain(world.person.bsn);
  });

  it.each([
    [{ caseNumber: ' ', reason: 'Complaint' }, ['case.caseNumber']],
    [{ caseNumber: 'A-1', reason: 'x' }, ['case.reason']],
    [{ caseNumber: '', reason: '' }, ['case.caseNumber', 'case.reason']],
  ])('needs a case number and a reason, not %j', async (forCase, fields) => {
    const answer = await lookUp({ case: forCase });
    expect([answer.status, problemOf(answer).code, fieldsOf(answer)]).toEqual([400, 'CASE_MISSING', fields]);
  });

  it('refuses every wrong field at once', async () => {
    const answer = await lookUp({
      case: 'A-1',
      from: '2026-11-01',
      to: '2026-13-01T00:00:00Z',
      bsn: '123456789',
      ura: '1',
      clientId: 'a b',
      kinds: ['nonsense'],
      outcome: 'perhaps',
      before: '7',
      limit: 201,
      more: 1,
    });
    expect([answer.status, problemOf(answer).code]).toEqual([400, 'INPUT_INVALID']);
    expect(fieldsOf(answer)).toEqual([
      'before',
      'bsn',
      'case',
      'clientId',
      'from',
      'kinds',
      'limit',
      'more',
      'outcome',
      'to',
      'ura',
    ]);
    expect(answer.text).not.toContain('123456789');
  });

  it.each([
    ['an end before its beginning', { from: '2026-02-01T00:00:00Z', to: '2026-01-01T00:00:00Z' }],
    ['more than ten years', { from: '2010-02-01T00:00:00Z', to: '2026-01-01T00:00:00Z' }],
  ])('refuses %s', async (_, given) => {
    expect(fieldsOf(await lookUp(given))).toEqual(['to']);
  });
});

describe.each(['/look-ups', '/exports'])('%s refuses', (path) => {
  const refused = (answer: Response): unknown[] => [answer.status, problemOf(answer).code];

  it('whoever is not signed in, and a citizen', async () => {
    const bodies = makeLookUp();
    expect(refused(await world.post(path, bodies, ''))).toEqual([401, 'NOT_SIGNED_IN']);
    expect(refused(await world.post(path, bodies, world.citizen))).toEqual([401, 'NOT_SIGNED_IN']);
  });

  it('an auditor whose session was idle too long', async () => {
    world.clock.moveTo(new Date(Date.now() + 16 * 60_000));
    expect(refused(await world.post(path, makeLookUp()))).toEqual([401, 'NOT_SIGNED_IN']);
  });

  it('what another site makes a browser send', async () => {
    const foreign = world.post(path, makeLookUp()).set('origin', 'https://evil.example');
    expect(refused(await foreign)).toEqual([403, 'NOT_ALLOWED']);
    const bare = request(world.server).post(`/auditor/v1${path}`).set('cookie', world.auditor);
    expect(refused(await bare.send(makeLookUp()))).toEqual([403, 'NOT_ALLOWED']);
    const form = world.post(path, 'a=1').set('content-type', 'text/plain');
    expect(refused(await form)).toEqual([415, 'MEDIA_TYPE_UNSUPPORTED']);
  });

  it('a case that is missing, and leaves no entry', async () => {
    const answer = await world.post(path, makeLookUp({ case: { caseNumber: '', reason: '' } }));
    expect(refused(answer)).toEqual([400, 'CASE_MISSING']);
    // The look-up that counts leaves an entry too, and shows it.
    const { entryId, entries } = pageIn(await lookUp());
    const ofAuditors = entries.filter(({ kind }) => kind.startsWith('auditor.'));
    expect(ofAuditors.map(({ id }) => id)).toEqual([entryId]);
  });
});
