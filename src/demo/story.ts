import type { Choice } from '../core/consent/choices.js';
import { dayInAmsterdam } from '../core/person/age.js';
import { TERMS_VERSION } from '../core/person/person.js';
import type { Party } from '../core/provider/provider.js';
import { bornOnFor, DEMO_AUDITORS, type DemoPerson, demoPerson } from './network-people.js';
import { DEMO_PROVIDERS, DEMO_URA } from './network-providers.js';
import type { DemoSystem, DemoSystemRole } from './network-systems.js';
import { Teller } from './story-teller.js';
import { Browser, CareSystem } from './story-visitors.js';

/** What a story needs to be played. */
export interface StoryParts {
  /** Where the registry runs. */
  readonly publicUrl: string;
  /** The demo systems with their keys. */
  readonly systems: readonly DemoSystem[];
  readonly print: (line: string) => void;
}

/** What the story left in the log. */
export interface StoryTold {
  readonly steps: number;
  readonly entries: number;
}

/** Proof that an answer was logged, as the asking system got it. */
interface Receipt {
  readonly entryId: string;
  readonly leafHash: string;
}

/** An entry as a person sees it in their own activity. */
interface Seen {
  readonly id: string;
  readonly at: string;
  readonly kind: string;
  readonly outcome: string;
  readonly requester?: { readonly name?: string; readonly ura?: string };
}

const GP: Party = { ura: DEMO_URA.gp, type: 'Z3' };
const HOSPITAL: Party = { ura: DEMO_URA.hospital, type: 'V4' };
const PHARMACY: Party = { ura: DEMO_URA.pharmacy, type: 'J8' };

function nameOf({ ura }: Pick<Party, 'ura'>): string {
  return DEMO_PROVIDERS.find((provider) => provider.ura === ura)?.name ?? ura;
}

/** "General practice may share with this group", and, said apart, "not with that one". */
function sharedWith(group: 'hospital' | 'pharmacy'): readonly Choice[] {
  const other = group === 'hospital' ? 'pharmacy' : 'hospital';
  const holder = 'group:general-practice';
  return [
    { holder, requester: `group:${group}`, dataCategory: 'all', answer: 'yes' },
    { holder, requester: `group:${other}`, dataCategory: 'all', answer: 'no' },
  ];
}

/**
 * Plays one day at the registry through its public doors only. Three persons are kept for it, and each run takes them as the run
 * before left them, so it can be played again and again. Throws a `StoryBroken` at the first thing that is not as it should be.
 */
export async function playStory(parts: StoryParts): Promise<StoryTold> {
  const story = new Story(parts);
  await story.careProvidersRegister();
  await story.aCitizenChooses();
  await story.careProvidersAsk();
  await story.theCitizenChangesHerMind();
  await story.aChildAndAParent();
  await story.theCitizenSeesWhoAsked();
  return story.theAuditorFindsEverything();
}

class Story {
  private readonly teller: Teller;
  private readonly gp: CareSystem;
  private readonly hospital: CareSystem;
  private readonly pharmacy: CareSystem;
  private readonly vera = demoPerson('vera');
  private readonly wout = demoPerson('wout');
  private readonly xandra = demoPerson('xandra');
  private readonly receipts: Receipt[] = [];
  private readonly browsers = new Map<string, Browser>();
  /** When this story began for somebody, by the registry's clock: what was logged since belongs to it. */
  private readonly since = new Map<string, string>();

  constructor(private readonly parts: StoryParts) {
    this.teller = new Teller(parts.print);
    const systemOf = (role: DemoSystemRole): CareSystem => {
      const system = parts.systems.find((one) => one.role === role);
      if (!system) throw this.teller.broken(`a demo system with the role ${role}`, 'none');
      return new CareSystem(parts.publicUrl, system, this.teller);
    };
    this.gp = systemOf('gp');
    this.hospital = systemOf('hospital');
    this.pharmacy = systemOf('pharmacy');
  }

  /** The practice tells the registry whose data it holds. */
  async careProvidersRegister(): Promise<void> {
    for (const person of [this.vera, this.wout]) {
      this.teller.begin(`${nameOf(GP)} registers that it holds data about ${person.name}.`);
      const heard = await this.gp.ask('POST', '/localizations', [200, 201], { bsn: person.bsn, holder: GP });
      this.since.set(person.id, String(heard.body['renewedAt']));
      const word = heard.status === 201 ? 'registered for the first time' : 'renewed';
      this.teller.say('keep that we hold data about this person', word);
    }
  }

