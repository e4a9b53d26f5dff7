import { about } from '../core/audit/journal.js';
import { choicesOf, type Draft } from '../core/consent/choices.js';
import { tagOf } from '../core/consent/profile.js';
import type { Asker } from '../core/decision/question.js';
import { type Day, dayInAmsterdam } from '../core/person/age.js';
import { parseEmail } from '../core/person/email.js';
import { type Person, TERMS_VERSION } from '../core/person/person.js';
import { CATALOGUE_VERSION } from '../core/provider/catalogue.js';
import type { Ura } from '../core/provider/ura.js';
import type { Records } from '../core/registry.js';
import type { Core } from '../core.module.js';
import {
  bornOnFor,
  DEMO_AUDITORS,
  DEMO_PEOPLE,
  type DemoAuditor,
  type DemoPerson,
  demoPerson,
  isStillTrue,
} from './network-people.js';
import { DEMO_PROVIDERS } from './network-providers.js';
import { demoSystemsFile, type DemoSystem, keepDemoSystems } from './network-systems.js';

export { DEMO_AUDITORS, DEMO_PEOPLE } from './network-people.js';
export { DEMO_PROVIDERS } from './network-providers.js';

/** What the demonstration consists of, for the pick page and for the words printed at start. */
export interface DemoSummary {
  readonly people: readonly (DemoPerson & { readonly bornOn: Day })[];
  readonly auditors: readonly DemoAuditor[];
  readonly systems: readonly Omit<DemoSystem, 'key'>[];
  /** The file with the systems' client ids and keys. */
  readonly systemsFile: string;
  readonly providers: number;
  readonly localizations: number;
}

/**
 * Fills the registry with the demo network, through the same services that people and systems use, so that every entry and notice
 * is there too. What is there already stays as it is, also when somebody changed it since; a start that was broken off is picked
 * up where it stopped. Only birth dates follow the calendar: "almost 16" is true at every start.
 */
export async function seedDemo(core: Core, { dataFolder }: { dataFolder: string }): Promise<DemoSummary> {
  await keepProviders(core);
  const systems = await keepDemoSystems(core.clients, dataFolder);
  const network = new Network(core, systems);
  for (const person of DEMO_PEOPLE) await network.keepPerson(person);
  for (const person of DEMO_PEOPLE) await network.keepSituation(person);
  const people = await Promise.all(
    DEMO_PEOPLE.map(async (person) => ({ ...person, bornOn: await network.bornOnOf(person) })),
  );
  const localizations = DEMO_PEOPLE.reduce((sum, { heldBy }) => sum + heldBy.length, 0);
  return {
    people,
    auditors: DEMO_AUDITORS,
    systems: systems.map(({ role, name, clientId, uras, scopes }) => ({
      role,
      name,
      clientId,
      uras,
      scopes,
    })),
    systemsFile: demoSystemsFile(dataFolder),
    providers: DEMO_PROVIDERS.length,
    localizations,
  };
}

function keepProviders({ registry, journal }: Core): Promise<void> {
  return registry.inTransaction(async (records) => {
    const { added, changed } = await records.providers.putAll(DEMO_PROVIDERS);
    if (added + changed === 0) return;
    await journal.write(records, {
      kind: 'providers.imported',
      actor: { kind: 'operator' },
      subject: { kind: 'nobody' },
      outcome: 'done',
      detail: { count: added + changed, note: 'the demo network' },
    });
  });
}

class Network {
  private readonly today: Day;

  constructor(
    private readonly core: Core,
    private readonly systems: readonly DemoSystem[],
  ) {
    this.today = dayInAmsterdam(core.clock.now());
  }

  /** Account, birth date and who holds data. Someone without either is left for their first sign-in. */
  async keepPerson(demo: DemoPerson): Promise<void> {
    for (const [ura, type] of demo.heldBy) {
      const known = await this.find(demo);
      const present =
        known &&
        (await this.core.registry.inSnapshot((records) =>
          records.localizations.findFor(known.id, ura, type),
        ));
      if (present) continue;
      await this.core.localizations.register(this.askerFor(ura), { bsn: demo.bsn, holder: { ura, type } });
    }
    const person = demo.hasAccount ? await this.add(demo) : await this.find(demo);
    if (!person) return;
    if (demo.hasAccount && !person.account) await this.completeFirstUse(demo, person);
    else if (person.bornOn && !isStillTrue(demo, person.bornOn, this.today))
      await this.moveBirthDate(demo, person);
  }

