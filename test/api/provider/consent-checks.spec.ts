import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import request from 'supertest';
import { leafHashOf } from '../../../src/core/audit/sealer.js';
import { makeBsn, makeChoice, makeClient, makeUra, makeVersion } from '../../make.js';
import { fieldsOf, problemOf } from '../shared/open-app.js';
import { makeCheck, openProvider, type ProviderWorld } from './open-provider.js';

let world: ProviderWorld;

beforeAll(async () => {
  world = await openProvider();
});
afterAll(() => world.close());

interface Answer {
  readonly results: readonly { readonly dataCategory: string; readonly decision: string }[];
  readonly receipt: { readonly entryId: string; readonly leafHash: string };
}

const answerIn = ({ body }: request.Response): Answer => body as Answer;
const check = (given: object = {}): Promise<request.Response> =>
  world.post('/consent-checks', makeCheck(world, given));

describe('a consent check', () => {
  it('is answered per category, with a receipt for an entry that is kept', async () => {
    const answer = await check({ dataCategories: ['GGC013', 'GGC002'] });
    expect(answer.status).toBe(200);
    const { results, receipt } = answerIn(answer);
    expect(results).toEqual([
      { dataCategory: 'GGC013', decision: 'permit' },
      { dataCategory: 'GGC002', decision: 'permit' },
    ]);
    const kept = await world.registry.asAuditor((audit) => audit.find(receipt.entryId));
    expect(kept && leafHashOf(kept.leaf).toString('base64')).toBe(receipt.leafHash);
  });

  it('keeps what the asker said about itself', async () => {
    const said = {
      professional: { id: '900012345', role: '01.015', mandatedId: 'abc1' },
      exchangeSystem: 'LSP',
      automatic: false,
    };
    const { receipt } = answerIn(await check(said));
    const kept = await world.registry.asAuditor((audit) => audit.find(receipt.entryId));
    const opened = kept && world.sealer.open(kept, () => world.person.auditKey);
    expect(opened).toMatchObject({
      actor: { clientId: world.gpSystem.id },
      detail: { ...said, purpose: 'TREAT' },
    });
  });

  it('is logged with the address it came from, whatever a header claims, and with the caller’s own trace', async () => {
    const answer = await request(world.server)
      .post('/provider/v1/consent-checks')
      .set('authorization', `Bearer ${await world.tokenFor(world.gpSystem, 'consent:check')}`)
      .set('x-forwarded-for', '198.51.100.7')
      .set('traceparent', '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01')
      .send(makeCheck(world));
    const kept = await world.registry.asAuditor((audit) => audit.find(answerIn(answer).receipt.entryId));
    const opened = kept && world.sealer.open(kept, () => world.person.auditKey);
    expect(opened?.detail.address).toMatch(/127\.0\.0\.1$|^::1$/);
    expect(opened?.detail.traceId).toBe('4bf92f3577b34da6a3ce929d0e0e4736');
  });

  it('is the same answer for no, never chose, restricted, unknown person and unknown requester', async () => {
    const restricted = await world.personWith([
      makeChoice(),
      makeChoice({ requester: `provider:${world.hospital.ura}`, answer: 'no' }),
    ]);
    const waiting = await world.personWith([]);
    await world.registry.inTransaction((records) =>
      records.consents.add(
        makeVersion({ personId: waiting.id, choices: [makeChoice()], state: 'awaiting-guardian' }),
      ),
    );
    const refuser = await world.personWith([makeChoice({ answer: 'no' })]);
    const undecided = await world.personWith([]);
    const answers = [
      await check({ bsn: refuser.bsn }),
      await check({ bsn: undecided.bsn }),
      await check({ bsn: restricted.bsn }),
      await check({ bsn: waiting.bsn }),
      await check({ bsn: makeBsn() }),
      await check({ requester: { ura: makeUra(), type: 'V4' } }),
    ];
    for (const answer of answers) {
      expect(answer.status).toBe(200);
      expect(Object.keys(answer.body as object)).toEqual(['results', 'receipt']);
      expect(answerIn(answer).results).toEqual([{ dataCategory: 'GGC002', decision: 'deny' }]);
      expect(answer.text).toHaveLength(answers[0]?.text.length ?? 0);
      expect(Object.keys(answer.headers)).toEqual(Object.keys(answers[0]?.headers as object));
    }
  });

  it('never repeats the BSN, in the answer or in the log of the process', async () => {
    const answer = await check();
    await new Promise((resolve) => setImmediate(resolve));
    expect(answer.text).not.toContain(world.person.bsn);
    expect(world.lines.join('\n')).not.toContain(world.person.bsn);
  });

  it('obeys a no that was saved just before', async () => {
    const person = await world.personWith([makeChoice()]);
    expect(answerIn(await check({ bsn: person.bsn })).results[0]?.decision).toBe('permit');
    await world.registry.inTransaction(async (records) => {
      const now = new Date();
      const was = await records.consents.inForce(person.id);
      if (!was) throw new Error('there was a version');
      await records.consents.move({ personId: person.id, number: 1 }, 'in-force', 'superseded', now);
      await records.consents.add({ ...was, number: 2, choices: [makeChoice({ answer: 'no' })] });
    });
    expect(answerIn(await check({ bsn: person.bsn })).results[0]?.decision).toBe('deny');
  });
});