  /** Sign-in, first use, a look at what would be, and a choice. */
  async aCitizenChooses(): Promise<void> {
    await this.visit(this.vera);
    await this.choose(this.vera, { option: 'none' }, 'nothing is shared');
    this.teller.begin(
      `${nameOf(HOSPITAL)} asks who holds data about ${this.vera.name}, before she agreed to anything.`,
    );
    await this.askOpen(this.hospital, HOSPITAL, []);
    await this.choose(
      this.vera,
      { option: 'certain', choices: sharedWith('hospital') },
      'the GP may share with hospitals, not with pharmacies',
    );
  }

  /** The open question, and the closed one both ways. */
  async careProvidersAsk(): Promise<void> {
    this.teller.begin(`${nameOf(HOSPITAL)} asks who holds data about ${this.vera.name}.`);
    await this.askOpen(this.hospital, HOSPITAL, [GP.ura]);
    this.teller.begin(`The GP's system asks whether it may share with ${nameOf(HOSPITAL)}.`);
    await this.askClosed(this.vera, HOSPITAL, 'permit');
    this.teller.begin(
      `${nameOf(PHARMACY)} asks who holds data, and the GP's system whether it may share with it.`,
    );
    await this.askOpen(this.pharmacy, PHARMACY, []);
    await this.askClosed(this.vera, PHARMACY, 'deny');
    this.teller.begin(`${nameOf(PHARMACY)} asks a question in the GP's name.`);
    const heard = await this.pharmacy.ask(
      'POST',
      '/consent-checks',
      [403],
      questionAbout(this.vera, PHARMACY),
    );
    this.teller.expect('the refusal', heard.body['code'], 'NOT_YOUR_PROVIDER');
    this.teller.say('may the GP share with me?', 'refused: a system asks for its own care providers only');
  }

  /** A no counts from the very next question. */
  async theCitizenChangesHerMind(): Promise<void> {
    await this.choose(this.vera, { option: 'none' }, 'nothing is shared any more');
    this.teller.begin(`The GP's system asks the very next question about ${this.vera.name}.`);
    await this.askClosed(this.vera, HOSPITAL, 'deny');
  }

  /** A child's choice waits for a parent; until then nothing changes. */
  async aChildAndAParent(): Promise<void> {
    await this.visit(this.wout);
    await this.visit(this.xandra);
    const group = (await this.alreadyShares(this.wout)) ? 'pharmacy' : 'hospital';
    const asker = group === 'hospital' ? HOSPITAL : PHARMACY;
    await this.choose(
      this.wout,
      { option: 'certain', choices: sharedWith(group) },
      `the GP may share with the group of ${nameOf(asker)}; it waits for a parent`,
    );
    this.teller.begin(
      `The GP's system asks whether it may share ${this.wout.name}'s data with ${nameOf(asker)}, too early.`,
    );
    await this.askClosed(this.wout, asker, 'deny');
    await this.approve();
    this.teller.begin(`The GP's system asks the same again.`);
    await this.askClosed(this.wout, asker, 'permit');
  }

  /** Every answer about her is in her own activity, with who asked. */
  async theCitizenSeesWhoAsked(): Promise<void> {
    this.teller.begin(`${this.vera.name} looks at who asked about her.`);
    const seen = await this.activityOf(this.vera);
    const own = seen.filter(({ kind }) => ['consent.checked', 'location.asked'].includes(kind));
    this.teller.expect('the questions in her activity', own.length, 6);
    for (const { kind, outcome, requester } of own.toReversed()) {
      const who = requester?.name ?? requester?.ura ?? 'somebody';
      const what = kind === 'location.asked' ? 'who holds data, for' : 'sharing with';
      this.teller.note(`${what} ${who}: ${outcome === 'permit' ? 'yes' : 'no'}`);
    }
  }

