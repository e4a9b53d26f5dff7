import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { openCitizenDoor, type OpenedDoor } from './door.js';

interface Effect {
  holder: { group: string; ura?: string; name?: string };
  requester: { group: string; ura?: string; name?: string };
  dataCategory: string;
  decision: string;
  reason: string;
  sentence: { nl: string; en: string };
}

interface Preview {
  effects: Effect[];
  changes: Effect[];
}

describe('a preview of choices', () => {
  let door: OpenedDoor;

  beforeAll(async () => {
    door = await openCitizenDoor();
  });

  afterAll(() => door.close());

  it('tells what would be shared, with a reason in words, and keeps nothing', async () => {
    const browser = await door.signIn(await door.addPerson());
    const { body } = (await browser.post('/me/choices/preview', { option: 'all' }).expect(200)) as {
      body: Preview;
    };
    const toHospital = body.effects.find(
      ({ holder, requester }) => holder.group === 'pharmacy' && requester.group === 'hospital',
    );
    expect(toHospital).toEqual({
      holder: { group: 'pharmacy' },
      requester: { group: 'hospital' },
      dataCategory: 'GGC013',
      decision: 'permit',
      reason: 'YES_ALL',
      sentence: {
        nl: 'Je zei ja tegen al je zorgaanbieders voor deze gegevens.',
        en: 'You said yes to all your care providers for this data.',
      },
    });
    const abroad = body.effects.filter(({ requester }) => requester.group === 'eu');
    expect(new Set(abroad.map(({ decision, reason }) => `${decision} ${reason}`))).toEqual(
      new Set(['deny EU_NOT_NAMED']),
    );
    expect(body.changes).toEqual(body.effects.filter(({ decision }) => decision === 'permit'));
    expect((await browser.get('/me/choices')).body).toEqual({ needsGuardian: false, latest: 0 });
    expect((await browser.get('/me/activity')).body).toEqual({ entries: [] });
  });

  it('names the providers that hold data, and shows an exception', async () => {
    const person = await door.addPerson();
    const browser = await door.signIn(person);
    const provider = await door.addProvider({ name: 'Huisarts Eik', types: ['Z3'] });
    const client = await door.addClient({ uras: [provider.ura] });
    const holder = { ura: provider.ura, type: 'Z3' } as const;
    await door.localizations.register({ clientId: client.id }, { bsn: person.bsn, holder });
    const draft = {
      option: 'certain',
      choices: [
        { holder: 'all', requester: 'all', dataCategory: 'all', answer: 'yes' },
        { holder: `provider:${provider.ura}`, requester: 'all', dataCategory: 'all', answer: 'no' },
      ],
    };
    const { body } = (await browser.post('/me/choices/preview', draft).expect(200)) as { body: Preview };
    const own = body.effects.filter((effect) => effect.holder.ura === provider.ura);
    expect(own[0]?.holder).toEqual({
      group: 'general-practice',
      ura: provider.ura,
      type: 'Z3',
      name: 'Huisarts Eik',
    });
    expect(new Set(own.map(({ decision }) => decision))).toEqual(new Set(['deny']));
    expect(own.some(({ reason }) => reason === 'NO_PROVIDER')).toBe(true);
  });

  it('tells only what differs from today under changes', async () => {
    const browser = await door.signIn(await door.addPerson());
    await browser.choose({ option: 'all' });
    const same = (await browser.post('/me/choices/preview', { option: 'all' })) as { body: Preview };
    expect(same.body.changes).toEqual([]);
    const draft = {
      option: 'certain',
      choices: [
        { holder: 'all', requester: 'all', dataCategory: 'all', answer: 'yes' },
        { holder: 'group:pharmacy', requester: 'group:hospital', dataCategory: 'all', answer: 'no' },
      ],
    };
    const { body } = (await browser.post('/me/choices/preview', draft)) as { body: Preview };
    expect(
      body.changes.map(({ holder, requester, decision }) => [holder.group, requester.group, decision]),
    ).toEqual([['pharmacy', 'hospital', 'deny']]);
  });

  it('is refused for a provider that is not in the register', async () => {
    const browser = await door.signIn(await door.addPerson());
    const choice = { holder: 'all', requester: 'provider:99999998', dataCategory: 'all', answer: 'yes' };
    const draft = { option: 'certain', choices: [choice] };
    const { body } = await browser.post('/me/choices/preview', draft).expect(422);
    expect(body).toMatchObject({ code: 'PROVIDER_UNKNOWN', errors: [{ field: 'choices.0.requester' }] });
  });
});
