import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Response } from 'supertest';
import { makeBsn, makeUra } from '../../make.js';
import { problemOf } from '../shared/open-app.js';
import { openProvider, type ProviderWorld } from './open-provider.js';

let world: ProviderWorld;

beforeAll(async () => {
  world = await openProvider();
});
afterAll(() => world.close());

interface Shown {
  readonly id: string;
  readonly holder: object;
  readonly registeredAt: string;
  readonly renewedAt: string;
}

const register = (bsn: string, holder: object = { ura: world.gp.ura, type: 'Z3' }): Promise<Response> =>
  world.post('/localizations', { bsn, holder });
const shownIn = ({ body }: Response): Shown => body as Shown;

describe('a localization', () => {
  it('is registered once, renewed by the same call, and can be ended at its address', async () => {
    const bsn = makeBsn();
    const first = await register(bsn);
    expect(first.status).toBe(201);
    expect(first.headers['location']).toBe(`/provider/v1/localizations/${shownIn(first).id}`);
    expect(Object.keys(first.body as object)).toEqual(['id', 'holder', 'registeredAt', 'renewedAt']);
    expect(first.text).not.toContain(bsn);
    const again = await register(bsn);
    expect(again.status).toBe(200);
    expect(shownIn(again)).toMatchObject({
      id: shownIn(first).id,
      holder: { ura: world.gp.ura, type: 'Z3' },
      registeredAt: shownIn(first).registeredAt,
    });
    const path = `/localizations/${shownIn(first).id}`;
    expect([(await world.del(path)).status, (await world.del(path)).status]).toEqual([204, 204]);
    expect((await register(bsn)).status).toBe(201);
  });

  it('looks the same for a person with and one without an account', async () => {
    const known = await register(world.person.bsn);
    const unknown = await register(makeBsn());
    expect([known.status, unknown.status]).toEqual([201, 201]);
    expect(known.text).toHaveLength(unknown.text.length);
  });

  it('is refused for a provider or a type that is not in the register', async () => {
    const answers = [
      await register(makeBsn(), { ura: world.gp.ura, type: 'V4' }),
      await world.post(
        '/localizations',
        { bsn: makeBsn(), holder: { ura: makeUra(), type: 'Z3' } },
        world.gpSystem,
      ),
    ];
    expect(answers.map((answer) => [answer.status, problemOf(answer).code])).toEqual([
      [422, 'PROVIDER_UNKNOWN'],
      [403, 'NOT_YOUR_PROVIDER'],
    ]);
  });

  it('of another provider can not be ended, and is not told to exist', async () => {
    const { id } = shownIn(await register(makeBsn()));
    const foreign = await world.del(`/localizations/${id}`, world.hospitalSystem);
    const none = await world.del('/localizations/019aa7d2-6f3e-7c10-8a55-3f6f0a5b9c11', world.hospitalSystem);
    expect([foreign.status, foreign.text]).toEqual([404, none.text]);
  });

  it('is not found under something that is no id', async () => {
    expect((await world.del('/localizations/7')).status).toBe(400);
  });
});
