import { beforeEach, describe, expect, it } from '@jest/globals';
import { tagOf } from '../../src/core/consent/profile.js';
import type { Person } from '../../src/core/person/person.js';
import type { Records } from '../../src/core/registry.js';
import { makeUra } from '../make.js';
import { MemoryRegistry } from '../memory-registry.js';
import { ALL, makeWorld, NONE, refusalOf, type World } from './world.js';

describe('a person’s choices', () => {
  let world: World;
  let person: Person;

  beforeEach(async () => {
    world = await makeWorld();
    person = await world.addPerson();
  });

  it('are nothing at first: no version, no yes', async () => {
    const profile = await world.consents.read(person.id);
    expect(profile).toMatchObject({ latest: 0, inForce: undefined, awaiting: undefined });
    expect(await world.check(person)).toBe('deny');
  });

  it('count in the very next check, yes and no alike', async () => {
    await world.choose(person, ALL);
    expect(await world.check(person)).toBe('permit');
    await world.choose(person, NONE);
    expect(await world.check(person)).toBe('deny');
  });

  it('stay as versions: the old one is superseded, the new one in force', async () => {
    await world.choose(person, ALL);
    await world.choose(person, NONE);
    const versions = await world.consents.versions(person.id);
    expect(versions.map(({ number, state, option }) => [number, state, option])).toEqual([
      [2, 'in-force', 'none'],
      [1, 'superseded', 'all'],
    ]);
  });

  it('can be restored as a new version that remembers where it came from', async () => {
    await world.choose(person, ALL);
    await world.choose(person, NONE);
    const ifMatch = tagOf(await world.consents.read(person.id));
    const { version } = await world.consents.restore(person.id, 1, { ifMatch, idempotencyKey: undefined });
    expect(version).toMatchObject({ number: 3, state: 'in-force', option: 'all', restoredFrom: 1 });
    expect(await world.check(person)).toBe('permit');
  });

  it('are not saved without If-Match, nor over a change that the person did not see', async () => {
    const guard = { draft: ALL, idempotencyKey: undefined };
    expect(await refusalOf(world.consents.save(person.id, { ...guard, ifMatch: undefined }))).toBe(
      'PRECONDITION_MISSING',
    );
    const seen = tagOf(await world.consents.read(person.id));
    await world.choose(person, NONE);
    expect(await refusalOf(world.consents.save(person.id, { ...guard, ifMatch: seen }))).toBe(
      'VERSION_CHANGED',
    );
    expect(await world.check(person)).toBe('deny');
  });

  it('saved by fifty at once with one tag: one succeeds, the others hear that it changed', async () => {
    const ifMatch = tagOf(await world.consents.read(person.id));
    const tries = await Promise.allSettled(
      Array.from({ length: 50 }, () =>
        world.consents.save(person.id, { draft: ALL, ifMatch, idempotencyKey: undefined }),
      ),
    );
    expect(tries.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    expect((await world.consents.versions(person.id)).map(({ number }) => number)).toEqual([1]);
  });

  it('saved again under the same Idempotency-Key are saved once and answered the same', async () => {
    const ifMatch = tagOf(await world.consents.read(person.id));
    const change = { draft: ALL, ifMatch, idempotencyKey: 'key-of-this-save' };
    const first = await world.consents.save(person.id, change);
    const again = await world.consents.save(person.id, change);
    expect(again.version).toEqual(first.version);
    expect(await world.consents.versions(person.id)).toHaveLength(1);
    expect(await refusalOf(world.consents.save(person.id, { ...change, draft: NONE }))).toBe(
      'IDEMPOTENCY_KEY_REUSED',
    );
  });

  it('wait for the details of first use', async () => {
    const newcomer = await world.addPerson({ account: undefined });
    expect(await refusalOf(world.choose(newcomer, ALL))).toBe('DETAILS_MISSING');
  });

  it('can’t name a provider that is not in the register', async () => {
    const choice = {
      holder: `provider:${makeUra()}`,
      requester: 'all',
      dataCategory: 'all',
      answer: 'yes',
    } as const;
    expect(await refusalOf(world.choose(person, { option: 'certain', choices: [choice] }))).toBe(
      'PROVIDER_UNKNOWN',
    );
  });

  it('leave an entry and a notice with each change', async () => {
    await world.choose(person, ALL);
    const { entries } = await world.activity.of(person.id, { limit: 10 });
    expect(entries.map(({ kind }) => kind)).toEqual(['choices.saved']);
    const notices = await world.registry.inSnapshot((records) => records.notices.list(person.id));
    expect(notices).toMatchObject([{ kind: 'choices-saved', entryId: entries[0]?.id }]);
  });

  it('that can’t be told are not kept either: no version, no entry, no notice', async () => {
    class Mute extends MemoryRegistry {
      override inTransaction<T>(act: (records: Records) => Promise<T>): Promise<T> {
        const add = () => Promise.reject(new Error('no room for notices'));
        return super.inTransaction((records) => act({ ...records, notices: { ...records.notices, add } }));
      }
    }
    const registry = new Mute();
    const mute = await makeWorld(registry);
    const someone = await mute.addPerson();
    await expect(mute.choose(someone, ALL)).rejects.toThrow('no room for notices');
    expect(await mute.consents.versions(someone.id)).toEqual([]);
    expect(registry.entries()).toEqual([]);
  });

  it('previewed mean what they will mean once saved, and show what changes', async () => {
    const { effects, changes } = await world.previews.of(person.id, ALL);
    const toHospital = effects.find(
      ({ holder, requester, dataCategory }) =>
        holder.group === 'general-practice' && requester.group === 'hospital' && dataCategory === 'GGC002',
    );
    expect(toHospital).toMatchObject({ decision: 'permit', reason: 'YES_ALL' });
    expect(changes.length).toBe(effects.filter(({ decision }) => decision === 'permit').length);
    expect(await world.check(person)).toBe('deny');
  });
});
