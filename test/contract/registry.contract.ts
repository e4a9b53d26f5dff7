import { randomBytes, randomUUID } from 'node:crypto';
import { v7 as newId } from 'uuid';
import type { SealedEntry } from '../../src/core/audit/entry.js';
import { MOST_TRIES_PER_CODE } from '../../src/core/guardianship/pairing-code.js';
import { parseDay } from '../../src/core/person/age.js';
import { parseEmail } from '../../src/core/person/email.js';
import type { Person } from '../../src/core/person/person.js';
import type { Party } from '../../src/core/provider/provider.js';
import type { AskedQuestion, EntrySearch, Known, Records, Registry } from '../../src/core/registry.js';
import {
  makeAccount,
  makeAttempt,
  makeBsn,
  makeChoice,
  makeClient,
  makeKeptCode,
  makeLocalization,
  makeNotice,
  makePerson,
  makeProvider,
  makeReview,
  makeSealedEntry,
  makeSession,
  makeUra,
  makeVersion,
} from '../make.js';

/** An opened registry, and how to close it. */
export interface Opened {
  readonly registry: Registry;
  close(): Promise<void>;
}

const MINUTE = 60_000;
const CALLERS = 50;
const PATIENCE = 60_000;

const later = (at: Date, minutes: number): Date => new Date(at.getTime() + minutes * MINUTE);
const times = <T>(count: number, act: (place: number) => T): T[] =>
  Array.from({ length: count }, (_, i) => act(i));

