import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeEach, describe, expect, it } from '@jest/globals';
import { randomBytes } from 'node:crypto';
import { onboardingOf } from '../../src/core/person/people.service.js';
import { ageOn, dayInAmsterdam, type Day } from '../../src/core/person/age.js';
import { GROUP_IDS, groupOf } from '../../src/core/provider/catalogue.js';
import { isDutch } from '../../src/core/provider/provider.js';
import type { Records } from '../../src/core/registry.js';
import { buildCore, type Core } from '../../src/core.module.js';
import { seedDemo, DEMO_PEOPLE, DEMO_PROVIDERS } from '../../src/demo/network.js';
import { bornOnFor, demoPerson, isStillTrue } from '../../src/demo/network-people.js';
import { demoSystemsFile, readDemoSystems } from '../../src/demo/network-systems.js';
import { MemoryRegistry } from '../memory-registry.js';

const folders: string[] = [];

function makeFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'demo-network-'));
  folders.push(folder);
  return folder;
}

const DAY_MS = 24 * 60 * 60_000;

describe('the demo network', () => {
  let now: Date;
  let core: Core;
  let dataFolder: string;

  beforeEach(() => {
    now = new Date('2026-11-21T12:00:00Z');
    const clock = { now: () => now };
    core = buildCore({
      registry: new MemoryRegistry(clock),
      auditKey: randomBytes(32),
      policy: { presumedConsent: 'allow' },
      source: 'test',
      clock,
    });
    dataFolder = makeFolder();
  });

  afterAll(() => {
    for (const folder of folders) rmSync(folder, { recursive: true, force: true });
  });

  const look = <T>(act: (records: Records) => Promise<T>): Promise<T> => core.registry.inSnapshot(act);

  async function personOf(id: string) {
    const person = await look((records) => records.people.findByBsn(demoPerson(id).bsn));
    if (!person) throw new Error(`${id} is not in the registry`);
    return person;
  }

  async function profileOf(id: string) {
    return core.consents.read((await personOf(id)).id);
  }

  /** Everything that a repeated start could double or change. */
  async function fingerprint(): Promise<unknown> {
    const entries = await core.registry.asAuditor((audit) =>
      audit.search({ from: new Date(0), to: new Date(now.getTime() + DAY_MS * 9999), limit: 100_000 }),
    );
    const people = await Promise.all(
      DEMO_PEOPLE.map(async ({ bsn }) => {
        const person = await look((records) => records.people.findByBsn(bsn));
        if (!person) return undefined;
        const profile = await core.consents.read(person.id);
        const held = await core.localizations.ofPerson(person.id);
        return [
          person.bornOn,
          profile.latest,
          profile.inForce?.number,
          profile.awaiting?.number,
          held.map(({ localization }) => localization.id),
        ];
      }),
    );
    return { entries: entries.map(({ id }) => id), people, clients: await core.clients.list() };
  }

  it('has at least 30 providers over all 7 groups, some with two types, one GP practice with its own pharmacy', () => {
    expect(DEMO_PROVIDERS.length).toBeGreaterThanOrEqual(30);
    const groups = new Set(DEMO_PROVIDERS.flatMap(({ types }) => types.map(groupOf)));
    expect([...groups].sort()).toEqual([...GROUP_IDS].sort());
    expect(new Set(DEMO_PROVIDERS.map(({ ura }) => ura)).size).toBe(DEMO_PROVIDERS.length);
    expect(DEMO_PROVIDERS.filter(({ types }) => types.length > 1).length).toBeGreaterThan(3);
    expect(DEMO_PROVIDERS.some(({ types }) => types.includes('K3'))).toBe(true);
  });

  it('names persons with BSNs of their own from the test range only, and each situation is told', () => {
    expect(DEMO_PEOPLE.length).toBeGreaterThanOrEqual(12);
    expect(new Set(DEMO_PEOPLE.map(({ bsn }) => bsn)).size).toBe(DEMO_PEOPLE.length);
    for (const { id, bsn, story } of DEMO_PEOPLE) {
      expect(bsn).toMatch(/^9999/);
      expect(id).not.toContain(bsn);
      expect(story.nl.length * story.en.length).toBeGreaterThan(0);
    }
  });

  it('puts every person in the situation that the story tells', async () => {
    await seedDemo(core, { dataFolder });
    expect((await profileOf('anna')).inForce?.option).toBe('all');
    expect((await profileOf('bas')).inForce?.option).toBe('none');
    expect((await profileOf('chantal')).inForce?.option).toBe('certain');
    expect((await profileOf('dirk')).inForce?.choices.some((choice) => choice.requester !== 'all')).toBe(
      true,
    );
    expect((await profileOf('esra')).latest).toBe(0);
    expect((await profileOf('frans')).inForce?.madeBy.kind).toBe('provider');
    expect((await profileOf('hanna')).awaiting?.number).toBe(1);
    expect((await profileOf('hanna')).inForce).toBeUndefined();
    expect((await profileOf('ilias')).inForce?.decidedBy).toBe((await personOf('esra')).id);
    expect((await profileOf('jip')).awaiting?.number).toBe(1);
    expect(onboardingOf(await personOf('karin'))).toBe('details-missing');
    expect((await core.localizations.ofPerson((await personOf('leni')).id)).length).toBeGreaterThan(9);
    for (const id of ['vera', 'wout', 'xandra'])
      await expect(personOf(id)).rejects.toThrow('not in the registry');
  });

  it('leaves entries that the persons themselves can read, with a notice for the recorded choice', async () => {
    await seedDemo(core, { dataFolder });
    const { id } = await personOf('frans');
    const { entries } = await core.activity.of(id, { limit: 50 });
    expect(entries.map(({ kind }) => kind).sort()).toEqual(
      ['choices.saved', 'localization.registered', 'localization.registered'].sort(),
    );
    const notices = await look((records) => records.notices.list(id));
    expect(notices.map(({ kind }) => kind)).toContain('choices-saved');
  });

  it('answers for its persons as their stories say', async () => {
    await seedDemo(core, { dataFolder });
    const systems = readDemoSystems(dataFolder) ?? [];
    const ask = async (id: string, holderUra: string, requesterUra: string): Promise<string | undefined> => {
      const system = systems.find(({ uras }) => uras.some((ura) => ura === holderUra));
      const [holder, requester] = [holderUra, requesterUra].map((wanted) => {
        const provider = DEMO_PROVIDERS.find(({ ura }) => ura === wanted);
        const type = provider?.types[0];
        if (!provider || !type) throw new Error(`no provider ${wanted}`);
        return { ura: provider.ura, type };
      });
      if (!system || !holder || !requester || !isDutch(requester)) throw new Error('nobody to ask');
      const { results } = await core.decisions.answerClosed(
        { clientId: system.clientId },
        { bsn: demoPerson(id).bsn, holder, requester, purpose: 'TREAT', dataCategories: ['GGC013'] },
      );
      return results[0]?.decision;
    };
    expect(await ask('anna', '99900101', '99900301')).toBe('permit');
    expect(await ask('bas', '99900101', '99900301')).toBe('deny');
    expect(await ask('chantal', '99900301', '99900302')).toBe('deny');
    expect(await ask('chantal', '99900302', '99900301')).toBe('permit');
    expect(await ask('dirk', '99900102', '99900301')).toBe('permit');
    expect(await ask('dirk', '99900102', '99900201')).toBe('deny');
    expect(await ask('esra', '99900102', '99900301')).toBe('deny');
    expect(await ask('hanna', '99900101', '99900301')).toBe('deny');
    expect(await ask('ilias', '99900102', '99900301')).toBe('permit');
  });

  it('finds everything again at a second start: nothing doubled, nothing changed', async () => {
    const first = await seedDemo(core, { dataFolder });
    const before = await fingerprint();
    expect(await seedDemo(core, { dataFolder })).toEqual(first);
    expect(await fingerprint()).toEqual(before);
  });

  it('leaves alone what people changed since', async () => {
    await seedDemo(core, { dataFolder });
    const { id } = await personOf('anna');
    await core.consents.save(id, {
      draft: { option: 'none', choices: [] },
      ifMatch: '"1.1.0"',
      idempotencyKey: undefined,
    });
    await seedDemo(core, { dataFolder });
    expect((await profileOf('anna')).inForce?.option).toBe('none');
  });

  it('broken off at any transaction, the next start completes it to the same network', async () => {
    const counted = await countTransactions(core, () => seedDemo(core, { dataFolder: makeFolder() }));
    expect(counted).toBeGreaterThan(50);
    const whole = await shape();
    for (let stop = 0; stop < counted; stop += 7) {
      const clock = { now: () => now };
      core = buildCore({
        registry: new MemoryRegistry(clock),
        auditKey: randomBytes(32),
        policy: { presumedConsent: 'allow' },
        source: 'test',
        clock,
      });
      const folder = makeFolder();
      const restore = failAfter(core, stop);
      await expect(seedDemo(core, { dataFolder: folder })).rejects.toThrow('broken off');
      restore();
      await seedDemo(core, { dataFolder: folder });
      expect(await shape()).toEqual(whole);
    }
  });

  /** How the network looks, without ids and without how often a pairing code was needed. */
  async function shape(): Promise<unknown> {
    const { people, clients } = (await fingerprint()) as {
      people: (unknown[] | undefined)[];
      clients: unknown[];
    };
    return {
      people: people.map((person) => person && [...person.slice(0, 4), (person[4] as unknown[]).length]),
      clients: clients.length,
    };
  }

  it('keeps ages and coming birthdays true when it is started again long after', async () => {
    await seedDemo(core, { dataFolder });
    now = new Date(now.getTime() + 400 * DAY_MS);
    await seedDemo(core, { dataFolder });
    const today = dayInAmsterdam(now);
    for (const demo of DEMO_PEOPLE.filter(({ hasAccount }) => hasAccount)) {
      const { bornOn } = await personOf(demo.id);
      expect(bornOn && ageOn(bornOn, today)).toBe(demo.age);
    }
    const { bornOn } = await personOf('jip');
    const inFourDays = dayInAmsterdam(new Date(now.getTime() + 4 * DAY_MS));
    expect(bornOn && ageOn(bornOn, inFourDays)).toBe(16);
  });

  it('gives true birth dates on every day of four years', () => {
    for (let day = 0; day < 4 * 366; day += 1) {
      const today = new Date(Date.UTC(2026, 0, 1) + day * DAY_MS).toISOString().slice(0, 10) as Day;
      for (const demo of DEMO_PEOPLE) {
        const born = bornOnFor(demo, today);
        expect([today, demo.id, ageOn(born, today)]).toEqual([today, demo.id, demo.age]);
        expect([today, demo.id, isStillTrue(demo, born, today)]).toEqual([today, demo.id, true]);
      }
    }
  });

  it('keeps the keys of the systems in a file that only its owner can read, the same at every start', async () => {
    await seedDemo(core, { dataFolder });
    const file = demoSystemsFile(dataFolder);
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(statSync(join(dataFolder, 'demo-system-keys.json')).mode & 0o777).toBe(0o600);
    const before = readDemoSystems(dataFolder);
    await seedDemo(core, { dataFolder });
    expect(readDemoSystems(dataFolder)).toEqual(before);
    expect(before?.map(({ role }) => role)).toEqual(['gp', 'hospital', 'pharmacy', 'other']);
    expect(JSON.stringify(await core.clients.list())).not.toContain('"d"');
  });
});

/** Counts the transactions that an act takes. */
async function countTransactions(core: Core, act: () => Promise<unknown>): Promise<number> {
  let count = 0;
  const restore = onTransaction(core, () => (count += 1));
  await act();
  restore();
  return count;
}

/** Makes every transaction after the first `most` fail, until the given function is called. */
function failAfter(core: Core, most: number): () => void {
  let count = 0;
  return onTransaction(core, () => {
    count += 1;
    if (count > most) throw new Error('broken off');
  });
}

function onTransaction({ registry }: Core, hear: () => void): () => void {
  const original = registry.inTransaction.bind(registry);
  registry.inTransaction = async (act, reads) => {
    hear();
    return original(act, reads);
  };
  return () => {
    registry.inTransaction = original;
  };
}
