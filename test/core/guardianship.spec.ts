import { beforeEach, describe, expect, it } from '@jest/globals';
import {
  MOST_TRIES_PER_CODE,
  MOST_TRIES_PER_DAY,
  PAIRING_CODE_MS,
} from '../../src/core/guardianship/pairing-code.js';
import { parseDay } from '../../src/core/person/age.js';
import type { Person } from '../../src/core/person/person.js';
import { ALL, makeWorld, NONE, refusalOf, type World } from './world.js';

const BORN = '2014-03-01';
const WRONG = '0000-0000-0000';

describe('a child’s choices', () => {
  let world: World;
  let child: Person;
  let parent: Person;

  beforeEach(async () => {
    world = await makeWorld();
    child = await world.addPerson({ bornOn: BORN });
    parent = await world.addPerson({ bornOn: '1985-01-01' });
  });

  const redeem = (code: string, guardian = parent, born = BORN) =>
    world.guardianship.openReview(guardian.id, { code, childBornOn: parseDay(born) });

  async function approve(): Promise<void> {
    const { code } = await world.guardianship.makeCode(child.id);
    const { review } = await redeem(code);
    await world.guardianship.decide(parent.id, review.id, {
      decision: 'approve',
      declaresGuardianship: true,
    });
  }

  it('wait for a parent: what was in force stays until then, and is never a yes of the child alone', async () => {
    await world.choose(child, ALL);
    expect(await world.consents.read(child.id)).toMatchObject({
      inForce: undefined,
      awaiting: { number: 1 },
    });
    expect(await world.check(child)).toBe('deny');
    await approve();
    expect(await world.check(child)).toBe('permit');
    await world.choose(child, NONE);
    expect(await world.check(child)).toBe('permit');
  });

  it('are shown to the parent as proposed and present choices', async () => {
    await world.choose(child, ALL);
    const { code } = await world.guardianship.makeCode(child.id);
    const shown = await redeem(code.toLowerCase().replaceAll('-', ' '));
    expect(shown).toMatchObject({ proposed: { number: 1, option: 'all' }, inForce: undefined });
  });

  it('refused by the parent leave what was in force, and tell the child', async () => {
    await world.choose(child, ALL);
    const { code } = await world.guardianship.makeCode(child.id);
    const { review } = await redeem(code);
    await world.guardianship.decide(parent.id, review.id, {
      decision: 'refuse',
      declaresGuardianship: false,
    });
    expect(await world.check(child)).toBe('deny');
    const notices = await world.registry.inSnapshot((records) => records.notices.list(child.id));
    expect(notices.map(({ kind }) => kind)).toContain('choices-refused');
  });

  it('decided on are seen by the guardian in their own activity, without whose they are', async () => {
    await world.choose(child, ALL);
    await approve();
    const { entries } = await world.activity.of(parent.id, { limit: 10 });
    expect(entries).toMatchObject([{ kind: 'guardian.approved', personId: parent.id, detail: {} }]);
    const notices = await world.registry.inSnapshot((records) => records.notices.list(parent.id));
    expect(notices).toMatchObject([{ kind: 'guardian-approved', entryId: entries[0]?.id }]);
  });

  it('are not approved without the declaration, nor twice', async () => {
    await world.choose(child, ALL);
    const { code } = await world.guardianship.makeCode(child.id);
    const { review } = await redeem(code);
    const decide = (declaresGuardianship: boolean) =>
      world.guardianship.decide(parent.id, review.id, { decision: 'approve', declaresGuardianship });
    expect(await refusalOf(Promise.resolve().then(() => decide(false)))).toBe('DECLARATION_MISSING');
    await decide(true);
    expect(await refusalOf(decide(true))).toBe('REVIEW_CLOSED');
  });

  it('proposed anew end the review and the code of the earlier proposal', async () => {
    await world.choose(child, ALL);
    const { code } = await world.guardianship.makeCode(child.id);
    const { review } = await redeem(code);
    const second = await world.guardianship.makeCode(child.id);
    await world.choose(child, NONE);
    expect(await refusalOf(redeem(second.code))).toBe('PAIRING_CODE_REFUSED');
    const decision = { decision: 'approve', declaresGuardianship: true } as const;
    expect(await refusalOf(world.guardianship.decide(parent.id, review.id, decision))).toBe('REVIEW_CLOSED');
    expect(await world.check(child)).toBe('deny');
  });

  it('need no parent from the 16th birthday in the Netherlands on; an open review ends then', async () => {
    world.clock.moveTo('2030-02-28T22:30:00Z');
    await world.choose(child, ALL);
    const { code } = await world.guardianship.makeCode(child.id);
    const { review } = await redeem(code);
    world.clock.moveTo('2030-02-28T23:00:00Z');
    const decision = { decision: 'approve', declaresGuardianship: true } as const;
    expect(await refusalOf(world.guardianship.decide(parent.id, review.id, decision))).toBe(
      'GUARDIANSHIP_ENDED',
    );
    expect(await refusalOf(world.guardianship.makeCode(child.id))).toBe('GUARDIANSHIP_ENDED');
    expect(await world.check(child)).toBe('deny');
    await world.choose(child, ALL);
    expect(await world.check(child)).toBe('permit');
  });

  describe('pairing code', () => {
    let code: string;

    beforeEach(async () => {
      await world.choose(child, ALL);
      ({ code } = await world.guardianship.makeCode(child.id));
    });

    it('is refused with one and the same message for every kind of wrong', async () => {
      const messages = new Set<string>();
      const refused = async (act: Promise<unknown>): Promise<void> => {
        const error = await act.then(
          () => undefined,
          (reason: unknown) => reason as Error,
        );
        messages.add(`${error?.message}`);
      };
      await refused(redeem(WRONG));
      await refused(redeem('not a code'));
      await refused(redeem(code, parent, '2014-03-02'));
      const secondLetter = code.slice(0, 13) + (code.endsWith('0') ? '1' : '0');
      await refused(redeem(secondLetter));
      await redeem(code);
      await refused(redeem(code));
      const fresh = await world.guardianship.makeCode(child.id);
      world.clock.pass(PAIRING_CODE_MS);
      await refused(redeem(fresh.code));
      expect([...messages]).toHaveLength(1);
    });

    it('opens nothing for the child itself, nor for someone under 18', async () => {
      expect(await refusalOf(redeem(code, child))).toBe('GUARDIAN_TOO_YOUNG');
      const sister = await world.addPerson({ bornOn: '2008-11-22' });
      expect(await refusalOf(redeem(code, sister))).toBe('GUARDIAN_TOO_YOUNG');
    });

    it('works until the last try and not after it', async () => {
      const others = await Promise.all(Array.from({ length: MOST_TRIES_PER_CODE }, () => world.addPerson()));
      for (const other of others.slice(1)) await refusalOf(redeem(code, other, '2000-01-01'));
      expect((await redeem(code)).review.state).toBe('open');
      const second = await world.guardianship.makeCode(child.id);
      for (const other of others) await refusalOf(redeem(second.code, other, '2000-01-01'));
      expect(await refusalOf(redeem(second.code))).toBe('PAIRING_CODE_REFUSED');
    });

    it('can be redeemed once by fifty who try at once', async () => {
      const guardians = await Promise.all(Array.from({ length: 50 }, () => world.addPerson()));
      const tries = await Promise.allSettled(guardians.map((guardian) => redeem(code, guardian)));
      expect(tries.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    });

    it('dies when a new one is made', async () => {
      const fresh = await world.guardianship.makeCode(child.id);
      expect(await refusalOf(redeem(code))).toBe('PAIRING_CODE_REFUSED');
      expect((await redeem(fresh.code)).review.state).toBe('open');
    });

    it('can be guessed ten times a day by one person, then tomorrow', async () => {
      for (let tries = 0; tries < MOST_TRIES_PER_DAY; tries += 1) {
        expect(await refusalOf(redeem(WRONG))).toBe('PAIRING_CODE_REFUSED');
      }
      expect(await refusalOf(redeem(code))).toBe('TOO_MANY_TRIES');
      world.clock.pass(24 * 60 * 60_000);
      expect((await redeem(code)).review.state).toBe('open');
    });

    it('tried wrongly leaves the same traces with the guardian, whether a code with that selector lives or not', async () => {
      const ownEntries = async () =>
        (await world.activity.of(parent.id, { limit: 50 })).entries.map(({ kind }) => kind);
      await refusalOf(redeem(WRONG));
      expect(await ownEntries()).toEqual(['guardian.code-tried']);
      await refusalOf(redeem(code, parent, '2000-01-01'));
      expect(await ownEntries()).toEqual(['guardian.code-tried', 'guardian.code-tried']);
    });

    it('tried wrongly is seen by the child', async () => {
      await refusalOf(redeem(code, parent, '2000-01-01'));
      const { entries } = await world.activity.of(child.id, { limit: 10 });
      expect(entries[0]).toMatchObject({ kind: 'guardian.code-tried', outcome: 'refused' });
    });
  });
});