describe('a batch of checks', () => {
  const ask = (checks: unknown): Promise<request.Response> => world.post('/consent-checks/batch', { checks });

  it('answers every check in the order asked, each with its own receipt', async () => {
    const refuser = await world.personWith([makeChoice({ answer: 'no' })]);
    const checks = Array.from({ length: 1000 }, (_, n) =>
      makeCheck(world, n % 2 ? { bsn: refuser.bsn } : { dataCategories: ['GGC012'] }),
    );
    const answer = await ask(checks);
    expect(answer.status).toBe(200);
    const { answers } = answer.body as { answers: Answer[] };
    expect(answers.map(({ results }) => results)).toEqual(
      checks.map((_, n) =>
        n % 2
          ? [{ dataCategory: 'GGC002', decision: 'deny' }]
          : [{ dataCategory: 'GGC012', decision: 'permit' }],
      ),
    );
    expect(new Set(answers.map(({ receipt }) => receipt.entryId)).size).toBe(1000);
  });

  it('names the check and the field that are wrong', async () => {
    const checks = [makeCheck(world), makeCheck(world, { bsn: '123456789', holder: { ura: 'x' } }), 7];
    const answer = await ask(checks);
    expect([answer.status, problemOf(answer).code]).toEqual([400, 'INPUT_INVALID']);
    expect(fieldsOf(answer)).toEqual([
      'checks.1.bsn',
      'checks.1.holder.type',
      'checks.1.holder.ura',
      'checks.2',
    ]);
  });

  it.each([
    ['no list', undefined],
    ['an empty list', []],
    ['a text', 'all'],
    ['1,001 checks', Array.from({ length: 1001 }, () => ({}))],
  ])('%s is refused', async (_, checks) => {
    const answer = await ask(checks);
    expect([answer.status, fieldsOf(answer)]).toEqual([400, ['checks']]);
  });

  it('refuses all when one is for a foreign provider, and keeps one entry, of the refusal', async () => {
    const before = await world.countEntries();
    const answer = await ask([
      makeCheck(world),
      makeCheck(world, { holder: { ura: makeUra(), type: 'Z3' } }),
    ]);
    expect([answer.status, problemOf(answer).code]).toEqual([403, 'NOT_YOUR_PROVIDER']);
    expect(await world.countEntries()).toBe(before + 1);
    expect(await world.kindsAbout(world.person)).toEqual(expect.arrayContaining(['client.refused']));
  });
});