/** Everything that a registry promises (core/registry.ts). Run on memory and on PostgreSQL, so that one can stand in for the other. */
export function describeRegistry(name: string, open: () => Promise<Opened>): void {
  describe(`the registry ${name}`, () => {
    let registry: Registry;
    let opened: Opened;

    beforeAll(async () => {
      opened = await open();
      registry = opened.registry;
    }, PATIENCE);

    afterAll(() => opened.close(), PATIENCE);

    const keep = <T>(act: (records: Records) => Promise<T>): Promise<T> => registry.inTransaction(act);
    const look = <T>(act: (records: Records) => Promise<T>): Promise<T> => registry.inSnapshot(act);
    const keepPerson = (given: Partial<Person> = {}): Promise<Person> =>
      keep((records) => records.people.addOrFind(makePerson(given)));

    describe('a transaction', () => {
      it('gives back what the act gives back, and keeps what it kept', async () => {
        const person = makePerson();
        expect(await keep((records) => records.people.addOrFind(person))).toEqual(person);
        expect(await look((records) => records.people.find(person.id))).toEqual(person);
      });

      it('keeps nothing when the act throws, and passes the error on', async () => {
        const person = makePerson();
        const entry = makeSealedEntry();
        const failing = keep(async (records) => {
          await records.people.addOrFind(person);
          await records.consents.add(makeVersion({ personId: person.id }));
          await records.notices.add(makeNotice({ personId: person.id }));
          await records.audit.append([entry]);
          throw new Error('thought better of it');
        });
        await expect(failing).rejects.toThrow('thought better of it');
        await look(async (records) => {
          expect(await records.people.find(person.id)).toBeUndefined();
          expect(await records.people.findByBsn(person.bsn)).toBeUndefined();
          expect(await records.consents.list(person.id)).toEqual([]);
          expect(await records.notices.list(person.id)).toEqual([]);
          expect(await records.audit.find(entry.id)).toBeUndefined();
        });
      });

      it('puts back what it changed and deleted when the act throws', async () => {
        const person = await keepPerson();
        const session = makeSession();
        await keep((records) => records.sessions.add(session));
        const failing = keep(async (records) => {
          await records.people.update({ ...person, account: undefined });
          await records.sessions.end(session.secretHash);
          throw new Error('no');
        });
        await expect(failing).rejects.toThrow('no');
        await look(async (records) => {
          expect(await records.people.find(person.id)).toEqual(person);
          expect(await records.sessions.find(session.secretHash)).toEqual(session);
        });
      });

      it('sees what it kept itself', async () => {
        const person = makePerson();
        const found = await keep(async (records) => {
          await records.people.addOrFind(person);
          return records.people.findByBsn(person.bsn);
        });
        expect(found).toEqual(person);
      });

      it('goes on working after a failed one', async () => {
        await expect(keep(() => Promise.reject(new Error('broken')))).rejects.toThrow('broken');
        expect(await keep((records) => records.clients.find('nobody'))).toBeUndefined();
      });
    });

    describe('a transaction on one snapshot', () => {
      it('sees the same in every read, whatever others keep meanwhile', async () => {
        const client = makeClient();
        await keep(({ clients }) => clients.add(client));
        const revokedAt = new Date('2026-11-02T10:00:00Z');
        const hasRead = Promise.withResolvers<undefined>();
        const revoked = Promise.withResolvers<unknown>();
        const reading = registry.inTransaction(async ({ clients }) => {
          const first = await clients.find(client.id);
          hasRead.resolve(undefined);
          // A registry that lets one transaction run at a time revokes only when this one has ended.
          await Promise.race([revoked.promise, new Promise((resolve) => setTimeout(resolve, 500))]);
          return [first, await clients.find(client.id)];
        }, 'one-snapshot');
        await hasRead.promise;
        const revoking = keep(({ clients }) => clients.revoke(client.id, revokedAt));
        revoked.resolve(revoking);
        expect(await reading).toEqual([client, client]);
        expect(await revoking).toBe(true);
        expect(await look(({ clients }) => clients.find(client.id))).toEqual({ ...client, revokedAt });
      });

      it('keeps what it kept, and nothing when the act throws', async () => {
        const [kept, lost] = [makePerson(), makePerson()];
        await registry.inTransaction(({ people }) => people.addOrFind(kept), 'one-snapshot');
        const failing = registry.inTransaction(async ({ people }) => {
          await people.addOrFind(lost);
          throw new Error('no');
        }, 'one-snapshot');
        await expect(failing).rejects.toThrow('no');
        expect(await look(({ people }) => people.find(kept.id))).toEqual(kept);
        expect(await look(({ people }) => people.find(lost.id))).toBeUndefined();
      });
    });

    describe('a snapshot', () => {
      it('keeps nothing', async () => {
        const person = makePerson();
        await look((records) => records.people.addOrFind(person)).catch(() => undefined);
        expect(await look((records) => records.people.find(person.id))).toBeUndefined();
      });

      it('passes on what is thrown', async () => {
        await expect(look(() => Promise.reject(new Error('seen enough')))).rejects.toThrow('seen enough');
      });
    });

    describe('people', () => {
      it('are found by id and by BSN, with and without an account', async () => {
        const withAccount = await keepPerson();
        const without = await keepPerson({ account: undefined, bornOn: undefined, bornOnSource: undefined });
        await look(async (records) => {
          expect(await records.people.find(withAccount.id)).toEqual(withAccount);
          expect(await records.people.findByBsn(withAccount.bsn)).toEqual(withAccount);
          expect(await records.people.find(without.id)).toEqual(without);
          expect(await records.people.findByBsn(without.bsn)).toEqual(without);
        });
      });

      it('are not found when they are not there', async () => {
        await look(async (records) => {
          expect(await records.people.find(newId())).toBeUndefined();
          expect(await records.people.findByBsn(makeBsn())).toBeUndefined();
        });
      });

      it('are added once per BSN: who comes later finds the first', async () => {
        const first = await keepPerson();
        const second = makePerson({ bsn: first.bsn });
        expect(await keep((records) => records.people.addOrFind(second))).toEqual(first);
        expect(await look((records) => records.people.find(second.id))).toBeUndefined();
      });

      it('are added once per BSN when two callers come at once', async () => {
        const bsn = makeBsn();
        const found = await Promise.all(times(10, () => keepPerson({ bsn })));
        expect(new Set(found.map(({ id }) => id)).size).toBe(1);
        expect(await look((records) => records.people.findByBsn(bsn))).toEqual(found[0]);
      });

      it('get their account and birth date as given; id, BSN and audit key stay', async () => {
        const person = await keepPerson({ account: undefined, bornOn: undefined, bornOnSource: undefined });
        const changed: Person = {
          ...person,
          bornOn: parseDay('2012-02-29'),
          bornOnSource: 'provider',
          account: makeAccount({
            displayName: 'Zoë ’t Hart',
            email: parseEmail('zoe@example.org'),
            language: 'en',
          }),
        };
        await keep((records) => records.people.update({ ...changed, auditKey: randomBytes(60) }));
        expect(await look((records) => records.people.find(person.id))).toEqual(changed);
        await keep((records) => records.people.update({ ...changed, account: undefined }));
        expect(await look((records) => records.people.find(person.id))).toEqual({
          ...changed,
          account: undefined,
        });
      });

      it('refuse an update of someone who is not there', async () => {
        await expect(keep((records) => records.people.update(makePerson()))).rejects.toThrow();
      });

      it('are given by lock as they are once it is theirs; nobody when there is no such person', async () => {
        const person = await keepPerson();
        expect(await keep((records) => records.people.lock(person.id))).toEqual(person);
        expect(await keep((records) => records.people.lock(newId()))).toBeUndefined();
      });

      it('are changed one transaction after the other when each locks first', async () => {
        const person = await keepPerson();
        const addNext = (): Promise<void> =>
          keep(async (records) => {
            await records.people.lock(person.id);
            const number = (await records.consents.latest(person.id)) + 1;
            await new Promise((resolve) => setTimeout(resolve, 2));
            await records.consents.add(makeVersion({ personId: person.id, number, state: 'lapsed' }));
          });
        await Promise.all(times(20, addNext));
        expect(await look((records) => records.consents.latest(person.id))).toBe(20);
      });
    });

    describe('versions of choices', () => {
      it('come back as they were added, newest first', async () => {
        const { id: personId } = await keepPerson();
        const choices = [
          makeChoice({ holder: 'group:pharmacy', answer: 'no' }),
          makeChoice({ requester: 'group:eu' }),
        ];
        const versions = [
          makeVersion({ personId, number: 1, state: 'superseded', choices }),
          makeVersion({
            personId,
            number: 2,
            madeBy: { kind: 'provider', ura: '00000012', clientId: 'his' },
            restoredFrom: 1,
          }),
          makeVersion({ personId, number: 3, state: 'refused', option: 'none', decidedBy: newId() }),
          makeVersion({ personId, number: 4, state: 'awaiting-guardian' }),
        ];
        await keep(async ({ consents }) => {
          for (const version of versions) await consents.add(version);
        });
        await look(async ({ consents }) => {
          expect(await consents.list(personId)).toEqual([...versions].reverse());
          expect(await consents.find(personId, 1)).toEqual(versions[0]);
          expect(await consents.inForce(personId)).toEqual(versions[1]);
          expect(await consents.awaiting(personId)).toEqual(versions[3]);
          expect(await consents.latest(personId)).toBe(4);
        });
      });

      it('are absent for someone who never chose', async () => {
        const { id: personId } = await keepPerson();
        await look(async ({ consents }) => {
          expect(await consents.inForce(personId)).toBeUndefined();
          expect(await consents.awaiting(personId)).toBeUndefined();
          expect(await consents.find(personId, 1)).toBeUndefined();
          expect(await consents.list(personId)).toEqual([]);
          expect(await consents.latest(personId)).toBe(0);
        });
      });

      it.each(['in-force', 'awaiting-guardian', 'proposed'] as const)(
        'are at most one %s per person',
        async (state) => {
          const { id: personId } = await keepPerson();
          await keep((records) => records.consents.add(makeVersion({ personId, number: 1, state })));
          const second = keep((records) => records.consents.add(makeVersion({ personId, number: 2, state })));
          await expect(second).rejects.toThrow();
          expect(await look((records) => records.consents.latest(personId))).toBe(1);
        },
      );

      it('are one per number, and of somebody', async () => {
        const { id: personId } = await keepPerson();
        await keep((records) => records.consents.add(makeVersion({ personId, state: 'lapsed' })));
        const again = keep((records) => records.consents.add(makeVersion({ personId, state: 'lapsed' })));
        await expect(again).rejects.toThrow();
        await expect(
          keep(({ consents }) => consents.add(makeVersion({ personId: newId() }))),
        ).rejects.toThrow();
      });

      it('carry times that fit their state', async () => {
        const { id: personId } = await keepPerson();
        const never = makeVersion({ personId, inForceFrom: undefined });
        const ended = makeVersion({ personId, endedAt: new Date() });
        await expect(keep(({ consents }) => consents.add(never))).rejects.toThrow();
        await expect(keep(({ consents }) => consents.add(ended))).rejects.toThrow();
      });

      it('move on from the named state only', async () => {
        const { id: personId } = await keepPerson();
        const at = new Date('2026-11-02T10:00:00.123Z');
        const guardianId = newId();
        const version = makeVersion({ personId, state: 'awaiting-guardian' });
        await keep((records) => records.consents.add(version));
        await keep(async ({ consents }) => {
          expect(await consents.move(version, 'in-force', 'superseded', at)).toBe(false);
          expect(await consents.move({ personId, number: 9 }, 'in-force', 'superseded', at)).toBe(false);
          expect(await consents.move(version, 'awaiting-guardian', 'in-force', at, guardianId)).toBe(true);
          expect(await consents.move(version, 'awaiting-guardian', 'in-force', at)).toBe(false);
        });
        const inForce = { ...version, state: 'in-force', inForceFrom: at, decidedBy: guardianId };
        expect(await look((records) => records.consents.inForce(personId))).toEqual(inForce);
        const until = later(at, 1);
        await keep(({ consents }) => consents.move(version, 'in-force', 'superseded', until));
        const superseded = { ...inForce, state: 'superseded', endedAt: until };
        expect(await look((records) => records.consents.find(personId, 1))).toEqual(superseded);
      });

      it('do not move back', async () => {
        const { id: personId } = await keepPerson();
        const version = makeVersion({ personId, state: 'superseded' });
        await keep((records) => records.consents.add(version));
        const back = keep(({ consents }) => consents.move(version, 'superseded', 'in-force', new Date()));
        await expect(back).rejects.toThrow();
      });

      it('move once when many try at once', async () => {
        const { id: personId } = await keepPerson();
        const version = makeVersion({ personId, state: 'awaiting-guardian' });
        await keep((records) => records.consents.add(version));
        const moved = await Promise.all(
          times(10, () =>
            keep(({ consents }) => consents.move(version, 'awaiting-guardian', 'refused', new Date())),
          ),
        );
        expect(moved.filter(Boolean)).toHaveLength(1);
      });
    });

    describe('pairing codes', () => {
      const now = new Date();
      // Selectors have four characters; each test takes its own.
      let taken = 0;
      const selector = (): string => String((taken += 1)).padStart(4, '0');

      it('are found while they live, and die at their end', async () => {
        const { id: childId } = await keepPerson();
        const code = makeKeptCode({ childId, selector: selector(), madeAt: now });
        expect(await keep(({ guardianship }) => guardianship.addCode(code))).toBe(true);
        await keep(async ({ guardianship }) => {
          expect(await guardianship.liveCode(childId, now, 5)).toEqual(code);
          expect(await guardianship.countTry(code.selector, now, 5)).toEqual(code);
          expect(await guardianship.liveCode(childId, code.expiresAt, 5)).toBeUndefined();
          expect(await guardianship.countTry(code.selector, code.expiresAt, 5)).toBeUndefined();
          expect(await guardianship.useCode(code.selector, childId, code.expiresAt)).toBe(false);
          expect(await guardianship.countTry('ZZZZ', now, 5)).toBeUndefined();
          expect(await guardianship.liveCode(newId(), now, 5)).toBeUndefined();
        });
      });

      it('die after the given number of tries', async () => {
        const { id: childId } = await keepPerson();
        const code = makeKeptCode({ childId, selector: selector(), madeAt: now });
        await keep(({ guardianship }) => guardianship.addCode(code));
        const tries = await Promise.all(
          times(CALLERS, () => keep(({ guardianship }) => guardianship.countTry(code.selector, now, 5))),
        );
        expect(tries.filter((found) => found !== undefined)).toHaveLength(5);
        expect(await look(({ guardianship }) => guardianship.liveCode(childId, now, 5))).toBeUndefined();
        expect(await look(({ guardianship }) => guardianship.liveCode(childId, now, 6))).toEqual(code);
      });

      it('die when the child makes another', async () => {
        const { id: childId } = await keepPerson();
        const [first, second] = [selector(), selector()];
        const code = makeKeptCode({ childId, selector: second, madeAt: now });
        await keep(({ guardianship }) =>
          guardianship.addCode(makeKeptCode({ childId, selector: first, madeAt: now })),
        );
        await keep(({ guardianship }) => guardianship.countTry(first, now, 5));
        await keep(({ guardianship }) => guardianship.addCode(code));
        await keep(async ({ guardianship }) => {
          expect(await guardianship.countTry(first, now, 5)).toBeUndefined();
          expect(await guardianship.useCode(first, childId, now)).toBe(false);
          expect(await guardianship.liveCode(childId, now, 1)).toEqual(code);
        });
        const other = await keepPerson();
        const freed = makeKeptCode({ childId: other.id, selector: first, madeAt: now });
        expect(await keep(({ guardianship }) => guardianship.addCode(freed))).toBe(true);
      });

      it('do not share a selector while one lives; nothing is kept of the other', async () => {
        const [a, b] = [await keepPerson(), await keepPerson()];
        const [shared, own] = [selector(), selector()];
        const codeOfB = makeKeptCode({ childId: b.id, selector: own, madeAt: now });
        await keep(({ guardianship }) =>
          guardianship.addCode(makeKeptCode({ childId: a.id, selector: shared, madeAt: now })),
        );
        await keep(({ guardianship }) => guardianship.addCode(codeOfB));
        const clash = makeKeptCode({ childId: b.id, selector: shared, madeAt: now });
        expect(await keep(({ guardianship }) => guardianship.addCode(clash))).toBe(false);
        expect(await look(({ guardianship }) => guardianship.liveCode(b.id, now, 5))).toEqual(codeOfB);
      });

      it('leave their selector to others once they expired', async () => {
        const [a, b] = [await keepPerson(), await keepPerson()];
        const shared = selector();
        const old = makeKeptCode({ childId: a.id, selector: shared, madeAt: now });
        await keep(({ guardianship }) => guardianship.addCode(old));
        const next = makeKeptCode({ childId: b.id, selector: shared, madeAt: old.expiresAt });
        expect(await keep(({ guardianship }) => guardianship.addCode(next))).toBe(true);
        const at = later(old.expiresAt, 1);
        expect(await keep(({ guardianship }) => guardianship.countTry(shared, at, 5))).toEqual(next);
      });

      it('end together, and free their selector', async () => {
        const { id: childId } = await keepPerson();
        const code = makeKeptCode({ childId, selector: selector(), madeAt: now });
        await keep(({ guardianship }) => guardianship.addCode(code));
        await keep(({ guardianship }) => guardianship.endCodes(childId));
        await keep(async ({ guardianship }) => {
          expect(await guardianship.countTry(code.selector, now, 5)).toBeUndefined();
          expect(await guardianship.liveCode(childId, now, 5)).toBeUndefined();
        });
        const { id: other } = await keepPerson();
        expect(await keep(({ guardianship }) => guardianship.addCode({ ...code, childId: other }))).toBe(
          true,
        );
      });

      it(`are used once by ${CALLERS} callers at once`, async () => {
        const { id: childId } = await keepPerson();
        const code = makeKeptCode({ childId, selector: selector(), madeAt: now });
        await keep(({ guardianship }) => guardianship.addCode(code));
        const used = await Promise.all(
          times(CALLERS, () => keep(({ guardianship }) => guardianship.useCode(code.selector, childId, now))),
        );
        expect(used.filter(Boolean)).toHaveLength(1);
        expect(
          await keep(({ guardianship }) => guardianship.countTry(code.selector, now, 5)),
        ).toBeUndefined();
      });

      it("are dead when the records' own clock says so, whatever moment the caller gives", async () => {
        const { id: childId } = await keepPerson();
        const madeAt = later(now, -10);
        const code = makeKeptCode({ childId, selector: selector(), madeAt, expiresAt: later(now, -5) });
        await keep(({ guardianship }) => guardianship.addCode(code));
        await keep(async ({ guardianship }) => {
          expect(await guardianship.liveCode(childId, madeAt, 5)).toBeUndefined();
          expect(await guardianship.countTry(code.selector, madeAt, 5)).toBeUndefined();
          expect(await guardianship.useCode(code.selector, childId, madeAt)).toBe(false);
        });
        const { id: other } = await keepPerson();
        const next = makeKeptCode({ childId: other, selector: code.selector, madeAt });
        expect(await keep(({ guardianship }) => guardianship.addCode(next))).toBe(true);
      });

      it('open nothing when they were tried more often than is allowed', async () => {
        const { id: childId } = await keepPerson();
        const code = makeKeptCode({ childId, selector: selector(), madeAt: now });
        await keep(({ guardianship }) => guardianship.addCode(code));
        const tryOnce = () => keep(({ guardianship }) => guardianship.countTry(code.selector, now, 100));
        for (let tries = 0; tries <= MOST_TRIES_PER_CODE; tries++) await tryOnce();
        expect(await keep(({ guardianship }) => guardianship.useCode(code.selector, childId, now))).toBe(
          false,
        );
      });

      it('open at the last try that is allowed', async () => {
        const { id: childId } = await keepPerson();
        const code = makeKeptCode({ childId, selector: selector(), madeAt: now });
        await keep(({ guardianship }) => guardianship.addCode(code));
        const tryOnce = () =>
          keep(({ guardianship }) => guardianship.countTry(code.selector, now, MOST_TRIES_PER_CODE));
        for (let tries = 0; tries < MOST_TRIES_PER_CODE; tries++) expect(await tryOnce()).toEqual(code);
        expect(await keep(({ guardianship }) => guardianship.useCode(code.selector, childId, now))).toBe(
          true,
        );
      });

      it('are forgotten when their time has passed, so many at a time', async () => {
        const madeAt = later(now, -10);
        const people = await Promise.all(times(3, () => keepPerson()));
        const live = makeKeptCode({ childId: people[0]?.id ?? '', selector: selector(), madeAt: now });
        await keep(({ guardianship }) => guardianship.addCode(live));
        for (const { id: childId } of people.slice(1)) {
          const code = makeKeptCode({ childId, selector: selector(), madeAt, expiresAt: later(now, -5) });
          await keep(({ guardianship }) => guardianship.addCode(code));
        }
        const forget = (at: Date, most: number): Promise<number> =>
          keep(({ guardianship }) => guardianship.forgetBefore(at, most));
        expect(await forget(later(now, -60), 100)).toBe(0);
        expect(await forget(now, 1)).toBe(1);
        expect(await forget(later(live.expiresAt, 1), 100)).toBeGreaterThanOrEqual(1);
        expect(await forget(later(live.expiresAt, 1), 100)).toBe(0);
        expect(await look(({ guardianship }) => guardianship.liveCode(live.childId, now, 5))).toEqual(live);
      });

      it('are not used by another child', async () => {
        const [a, b] = [await keepPerson(), await keepPerson()];
        const code = makeKeptCode({ childId: a.id, selector: selector(), madeAt: now });
        await keep(({ guardianship }) => guardianship.addCode(code));
        expect(await keep(({ guardianship }) => guardianship.useCode(code.selector, b.id, now))).toBe(false);
        expect(await look(({ guardianship }) => guardianship.liveCode(a.id, now, 5))).toEqual(code);
      });
    });

    describe('tries of a guardian', () => {
      it('are counted per day, by many at once, and can be forgiven', async () => {
        const { id } = await keepPerson();
        const count = (day: string): Promise<number> =>
          keep(({ guardianship }) => guardianship.countGuardianTry(id, day));
        const counted = await Promise.all(times(10, () => count('2026-11-02')));
        expect(counted.sort((a, b) => a - b)).toEqual(times(10, (place) => place + 1));
        await keep(({ guardianship }) => guardianship.forgiveGuardianTry(id, '2026-11-02'));
        expect(await count('2026-11-02')).toBe(10);
        expect(await count('2026-11-03')).toBe(1);
      });

      it('are never fewer than none', async () => {
        const { id } = await keepPerson();
        await keep(({ guardianship }) => guardianship.forgiveGuardianTry(id, '2026-11-02'));
        expect(await keep(({ guardianship }) => guardianship.countGuardianTry(id, '2026-11-02'))).toBe(1);
        await keep(({ guardianship }) => guardianship.forgiveGuardianTry(id, '2026-11-02'));
        await keep(({ guardianship }) => guardianship.forgiveGuardianTry(id, '2026-11-02'));
        expect(await keep(({ guardianship }) => guardianship.countGuardianTry(id, '2026-11-02'))).toBe(1);
      });
    });

    describe('reviews', () => {
      it('are found by id, and by guardian newest first', async () => {
        const { id: childId } = await keepPerson();
        const guardianId = newId();
        const older = makeReview({ guardianId, childId, openedAt: new Date('2026-11-01T10:00:00Z') });
        const newer = makeReview({ guardianId, childId, openedAt: new Date('2026-11-02T10:00:00Z') });
        await keep(async ({ guardianship }) => {
          await guardianship.addReview(older);
          await guardianship.addReview(newer);
        });
        await look(async ({ guardianship }) => {
          expect(await guardianship.findReview(older.id)).toEqual(older);
          expect(await guardianship.reviewsOf(guardianId)).toEqual([newer, older]);
          expect(await guardianship.findReview(newId())).toBeUndefined();
          expect(await guardianship.findReview('no-id-at-all')).toBeUndefined();
          expect(await guardianship.reviewsOf(newId())).toEqual([]);
        });
      });

      it('are closed once, also when many try at once', async () => {
        const { id: childId } = await keepPerson();
        const review = makeReview({ guardianId: newId(), childId });
        await keep(({ guardianship }) => guardianship.addReview(review));
        const at = new Date('2026-11-02T10:00:00Z');
        const closed = await Promise.all(
          times(10, () => keep(({ guardianship }) => guardianship.closeReview(review.id, 'approved', at))),
        );
        expect(closed.filter(Boolean)).toHaveLength(1);
        const found = await look(({ guardianship }) => guardianship.findReview(review.id));
        expect(found).toEqual({ ...review, state: 'approved', decidedAt: at });
        expect(await keep(({ guardianship }) => guardianship.closeReview(newId(), 'refused', at))).toBe(
          false,
        );
      });
    });

    describe('localizations', () => {
      it('are found by id and by person, URA number and type', async () => {
        const { id: personId } = await keepPerson();
        const localization = makeLocalization({ personId });
        await keep(({ localizations }) => localizations.put(localization));
        await look(async ({ localizations }) => {
          const { id, ura } = localization;
          expect(await localizations.find(id)).toEqual(localization);
          expect(await localizations.findFor(personId, ura, 'Z3')).toEqual(localization);
          expect(await localizations.findFor(personId, ura, 'H1')).toBeUndefined();
          expect(await localizations.findFor(newId(), ura, 'Z3')).toBeUndefined();
          expect(await localizations.find(newId())).toBeUndefined();
          expect(await localizations.find('no-id-at-all')).toBeUndefined();
        });
      });

      it('change under the same id; an end can come and go', async () => {
        const { id: personId } = await keepPerson();
        const localization = makeLocalization({ personId });
        const ended = { ...localization, endedAt: new Date('2026-11-02T10:00:00Z') };
        const renewed = { ...localization, renewedAt: new Date('2026-11-03T10:00:00Z'), clientId: 'another' };
        for (const next of [localization, ended, renewed]) {
          await keep(({ localizations }) => localizations.put(next));
          expect(await look(({ localizations }) => localizations.find(localization.id))).toEqual(next);
        }
      });

      it('are listed oldest first as long as they have not ended', async () => {
        const { id: personId } = await keepPerson();
        const newer = makeLocalization({ personId, registeredAt: new Date('2026-11-02T10:00:00Z') });
        const older = makeLocalization({ personId, registeredAt: new Date('2026-11-01T10:00:00Z') });
        const ended = makeLocalization({ personId, endedAt: new Date() });
        await keep(async ({ localizations }) => {
          for (const each of [newer, older, ended]) await localizations.put(each);
        });
        expect(await look(({ localizations }) => localizations.activeOf(personId))).toEqual([older, newer]);
        expect(await look(({ localizations }) => localizations.findFor(personId, ended.ura, 'Z3'))).toEqual(
          ended,
        );
      });

      it('are one per person, URA number and type', async () => {
        const { id: personId } = await keepPerson();
        const localization = makeLocalization({ personId });
        await keep(({ localizations }) => localizations.put(localization));
        const second = keep(({ localizations }) => localizations.put({ ...localization, id: newId() }));
        await expect(second).rejects.toThrow();
      });
    });

    describe('providers', () => {
      it('are counted as added, changed or unchanged; those not named stay', async () => {
        const [a, b, c] = [makeProvider(), makeProvider(), makeProvider()];
        const put = (given: readonly (typeof a)[]) => keep(({ providers }) => providers.putAll(given));
        expect(await put([a, b])).toEqual({ added: 2, changed: 0, unchanged: 0 });
        const renamed = { ...b, name: 'Praktijk De Eik' };
        const moreTypes = { ...a, types: ['Z3', 'K3'] as const };
        expect(await put([a, renamed, c])).toEqual({ added: 1, changed: 1, unchanged: 1 });
        expect(await put([moreTypes])).toEqual({ added: 0, changed: 1, unchanged: 0 });
        expect(await put([])).toEqual({ added: 0, changed: 0, unchanged: 0 });
        await look(async ({ providers }) => {
          expect(await providers.find(a.ura)).toEqual(moreTypes);
          expect(await providers.find(b.ura)).toEqual(renamed);
          expect(await providers.find(makeUra())).toBeUndefined();
          const found = await providers.findAll([c.ura, a.ura, makeUra()]);
          expect(found).toEqual([moreTypes, c].sort((x, y) => (x.ura < y.ura ? -1 : 1)));
          expect(await providers.findAll([])).toEqual([]);
        });
      });

      it('count a number named twice once; the last one stands', async () => {
        const provider = makeProvider();
        const last = { ...provider, place: 'Assen' };
        const count = await keep(({ providers }) => providers.putAll([provider, last]));
        expect(count).toEqual({ added: 1, changed: 0, unchanged: 0 });
        expect(await look(({ providers }) => providers.find(provider.ura))).toEqual(last);
      });

      it('are searched by part of name and place in any case, by type, in pages by number', async () => {
        const mark = randomUUID().slice(0, 8);
        const named = (name: string, place: string, types: readonly ('Z3' | 'K3' | 'V4')[]) =>
          makeProvider({ name: `${name} ${mark}`, place, types });
        const all = [
          named('Élan 100%', 'Súdwest', ['Z3']),
          named('elan', 'Zwolle', ['V4']),
          named('Élan_x', 'zwolle-Zuid', ['K3', 'Z3']),
        ].sort((x, y) => (x.ura < y.ura ? -1 : 1));
        await keep(({ providers }) => providers.putAll(all));
        const search = (asked: Parameters<Records['providers']['search']>[0]) =>
          look(({ providers }) => providers.search(asked));
        const namesOf = async (asked: Parameters<typeof search>[0]): Promise<string[]> =>
          (await search(asked)).map(({ name }) => name.slice(0, -9)).sort();

        expect(await search({ name: mark.toUpperCase(), limit: 10 })).toEqual(all);
        expect(await namesOf({ name: mark, place: 'ZWOLLE', limit: 10 })).toEqual(['elan', 'Élan_x']);
        expect(await namesOf({ name: `éLAN_X ${mark}`, limit: 10 })).toEqual(['Élan_x']);
        expect(await namesOf({ name: `%${mark}`, limit: 10 })).toEqual([]);
        expect(await namesOf({ name: `% ${mark}`, limit: 10 })).toEqual(['Élan 100%']);
        expect(await namesOf({ name: mark, types: ['K3', 'V4'], limit: 10 })).toEqual(['elan', 'Élan_x']);
        expect(await namesOf({ name: mark, types: [], limit: 10 })).toEqual([]);
        const page = await search({ name: mark, limit: 2 });
        expect(page).toEqual(all.slice(0, 2));
        expect(await search({ name: mark, after: page[1]?.ura, limit: 2 })).toEqual(all.slice(2));
      });
    });

    describe('clients', () => {
      it('are found, listed by id, and added once', async () => {
        const [b, a] = [makeClient({ id: `b-${newId()}` }), makeClient({ id: `a-${newId()}` })];
        await keep(async ({ clients }) => {
          await clients.add(b);
          await clients.add(a);
        });
        await look(async ({ clients }) => {
          expect(await clients.find(a.id)).toEqual(a);
          expect(await clients.find('nobody')).toBeUndefined();
          const listed = await clients.list();
          expect(listed.filter(({ id }) => id === a.id || id === b.id)).toEqual([a, b]);
        });
        await expect(keep(({ clients }) => clients.add(a))).rejects.toThrow();
      });

      it('are revoked once, and stay', async () => {
        const client = makeClient();
        const at = new Date('2026-11-02T10:00:00Z');
        await keep(({ clients }) => clients.add(client));
        expect(await keep(({ clients }) => clients.revoke(client.id, at))).toBe(true);
        expect(await keep(({ clients }) => clients.revoke(client.id, later(at, 1)))).toBe(false);
        expect(await keep(({ clients }) => clients.revoke('nobody', at))).toBe(false);
        expect(await look(({ clients }) => clients.find(client.id))).toEqual({ ...client, revokedAt: at });
      });
    });

    describe('the log', () => {
      // Every test writes under its own system, so that it finds its own entries only.
      const at = (minute: number): Date => new Date(Date.UTC(2026, 10, 2, 10, minute));
      const within = { from: at(0), to: at(30), limit: 100 };
      const append = (entries: readonly SealedEntry[]): Promise<void> =>
        keep(({ audit }) => audit.append(entries));
      const search = (asked: Partial<EntrySearch>): Promise<readonly SealedEntry[]> =>
        look(({ audit }) => audit.search({ ...within, ...asked }));
      const keepEntries = async (given: readonly Partial<SealedEntry>[]) => {
        const clientId = newId();
        const entries = given.map((each) => makeSealedEntry({ clientId, ...each }));
        await append(entries);
        return { clientId, entries };
      };

      it('gives entries back bit by bit, by id', async () => {
        const whole = makeSealedEntry({ leaf: Buffer.from([0, 1, 127, 128, 255, 92, 39]) });
        const bare = makeSealedEntry({
          partyTags: Buffer.alloc(0),
          kind: 'person.signed-in',
          outcome: 'done',
        });
        await append([whole, bare]);
        await append([]);
        await look(async ({ audit }) => {
          expect(await audit.find(whole.id)).toEqual(whole);
          expect(await audit.find(bare.id)).toEqual(bare);
          expect(await audit.find(newId())).toBeUndefined();
          expect(await audit.find('no-id-at-all')).toBeUndefined();
        });
      });

      it('is searched newest first, from a moment up to but not including another', async () => {
        const { clientId, entries } = await keepEntries([{ at: at(1) }, { at: at(3) }, { at: at(2) }]);
        const [one, three, two] = entries;
        expect(await search({ clientId })).toEqual([three, two, one]);
        expect(await search({ clientId, from: at(2) })).toEqual([three, two]);
        expect(await search({ clientId, to: at(3) })).toEqual([two, one]);
        expect(await search({ clientId, from: at(4) })).toEqual([]);
      });

      it('is searched by subject, party, kind and outcome', async () => {
        const { clientId, entries } = await keepEntries([
          { at: at(3) },
          { at: at(2), kind: 'location.asked', outcome: 'deny' },
          {
            at: at(1),
            kind: 'choices.saved',
            outcome: 'done',
            partyTags: Buffer.alloc(0),
          },
        ]);
        const [first, second, third] = entries;
        const tags = (...found: (Buffer | undefined)[]): Buffer[] => found.filter((tag) => tag !== undefined);
        expect(await search({ subjectTags: tags(first?.subjectTag, third?.subjectTag) })).toEqual([
          first,
          third,
        ]);
        expect(
          await search({ partyTags: tags(first?.partyTags.subarray(0, 16), second?.partyTags.subarray(16)) }),
        ).toEqual([first, second]);
        expect(await search({ partyTags: tags(first?.subjectTag) })).toEqual([]);
        expect(await search({ clientId, kinds: ['consent.checked', 'choices.saved'] })).toEqual([
          first,
          third,
        ]);
        expect(await search({ clientId, outcome: 'deny' })).toEqual([second]);
        expect(await search({ clientId, subjectTags: tags(first?.subjectTag), outcome: 'deny' })).toEqual([]);
        expect(await search({ clientId, subjectTags: [] })).toEqual([]);
        expect(await search({ clientId, kinds: [] })).toEqual([]);
      });

      it('is read page by page from the last entry of the page before, also among entries of one moment', async () => {
        const { clientId, entries } = await keepEntries(times(7, () => ({ at: at(5) })));
        const all = await search({ clientId });
        expect(all).toEqual([...entries].sort((a, b) => (a.id < b.id ? 1 : -1)));
        const pages: SealedEntry[] = [];
        let before: string | undefined;
        for (let page = 0; page < 4; page++) {
          const found = await search({ clientId, limit: 2, before });
          pages.push(...found);
          before = found.at(-1)?.id;
        }
        expect(pages).toEqual(all);
        expect(await search({ clientId, before })).toEqual([]);
        expect(await search({ clientId, before: newId() })).toEqual([]);
        expect(await search({ clientId, before: 'no-id-at-all' })).toEqual([]);
      });

      it('takes no entry twice', async () => {
        const entry = makeSealedEntry();
        await append([entry]);
        await expect(append([entry])).rejects.toThrow();
      });

      it('is open to auditors, through their own door', async () => {
        const { clientId, entries } = await keepEntries([{ at: at(7) }]);
        const [entry] = entries;
        const found = await registry.asAuditor(async (audit) => ({
          byId: await audit.find(entry?.id ?? ''),
          searched: await audit.search({ ...within, clientId }),
        }));
        expect(found).toEqual({ byId: entry, searched: [entry] });
      });

      it('has room for the half year of a moment and the next one once it was prepared', async () => {
        const moment = new Date('2029-03-01T12:00:00Z');
        await Promise.all(times(3, () => registry.prepareLog(moment)));
        const entries = ['2029-01-01T00:00:00Z', '2029-06-30T23:59:59.999Z', '2029-12-31T23:59:59.999Z'].map(
          (text) => makeSealedEntry({ at: new Date(text) }),
        );
        await append(entries);
        expect(await look(({ audit }) => audit.find(entries[2]?.id ?? ''))).toEqual(entries[2]);
      });
    });

    describe('notices', () => {
      it('are listed per person, newest first', async () => {
        const { id: personId } = await keepPerson();
        const older = makeNotice({ personId, at: new Date('2026-11-01T10:00:00Z') });
        const newer = makeNotice({ personId, at: new Date('2026-11-02T10:00:00Z'), kind: 'details-saved' });
        await keep(async ({ notices }) => {
          await notices.add(older);
          await notices.add(newer);
        });
        expect(await look(({ notices }) => notices.list(personId))).toEqual([newer, older]);
        expect(await look(({ notices }) => notices.list(newId()))).toEqual([]);
      });
    });

    describe('changes by Idempotency-Key', () => {
      it('are remembered per person, once', async () => {
        const [a, b] = [await keepPerson(), await keepPerson()];
        const remembered = {
          personId: a.id,
          key: 'key-1',
          requestHash: randomBytes(32),
          version: 3,
          at: new Date('2026-11-02T10:00:00Z'),
        };
        await keep(({ idempotency }) => idempotency.add(remembered));
        await look(async ({ idempotency }) => {
          expect(await idempotency.find(a.id, 'key-1')).toEqual(remembered);
          expect(await idempotency.find(a.id, 'key-2')).toBeUndefined();
          expect(await idempotency.find(b.id, 'key-1')).toBeUndefined();
        });
        await expect(keep(({ idempotency }) => idempotency.add(remembered))).rejects.toThrow();
      });

      it('are forgotten when they are old', async () => {
        const person = await keepPerson();
        const add = (key: string, at: Date) =>
          keep(({ idempotency }) =>
            idempotency.add({ personId: person.id, key, requestHash: Buffer.alloc(32, 1), version: 1, at }),
          );
        const now = new Date();
        await add('old-key', later(now, -10));
        await add('new-key', now);
        const forget = (): Promise<number> =>
          keep(({ idempotency }) => idempotency.forgetBefore(later(now, -5), 1));
        await add('older-key', later(now, -11));
        expect(await forget()).toBe(1);
        while ((await forget()) > 0);
        await look(async ({ idempotency }) => {
          expect(await idempotency.find(person.id, 'old-key')).toBeUndefined();
          expect(await idempotency.find(person.id, 'older-key')).toBeUndefined();
          expect(await idempotency.find(person.id, 'new-key')).toBeDefined();
        });
      });
    });

    describe('sessions', () => {
      it('of citizens and auditors are found by the hash of their secret until they end', async () => {
        const citizen = makeSession();
        const auditor = makeSession({ principal: { role: 'auditor', subject: 'a-1', name: 'A. Auditor' } });
        await keep(async ({ sessions }) => {
          await sessions.add(citizen);
          await sessions.add(auditor);
        });
        const seenAt = later(citizen.startedAt, 5);
        await keep(({ sessions }) => sessions.seen(citizen.secretHash, seenAt));
        await keep(({ sessions }) => sessions.seen(randomBytes(32), seenAt));
        await look(async ({ sessions }) => {
          expect(await sessions.find(citizen.secretHash)).toEqual({ ...citizen, seenAt });
          expect(await sessions.find(auditor.secretHash)).toEqual(auditor);
          expect(await sessions.find(randomBytes(32))).toBeUndefined();
        });
        await keep(({ sessions }) => sessions.end(citizen.secretHash));
        expect(await look(({ sessions }) => sessions.find(citizen.secretHash))).toBeUndefined();
        expect(await look(({ sessions }) => sessions.find(auditor.secretHash))).toEqual(auditor);
      });

      it(`of a sign-in under way are taken by one of ${CALLERS} callers at once`, async () => {
        const attempt = makeAttempt();
        await keep(({ sessions }) => sessions.addAttempt(attempt));
        const taken = await Promise.all(
          times(CALLERS, () => keep(({ sessions }) => sessions.takeAttempt(attempt.stateHash))),
        );
        expect(taken.filter((found) => found !== undefined)).toEqual([attempt]);
      });

      it('are forgotten after a time', async () => {
        const now = new Date();
        const [old, fresh] = [
          makeSession({ seenAt: later(now, -20) }),
          makeSession({ seenAt: later(now, -1) }),
        ];
        const [left, underWay] = [
          makeAttempt({ startedAt: later(now, -20) }),
          makeAttempt({ startedAt: now }),
        ];
        await keep(async ({ sessions }) => {
          for (const session of [old, fresh]) await sessions.add(session);
          for (const attempt of [left, underWay]) await sessions.addAttempt(attempt);
        });
        const forgetSessions = (): Promise<number> =>
          keep(({ sessions }) => sessions.forgetBefore(later(now, -15), 1));
        const forgetAttempts = (): Promise<number> =>
          keep(({ sessions }) => sessions.forgetAttemptsBefore(later(now, -10), 1));
        expect([await forgetSessions(), await forgetAttempts()]).toEqual([1, 1]);
        while ((await forgetSessions()) > 0);
        while ((await forgetAttempts()) > 0);
        await keep(async ({ sessions }) => {
          expect(await sessions.find(old.secretHash)).toBeUndefined();
          expect(await sessions.find(fresh.secretHash)).toEqual(fresh);
          expect(await sessions.takeAttempt(left.stateHash)).toBeUndefined();
          expect(await sessions.takeAttempt(underWay.stateHash)).toEqual(underWay);
        });
      });
    });

    describe('values that may be used once', () => {
      const until = later(new Date(), 10);

      it(`are used by the first of ${CALLERS} callers at once`, async () => {
        const value = newId();
        const used = await Promise.all(times(CALLERS, () => keep(({ once }) => once.use(value, until))));
        expect(used.filter(Boolean)).toHaveLength(1);
        expect(await keep(({ once }) => once.use(value, until))).toBe(false);
      });

      it('are free again when the transaction that used them fails', async () => {
        const value = newId();
        const failing = keep(async ({ once }) => {
          await once.use(value, until);
          throw new Error('no');
        });
        await expect(failing).rejects.toThrow('no');
        expect(await keep(({ once }) => once.use(value, until))).toBe(true);
      });

      it('are free again after their time', async () => {
        const value = newId();
        expect(await keep(({ once }) => once.use(value, later(new Date(), -1)))).toBe(true);
        expect(await keep(({ once }) => once.use(value, until))).toBe(true);
        expect(await keep(({ once }) => once.use(value, until))).toBe(false);
      });

      it('are forgotten once their time has passed, so many at a time', async () => {
        for (const value of [newId(), newId(), newId()]) {
          await keep(({ once }) => once.use(value, later(new Date(), -1)));
        }
        const forget = (most: number): Promise<number> =>
          keep(({ once }) => once.forgetBefore(new Date(), most));
        expect(await forget(2)).toBe(2);
        expect(await forget(100)).toBeGreaterThanOrEqual(1);
        expect(await forget(100)).toBe(0);
      });

      it("are not forgotten while the records' own clock says they last, whatever moment the caller gives", async () => {
        const value = newId();
        await keep(({ once }) => once.use(value, until));
        await keep(({ once }) => once.forgetBefore(later(until, 60), 100));
        expect(await keep(({ once }) => once.use(value, until))).toBe(false);
      });
    });

    describe('answering together', () => {
      const party = ({ ura }: { ura: Party['ura'] }, type: Party['type'] = 'Z3'): Party => ({ ura, type });
      const known = async (questions: readonly AskedQuestion[]): Promise<readonly Known[]> => {
        let seen: readonly Known[] = [];
        await registry.answerTogether(questions, (found) => {
          seen = found;
          return found.map(() => makeSealedEntry());
        });
        return seen;
      };
      const world = async () => {
        const [holder, requester] = [makeProvider(), makeProvider({ types: ['V4', 'Z3'] })];
        const client = makeClient({ uras: [holder.ura] });
        const person = await keepPerson();
        await keep(async (records) => {
          await records.providers.putAll([holder, requester]);
          await records.clients.add(client);
        });
        const question = { bsn: person.bsn, holder: party(holder), requester: party(requester, 'V4') };
        return { person, holder, requester, client, asked: { clientId: client.id, question } };
      };

      it('tells what is known for each question, in the same order', async () => {
        const { person, holder, requester, client, asked } = await world();
        const chooser = await keepPerson();
        const choices = [makeChoice({ answer: 'no' }), makeChoice({ holder: `provider:${holder.ura}` })];
        await keep(({ consents }) => consents.add(makeVersion({ personId: chooser.id, number: 1, choices })));
        await keep(({ consents }) =>
          consents.add(makeVersion({ personId: chooser.id, number: 2, state: 'awaiting-guardian' })),
        );
        const about = (change: Partial<AskedQuestion['question']>): AskedQuestion => ({
          ...asked,
          question: { ...asked.question, ...change },
        });
        const standing = {
          holderKnown: true,
          requesterKnown: true,
          client: { uras: client.uras, revokedAt: undefined },
        };
        const of = ({ id, auditKey }: Person) => ({ id, auditKey });
        expect(
          await known([
            asked,
            about({ bsn: chooser.bsn }),
            about({ bsn: makeBsn() }),
            about({ holder: party(holder, 'H1') }),
            about({ holder: party({ ura: makeUra() }) }),
            about({ requester: party(requester, 'K3') }),
            about({ requester: { country: 'BE', organisation: 'Kliniek' } }),
            { ...asked, clientId: 'nobody' },
            about({ bsn: chooser.bsn }),
          ]),
        ).toEqual([
          { ...standing, person: of(person) },
          { ...standing, person: of(chooser), version: { number: 1, choices } },
          { ...standing },
          { ...standing, person: of(person), holderKnown: false },
          { ...standing, person: of(person), holderKnown: false },
          { ...standing, person: of(person), requesterKnown: false },
          { ...standing, person: of(person) },
          { ...standing, person: of(person), client: undefined },
          { ...standing, person: of(chooser), version: { number: 1, choices } },
        ]);
      });

      it('keeps the entries before it resolves', async () => {
        const { asked } = await world();
        const entries = times(3, () => makeSealedEntry());
        await registry.answerTogether([asked], () => entries);
        const found = await look(({ audit }) => Promise.all(entries.map(({ id }) => audit.find(id))));
        expect(found).toEqual(entries);
      });

      it('keeps no entry when the decision throws, and passes the error on', async () => {
        const { asked } = await world();
        const failing = registry.answerTogether([asked], () => {
          throw new Error('undecided');
        });
        await expect(failing).rejects.toThrow('undecided');
        expect(await known([asked])).toHaveLength(1);
      });

      it('rejects, and keeps no entry, when one of them cannot be kept', async () => {
        const { asked } = await world();
        const [first, second] = [makeSealedEntry(), makeSealedEntry()];
        await keep(({ audit }) => audit.append([first]));
        await expect(registry.answerTogether([asked], () => [second, first])).rejects.toThrow();
        expect(await look(({ audit }) => audit.find(second.id))).toBeUndefined();
        expect(await known([asked])).toHaveLength(1);
      });

      it('sees every change that was kept before it was asked', async () => {
        const { person, client, asked } = await world();
        for (let number = 1; number <= 5; number++) {
          await keep(async ({ consents }) => {
            const before = await consents.inForce(person.id);
            if (before) await consents.move(before, 'in-force', 'superseded', new Date());
            await consents.add(makeVersion({ personId: person.id, number }));
          });
          expect((await known([asked]))[0]?.version?.number).toBe(number);
        }
        const at = new Date('2026-11-02T10:00:00Z');
        await keep(({ clients }) => clients.revoke(client.id, at));
        expect((await known([asked]))[0]?.client).toEqual({ uras: client.uras, revokedAt: at });
      });

      it('takes a thousand questions at a time, and none', async () => {
        const { asked } = await world();
        const answers = await known(times(1_000, () => asked));
        expect(answers).toHaveLength(1_000);
        expect(await known([])).toEqual([]);
      });

      it('answers many batches at once', async () => {
        const { person, asked } = await world();
        const answers = await Promise.all(times(CALLERS, () => known([asked, asked])));
        expect(answers.flat().every((answer) => answer.person?.id === person.id)).toBe(true);
      });
    });
  });
}
