import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { REASONS } from '../../../src/core/decision/rule.js';
import { PROVIDER_TYPES } from '../../../src/core/provider/catalogue.js';
import { openCitizenDoor, type OpenedDoor } from './door.js';

interface Catalogue {
  groups: { id: string; holds: string[]; providerTypes: { code: string; name: object }[] }[];
  options: { id: string }[];
  reasons: { code: string; sentence: { nl: string; en: string } }[];
}

describe('the catalogue', () => {
  let door: OpenedDoor;

  beforeAll(async () => {
    door = await openCitizenDoor();
  });

  afterAll(() => door.close());

  it('names the 7 groups and 92 types, the data categories, options and reasons, to anybody', async () => {
    const { body } = (await door.browser().get('/catalogue').expect(200)) as { body: Catalogue };
    expect(body.groups).toHaveLength(7);
    const codes = body.groups.flatMap(({ providerTypes }) => providerTypes.map(({ code }) => code));
    expect(codes.sort()).toEqual([...PROVIDER_TYPES].sort());
    expect(codes).toHaveLength(92);
    expect(body).toMatchObject({
      version: '2026-1',
      dataCategories: [
        { code: 'GGC002', contains: ['GGC012', 'GGC013'] },
        { code: 'GGC012' },
        { code: 'GGC013' },
      ],
    });
    expect(body.options.map(({ id }) => id)).toEqual(['all', 'certain', 'none']);
    expect(body.reasons.map(({ code }) => code)).toEqual([...REASONS]);
    expect(body.reasons[0]?.sentence).toEqual({ nl: expect.any(String), en: expect.any(String) });
  });

  it('may be kept, and is not sent again to someone who has it', async () => {
    const first = await door.browser().get('/catalogue');
    const tag = first.headers['etag'] as string;
    expect(first.headers['cache-control']).toBe('public, max-age=3600');
    expect(tag).toMatch(/^"[\w-]+"$/);
    const again = await door
      .browser()
      .get('/catalogue')
      .set('If-None-Match', `"other", W/${tag}`)
      .expect(304);
    expect(again.text).toBe('');
    expect(again.headers['etag']).toBe(tag);
    await door.browser().get('/catalogue').set('If-None-Match', '"other"').expect(200);
  });

  it('can not be changed', async () => {
    const { body, headers } = await door.browser().put('/catalogue', {}).expect(405);
    expect(body).toMatchObject({ code: 'METHOD_NOT_ALLOWED' });
    expect(headers['allow']).toBe('GET, HEAD');
  });
});