describe.each([
  ['/consent-checks', (one: object): object => one],
  ['/consent-checks/batch', (one: object): object => ({ checks: [one] })],
])('%s refuses', (path, wrap) => {
  const ask = (given: object = {}, as = world.gpSystem, token?: string | null): Promise<request.Response> =>
    world.post(path, wrap(makeCheck(world, given)), as, token);
  const refused = (answer: request.Response): unknown[] => [answer.status, problemOf(answer).code];

  it('a system without a token', async () => {
    const answer = await ask({}, world.gpSystem, null);
    expect(refused(answer)).toEqual([401, 'NOT_SIGNED_IN']);
    expect(answer.headers['www-authenticate']).toMatch(/^Bearer /);
  });

  it('a token without the scope', async () => {
    const token = await world.tokenFor(world.gpSystem, 'provider:read', 'location:ask');
    const answer = await ask({}, world.gpSystem, token);
    expect(refused(answer)).toEqual([403, 'SCOPE_MISSING']);
  });

  it.each([
    ['of a foreign provider', () => world.hospitalSystem, 'NOT_YOUR_PROVIDER'],
    ['that is unknown', () => makeClient({ uras: [world.gp.ura] }), 'CLIENT_UNKNOWN'],
  ])('a system %s, which the person sees', async (_, system, code) => {
    const person = await world.personWith([makeChoice()]);
    expect(problemOf(await ask({ bsn: person.bsn }, system())).code).toBe(code);
    expect(await world.kindsAbout(person)).toEqual(['client.refused']);
  });

  it('a provider that the system may not act for', async () => {
    expect(refused(await ask({ holder: { ura: world.hospital.ura, type: 'V4' } }))).toEqual([
      403,
      'NOT_YOUR_PROVIDER',
    ]);
  });

  it('a system that is unknown', async () => {
    expect(refused(await ask({}, makeClient({ uras: [world.gp.ura] })))).toEqual([401, 'CLIENT_UNKNOWN']);
  });

  it('a system from the moment it is revoked, its token still good', async () => {
    const client = makeClient({ uras: [world.gp.ura] });
    await world.registry.inTransaction((records) => records.clients.add(client));
    const token = await world.tokenFor(client, 'consent:check');
    expect((await ask({}, client, token)).status).toBe(200);
    await world.revoke(client);
    const answer = await ask({}, client, token);
    expect(refused(answer)).toEqual([401, 'CLIENT_REVOKED']);
    expect(answer.headers['www-authenticate']).toContain('invalid_token');
  });

  it('all wrong fields at once, without repeating them', async () => {
    const answer = await ask({
      bsn: '123456789',
      holder: { ura: '1', type: 'nope' },
      requester: undefined,
      dataCategories: ['GGC002', 'GGC002'],
      purpose: 'CURIOSITY',
      professional: { role: '1' },
      stranger: true,
    });
    expect(refused(answer)).toEqual([400, 'INPUT_INVALID']);
    const fields = fieldsOf(answer).map((field) => field.replace('checks.0.', ''));
    expect(fields).toEqual([
      'bsn',
      'dataCategories',
      'holder.type',
      'holder.ura',
      'professional.id',
      'professional.role',
      'purpose',
      'requester',
      'stranger',
    ]);
    expect(answer.text).not.toMatch(/123456789|CURIOSITY|nope/);
  });

  it('another media type, a body that is too large, and a GET', async () => {
    const authorization = `Bearer ${await world.tokenFor(world.gpSystem, 'consent:check')}`;
    const ask = (): request.Test =>
      request(world.server).post(`/provider/v1${path}`).set('authorization', authorization);
    expect(refused(await ask().set('content-type', 'text/plain').send('x'))).toEqual([
      415,
      'MEDIA_TYPE_UNSUPPORTED',
    ]);
    expect(refused(await ask().send({ a: 'a'.repeat(1_100_000) }))).toEqual([413, 'BODY_TOO_LARGE']);
    const got = await request(world.server).get(`/provider/v1${path}`).set('authorization', authorization);
    expect(refused(got)).toEqual([405, 'METHOD_NOT_ALLOWED']);
    expect(got.headers['allow']).toBe('POST');
  });
});
