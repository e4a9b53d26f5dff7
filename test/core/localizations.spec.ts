import { beforeEach, describe, expect, it } from '@jest/globals';
import { makeBsn, makeUra } from '../make.js';
import { makeWorld, refusalOf, type World } from './world.js';

describe('a provider’s word that it holds data', () => {
  let world: World;

  beforeEach(async () => {
    world = await makeWorld();
  });

  it('makes an unknown person known, and is found at their first sign-in', async () => {
    const bsn = makeBsn();
    await world.localizations.register(world.gpSystem, { bsn, holder: world.gp });
    const person = await world.registry.inTransaction((records) => world.people.knownBy(records, bsn));
    expect(person.account).toBeUndefined();
    const held = await world.localizations.ofPerson(person.id);
    expect(held).toMatchObject([
      { localization: world.gp, provider: { name: 'Huisartsenpraktijk De Linde' } },
    ]);
    const { entries } = await world.activity.of(person.id, { limit: 10 });
    expect(entries.map(({ kind }) => kind)).toEqual(['localization.registered']);
  });

  it('given twice is one registration, renewed; given by fifty at once it is one too', async () => {
    const person = await world.addPerson();
    const register = () =>
      world.localizations.register(world.gpSystem, { bsn: person.bsn, holder: world.gp });
    const results = await Promise.all(Array.from({ length: 50 }, register));
    expect(new Set(results.map(({ localization }) => localization.id)).size).toBe(1);
    expect(results.filter(({ outcome }) => outcome === 'registered')).toHaveLength(1);
  });

  it('ended is gone from the list at once, can be ended again, and begins anew when given again', async () => {
    const person = await world.addPerson();
    const given = { bsn: person.bsn, holder: world.gp };
    const { localization } = await world.localizations.register(world.gpSystem, given);
    await world.localizations.end(world.gpSystem, localization.id);
    await world.localizations.end(world.gpSystem, localization.id);
    expect(await world.localizations.ofPerson(person.id)).toEqual([]);
    world.clock.pass(1000);
    const again = await world.localizations.register(world.gpSystem, given);
    expect(again.outcome).toBe('registered');
    expect(again.localization.registeredAt).toEqual(world.clock.now());
    const { entries } = await world.activity.of(person.id, { limit: 10 });
    expect(entries.filter(({ kind }) => kind === 'localization.ended')).toHaveLength(1);
  });

  it('is refused to a system of another provider, and for a provider or type outside the register', async () => {
    const { bsn } = await world.addPerson();
    const register = (holder: typeof world.gp) =>
      refusalOf(world.localizations.register(world.gpSystem, { bsn, holder }));
    expect(await register(world.hospital)).toBe('NOT_YOUR_PROVIDER');
    expect(await register({ ...world.gp, type: 'V6' })).toBe('PROVIDER_UNKNOWN');
    expect(await register({ ura: makeUra(), type: 'Z3' })).toBe('NOT_YOUR_PROVIDER');
    const { id } = await world.registry.inTransaction((records) => world.people.knownBy(records, bsn));
    const { entries } = await world.activity.of(id, { limit: 10 });
    expect(entries.map(({ kind }) => kind)).toEqual(['client.refused', 'client.refused']);
  });

  it('can’t be ended by another provider, who can’t tell it from one that does not exist', async () => {
    const { bsn } = await world.addPerson();
    const { localization } = await world.localizations.register(world.gpSystem, { bsn, holder: world.gp });
    expect(await refusalOf(world.localizations.end(world.hospitalSystem, localization.id))).toBe('NOT_FOUND');
    const nothing = '01890000-0000-7000-8000-000000000000';
    expect(await refusalOf(world.localizations.end(world.hospitalSystem, nothing))).toBe('NOT_FOUND');
  });
});