  /** An auditor with a case exports the log and misses nothing; someone without the role does not get in. */
  async theAuditorFindsEverything(): Promise<StoryTold> {
    const [auditor, other] = DEMO_AUDITORS;
    if (!auditor || !other) throw this.teller.broken('two demo auditors', 'fewer');
    this.teller.begin(`${other.name} tries the auditors' door.`);
    const refused = await new Browser(this.parts.publicUrl, 'auditor', this.teller).signIn(other.id);
    this.teller.expect('the refusal', refused.body['code'], 'SIGN_IN_REFUSED');
    this.teller.say('let me in', 'refused');

    this.teller.begin(`${auditor.name} exports the log and looks for every step of this story.`);
    const seen = [...(await this.activityOf(this.vera)), ...(await this.activityOf(this.wout))];
    const exported = await this.export(auditor.id, seen);
    for (const { id, kind } of seen) {
      if (!exported.has(id)) throw this.teller.broken(`entry ${id} (${kind}) in the export`, 'it is missing');
    }
    for (const { entryId, leafHash } of this.receipts) {
      this.teller.expect(`the leaf hash of receipt ${entryId}`, exported.get(entryId), leafHash);
    }
    this.requireKinds(seen);
    const counted = `${String(seen.length)} entries and ${String(this.receipts.length)} receipts`;
    this.teller.note(`${counted} of this story, all found among ${String(exported.size)} exported entries`);
    return { steps: this.teller.told, entries: seen.length };
  }

  /** Signs in, and completes first use where needed. */
  private async visit(person: DemoPerson): Promise<void> {
    this.teller.begin(`${person.name} signs in.`);
    const browser = new Browser(this.parts.publicUrl, 'citizen', this.teller);
    const back = await browser.signIn(person.id);
    this.teller.expect('the status after signing in', back.status, 303);
    this.browsers.set(person.id, browser);
    const session = await browser.ask('GET', '/session', 200);
    this.teller.expect('signed in', session.body['signedIn'], true);
    if (session.body['onboarding'] === 'ready') {
      this.teller.note('everything was filled in before');
      return;
    }
    const details = await browser.ask('GET', '/me/details', 200);
    await browser.ask('PUT', '/me/details', 200, {
      body: {
        displayName: person.name,
        email: `${person.id}@example.nl`,
        bornOn: details.body['bornOn'] ?? bornOnFor(person, dayInAmsterdam(new Date())),
        language: 'nl',
        termsVersion: TERMS_VERSION,
      },
    });
    this.teller.note('fills in name, e-mail address and date of birth, and accepts the terms');
  }

  private async choose(
    person: DemoPerson,
    draft: { option: string; choices?: readonly Choice[] },
    words: string,
  ): Promise<void> {
    this.teller.begin(`${person.name} chooses: ${words}.`);
    const browser = this.browserOf(person);
    const preview = await browser.ask('POST', '/me/choices/preview', 200, { body: draft });
    const changes = preview.body['changes'];
    const counted = Array.isArray(changes) ? changes.length : 0;
    this.teller.note(`the preview shows ${String(counted)} answers that would change`);
    const present = await browser.ask('GET', '/me/choices', 200);
    const ifMatch = present.headers.get('etag') ?? '';
    const saved = await browser.ask('PUT', '/me/choices', 200, { body: draft, ifMatch });
    const version = saved.body['version'] as { number?: number; state?: string } | undefined;
    const isChild = person === this.wout;
    this.teller.expect(
      'the state of the new version',
      version?.state,
      isChild ? 'awaiting-guardian' : 'in-force',
    );
    this.teller.say('save this', `version ${String(version?.number)}, ${String(version?.state)}`);
  }

  /** The parent's part: the child's code and date of birth, a look, a decision. */
  private async approve(): Promise<void> {
    this.teller.begin(`${this.wout.name} gets a pairing code; ${this.xandra.name} looks and approves.`);
    const made = await this.browserOf(this.wout).ask('POST', '/me/pairing-code', 201);
    const details = await this.browserOf(this.wout).ask('GET', '/me/details', 200);
    const parent = this.browserOf(this.xandra);
    const review = await parent.ask('POST', '/guardian/reviews', 201, {
      body: { code: made.body['code'], childBornOn: details.body['bornOn'] },
    });
    this.teller.expect('the child in the review', review.body['child'], { displayName: this.wout.name });
    const path = `/guardian/reviews/${String(review.body['id'])}/decision`;
    const decided = await parent.ask('POST', path, 200, {
      body: { decision: 'approve', declaresGuardianship: true },
    });
    this.teller.expect('the state of the review', decided.body['state'], 'approved');
    this.teller.say('do you approve, as parent or guardian?', 'approved');
  }

