import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { makeLocalization } from '../../make.js';
import { openCitizenDoor, type OpenedDoor } from './door.js';

describe('the care providers that hold my data', () => {
  let door: OpenedDoor;

  beforeAll(async () => {
    door = await openCitizenDoor();
  });

  afterAll(() => door.close());

  it('are listed with name, kind, place and since when', async () => {
    const person = await door.addPerson();
    const provider = await door.addProvider({ name: 'Apotheek Zuid', place: 'Assen', types: ['A1'] });
    const client = await door.addClient({ uras: [provider.ura] });
    const registration = { bsn: person.bsn, holder: { ura: provider.ura, type: 'A1' } } as const;
    await door.localizations.register({ clientId: client.id }, registration);
    const browser = await door.signIn(person);
    const { body } = await browser.get('/me/providers').expect(200);
    expect(body).toEqual([
      {
        ura: provider.ura,
        type: 'A1',
        typeName: { nl: 'Apotheekinstelling', en: 'Pharmacy' },
        group: 'pharmacy',
        name: 'Apotheek Zuid',
        place: 'Assen',
        registeredAt: '2026-11-21T10:00:00.000Z',
        renewedAt: '2026-11-21T10:00:00.000Z',
      },
    ]);
  });

  it('stay listed by number when they left the register, and go when they ended it', async () => {
    const person = await door.addPerson();
    const gone = makeLocalization({ personId: person.id });
    const ended = makeLocalization({ personId: person.id, endedAt: new Date() });
    await door.registry.inTransaction(async (records) => {
      await records.localizations.put(gone);
      await records.localizations.put(ended);
    });
    const { body } = await (await door.signIn(person)).get('/me/providers').expect(200);
    expect((body as { ura: string }[]).map(({ ura }) => ura)).toEqual([gone.ura]);
    expect((body as object[])[0]).not.toHaveProperty('name');
  });

  it('of somebody else are not mine', async () => {
    const browser = await door.signIn(await door.addPerson());
    expect((await browser.get('/me/providers').expect(200)).body).toEqual([]);
  });
});