  /** The choices, for someone who never chose. */
  async keepSituation(demo: DemoPerson): Promise<void> {
    const { situation } = demo;
    if (situation.kind === 'nothing') return;
    const { id } = await this.add(demo);
    if (situation.kind === 'chosen-by-provider') {
      await this.recordAtProvider(id, situation.draft, situation.ura);
      return;
    }
    const profile = await this.core.consents.read(id);
    if (profile.latest === 0) {
      await this.core.consents.save(id, {
        draft: situation.draft,
        ifMatch: tagOf(profile),
        idempotencyKey: undefined,
      });
    }
    if (situation.kind === 'approved') await this.approve(id, situation.guardian);
  }

  /** The birth date that is kept, or the one that someone who never signed in would fill in. */
  async bornOnOf(demo: DemoPerson): Promise<Day> {
    const known = await this.find(demo);
    return known?.bornOn ?? bornOnFor(demo, this.today);
  }

  private completeFirstUse(demo: DemoPerson, { id }: Person): Promise<Person> {
    return this.core.people.saveDetails(id, {
      displayName: demo.name,
      email: parseEmail(`${demo.id}@example.nl`),
      bornOn: bornOnFor(demo, this.today),
      language: 'nl',
      termsVersion: TERMS_VERSION,
    });
  }

  /** No service moves a birth date, rightly so; the calendar of a demonstration has to. */
  private moveBirthDate(demo: DemoPerson, { id }: Person): Promise<void> {
    return this.core.registry.inTransaction(async (records) => {
      const person = await records.people.lock(id);
      if (!person) return;
      await records.people.update({ ...person, bornOn: bornOnFor(demo, this.today) });
      await this.core.journal.write(records, {
        kind: 'person.details-saved',
        actor: { kind: 'operator' },
        subject: about(person),
        outcome: 'done',
        detail: { note: 'the birth date of a demo person follows the calendar' },
      });
    });
  }

  /** A choice that a care provider recorded at the person's request: version, entry and notice together. */
  private recordAtProvider(personId: string, draft: Draft, ura: Ura): Promise<void> {
    return this.core.registry.inTransaction(async (records) => {
      const person = await records.people.lock(personId);
      if (!person || (await records.consents.latest(personId)) > 0) return;
      const { clientId } = this.askerFor(ura);
      const now = this.core.clock.now();
      await records.consents.add({
        personId,
        number: 1,
        state: 'in-force',
        option: draft.option,
        choices: choicesOf(draft),
        catalogueVersion: CATALOGUE_VERSION,
        madeAt: now,
        madeBy: { kind: 'provider', ura, clientId },
        inForceFrom: now,
      });
      const entry = await this.core.journal.write(records, {
        kind: 'choices.saved',
        actor: { kind: 'client', clientId },
        subject: about(person),
        outcome: 'done',
        detail: { version: 1, provider: { ura } },
      });
      await this.core.journal.notify(records, personId, 'choices-saved', entry);
    });
  }

  /** The parent's part, exactly as parents do it: with a code and the child's birth date. */
  private async approve(childId: string, guardianId: string): Promise<void> {
    const { awaiting, inForce } = await this.core.consents.read(childId);
    if (!awaiting || inForce) return;
    const child = await this.core.people.find(childId);
    const guardian = await this.add(demoPerson(guardianId));
    const { code } = await this.core.guardianship.makeCode(childId);
    if (!child.bornOn) throw new Error('a child that chose has a birth date');
    const { review } = await this.core.guardianship.openReview(guardian.id, {
      code,
      childBornOn: child.bornOn,
    });
    await this.core.guardianship.decide(guardian.id, review.id, {
      decision: 'approve',
      declaresGuardianship: true,
    });
  }

  private find({ bsn }: DemoPerson): Promise<Person | undefined> {
    return this.core.registry.inSnapshot((records) => records.people.findByBsn(bsn));
  }

  private add({ bsn }: DemoPerson): Promise<Person> {
    return this.core.registry.inTransaction((records: Records) => this.core.people.knownBy(records, bsn));
  }

  private askerFor(ura: Ura): Asker {
    const system = this.systems.find(({ uras }) => uras.includes(ura));
    if (!system) throw new Error(`no demo system speaks for provider ${ura}`);
    return { clientId: system.clientId };
  }
}