  /** Whether the child's present choices say yes to hospitals, as an earlier run may have left them. */
  private async alreadyShares(person: DemoPerson): Promise<boolean> {
    const { body } = await this.browserOf(person).ask('GET', '/me/choices', 200);
    const inForce = body['inForce'] as { choices?: readonly Choice[] } | undefined;
    return (
      inForce?.choices?.some(({ requester, answer }) => requester === 'group:hospital' && answer === 'yes') ??
      false
    );
  }

  private async askClosed(person: DemoPerson, requester: Party, expected: 'permit' | 'deny'): Promise<void> {
    const heard = await this.gp.ask('POST', '/consent-checks', [200], questionAbout(person, requester));
    this.receipts.push(heard.body['receipt'] as Receipt);
    this.teller.expect('the answer', heard.body['results'], [{ dataCategory: 'GGC002', decision: expected }]);
    this.teller.say(
      `may we share treatment data of ${person.name} with ${nameOf(requester)}?`,
      expected === 'permit' ? 'yes' : 'no',
    );
  }

  private async askOpen(system: CareSystem, requester: Party, expected: readonly string[]): Promise<void> {
    const heard = await system.ask('POST', '/location-questions', [200], {
      bsn: this.vera.bsn,
      requester,
      purpose: 'TREAT',
    });
    this.receipts.push(heard.body['receipt'] as Receipt);
    const holders = heard.body['holders'] as readonly { ura: string; name: string }[];
    this.teller.expect(
      'the holders',
      holders.map(({ ura }) => ura),
      expected,
    );
    const names = holders.map(({ name }) => name).join(', ');
    this.teller.say(
      `who holds data about ${this.vera.name} that we may ask for?`,
      names === '' ? 'nobody' : names,
    );
  }

  /** What the person's activity holds since this story began. */
  private async activityOf(person: DemoPerson): Promise<readonly Seen[]> {
    const { body } = await this.browserOf(person).ask('GET', '/me/activity?limit=100', 200);
    const since = this.since.get(person.id) ?? '';
    return (body['entries'] as readonly Seen[]).filter(({ at }) => at >= since);
  }

  /** The leaf hashes of everything logged while the story was played, by entry id. */
  private async export(auditor: string, seen: readonly Seen[]): Promise<ReadonlyMap<string, string>> {
    const browser = new Browser(this.parts.publicUrl, 'auditor', this.teller);
    const back = await browser.signIn(auditor);
    this.teller.expect('the status after signing in', back.status, 303);
    const moments = seen.map(({ at }) => Date.parse(at));
    const { text } = await browser.ask('POST', '/exports', 200, {
      body: {
        case: { caseNumber: 'STORY-1', reason: 'Looking for every step of the story' },
        from: new Date(Math.min(...moments)).toISOString(),
        to: new Date(Math.max(...moments) + 1).toISOString(),
      },
    });
    const lines = text
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as { id?: string; leafHash?: string; complete?: boolean });
    this.teller.expect('the last line of the export', lines.at(-1)?.complete, true);
    return new Map(lines.slice(0, -1).map(({ id = '', leafHash = '' }) => [id, leafHash]));
  }

  /** Each act of the story left the kind of entry it should. */
  private requireKinds(seen: readonly Seen[]): void {
    const expected = [
      'person.signed-in',
      'choices.saved',
      'choices.proposed',
      'guardian.code-made',
      'guardian.review-opened',
      'choices.approved',
      'consent.checked',
      'location.asked',
    ];
    const missing = expected.filter((wanted) => !seen.some(({ kind }) => kind === wanted));
    this.teller.expect('kinds of entries that are missing', missing, []);
    const registrations = seen.filter(({ kind }) => /^localization\.(registered|renewed)$/.test(kind));
    this.teller.expect('the registrations by the GP', registrations.length, 2);
  }

  private browserOf({ id, name }: DemoPerson): Browser {
    const browser = this.browsers.get(id);
    if (!browser) throw this.teller.broken(`${name} to be signed in`, 'not yet');
    return browser;
  }
}

function questionAbout({ bsn }: DemoPerson, requester: Party): object {
  return { bsn, holder: GP, requester, dataCategories: ['GGC002'], purpose: 'TREAT' };
}
