import type { Entry, HolderAnswer, SealedEntry } from '../audit/entry.js';
import { about } from '../audit/journal.js';
import type { Sealer } from '../audit/sealer.js';
import { isRefusal, requireInService, requireMayActFor } from '../client/client.js';
import type { Clock } from '../clock.js';
import { digestOf, type ProfileVersion } from '../consent/profile.js';
import { Failure } from '../failure.js';
import type { Person } from '../person/person.js';
import { type DataCategory, GROUPS, groupOf } from '../provider/catalogue.js';
import { isDutch, type Requester } from '../provider/provider.js';
import type { Known, Records, Registry } from '../registry.js';
import { Batches, type ItemResult } from './batches.js';
import type { Asker, ClosedQuestion, OpenQuestion } from './question.js';
import { answer, type Decision, type Reason, type RulePolicy, type Trace } from './rule.js';

/** What a provider is told about one data category. No reason: "no", "never chose" and "unknown" are the same to it. */
export interface Result {
  readonly dataCategory: DataCategory;
  readonly decision: Decision;
}

/** The answer to a closed question, with the entry that is durably kept about it. */
export interface ClosedAnswer {
  readonly entryId: string;
  readonly leafHash: Buffer;
  readonly results: readonly Result[];
}

/** A holder that the requester may ask, and for what. */
export interface FoundHolder {
  readonly ura: string;
  readonly type: string;
  readonly name: string;
  readonly dataCategories: readonly DataCategory[];
}

/** The answer to an open question. An empty list may mean that nobody holds data or that nobody may share it. */
export interface OpenAnswer {
  readonly entryId: string;
  readonly leafHash: Buffer;
  readonly holders: readonly FoundHolder[];
}

interface Asked {
  readonly asker: Asker;
  readonly question: ClosedQuestion;
}

interface Concluded {
  readonly result: ItemResult<ClosedAnswer>;
  readonly sealed?: SealedEntry;
}

/** Nobody has this id: what is read about strangers is read under it. */
const NOBODY = '00000000-0000-0000-0000-000000000000';

/** The most questions answered in one transaction. */
export const LARGEST_BATCH = 1000;

/** How many batches may be under way at once. */
const BATCHES_UNDER_WAY = 2;

/** How many questions may wait for a batch, and how long. */
const MOST_WAITING = 10_000;
const PATIENCE_MS = 2_000;

/**
 * Answers "may this be shared?" and "who holds data I may ask for?". Closed questions that arrive while a batch is under way
 * are answered together in the next one: one read and one durable write for all of them. No answer leaves before its entry is
 * committed, and when anything fails there is no answer at all.
 */
export class Decisions {
  private readonly batches: Batches<Asked, ClosedAnswer>;

  constructor(
    private readonly registry: Registry,
    private readonly sealer: Sealer,
    private readonly clock: Clock,
    private readonly policy: RulePolicy,
  ) {
    this.batches = new Batches<Asked, ClosedAnswer>((asked) => this.answerBatch(asked), {
      largest: LARGEST_BATCH,
      underWay: BATCHES_UNDER_WAY,
      mostWaiting: MOST_WAITING,
      patience: PATIENCE_MS,
    });
  }

  /**
   * Answers one closed question. Refuses a client that is unknown, revoked or not bound to the holder's URA (CLIENT_UNKNOWN,
   * CLIENT_REVOKED, NOT_YOUR_PROVIDER), judged in the same snapshot as the answer.
   */
  answerClosed(asker: Asker, question: ClosedQuestion): Promise<ClosedAnswer> {
    return this.batches.add({ asker, question });
  }

  /** Answers many closed questions of one asker in one transaction; one that is refused refuses all, and no answer is kept. */
  async answerAllClosed(
    asker: Asker,
    questions: readonly ClosedQuestion[],
  ): Promise<readonly ClosedAnswer[]> {
    const asked = questions.map((question) => ({ asker, question }));
    try {
      const answers = await this.answerBatch(asked, 'all-or-nothing');
      return answers.map((one) => {
        if (one instanceof Error) throw one;
        return one;
      });
    } catch (error) {
      const about = questions[0];
      if (about && isRefusal(error)) await this.keepRefusal(asker, about, error);
      throw error;
    }
  }

  /**
   * Answers the open question: the holders that registered data about the person and that the rule permits toward the asker,
   * each with the categories it may share. Refuses a client that may not act for the requester's URA.
   */
  async answerOpen(asker: Asker, question: OpenQuestion): Promise<OpenAnswer> {
    const { requester } = question;
    if (!isDutch(requester)) {
      throw new Failure(
        'NOT_YOUR_PROVIDER',
        'Only a Dutch care provider with a URA number can ask at this door.',
      );
    }
    try {
      return await this.registry.inTransaction(async (records) => {
        requireMayActFor(await records.clients.find(asker.clientId), requester.ura);
        const person = await records.people.findByBsn(question.bsn);
        const { all, permitted, version } = await this.answersOf(records, person, question);
        const sealed = this.sealer.seal({
          ...this.told(asker, all),
          kind: 'location.asked',
          subject: person ? about(person) : { kind: 'stranger', bsn: question.bsn },
          detail: { ...detailOf(asker, question), holders: all, ...basisOf(version) },
        });
        await records.audit.append([sealed]);
        return { entryId: sealed.id, leafHash: sealed.leafHash, holders: permitted };
      }, 'one-snapshot');
    } catch (error) {
      if (isRefusal(error)) await this.keepRefusal(asker, question, error);
      throw error;
    }
  }

  /** About someone unknown the same is read as about anybody else, so that the time it takes tells nothing. */
  private async answersOf(
    records: Records,
    person: Person | undefined,
    question: OpenQuestion,
  ): Promise<{ all: HolderAnswer[]; permitted: FoundHolder[]; version: ProfileVersion | undefined }> {
    const { requester, purpose } = question;
    const personId = person?.id ?? NOBODY;
    const held = await records.localizations.activeOf(personId);
    const version = await records.consents.inForce(personId);
    const providers = await records.providers.findAll([
      ...held.map(({ ura }) => ura),
      ...(isDutch(requester) ? [requester.ura] : []),
    ]);
    const known = (party: Requester): boolean =>
      !isDutch(party) || providers.some(({ ura, types }) => ura === party.ura && types.includes(party.type));
    const all = held.map(({ ura, type }): HolderAnswer => {
      const holderKnown = known({ ura, type });
      const standing = { personKnown: person !== undefined, holderKnown, requesterKnown: known(requester) };
      const results = GROUPS[groupOf(type)].holds.map((dataCategory) => {
        const matter = { holder: { ura, type }, requester, purpose, dataCategory };
        return answer(version?.choices ?? [], matter, standing, this.policy);
      });
      return { ura, type, results };
    });
    const permitted = all.flatMap(({ ura, type, results }): FoundHolder[] => {
      const dataCategories = results.filter(isPermit).map(({ dataCategory }) => dataCategory);
      const name = providers.find((provider) => provider.ura === ura)?.name ?? '';
      return dataCategories.length > 0 ? [{ ura, type, name, dataCategories }] : [];
    });
    return { all, permitted, version };
  }

  /**
   * Answers a batch. A question that is refused, or that goes wrong by itself, gets its own error and the others their answers;
   * a refusal is kept as an entry too. With `all-or-nothing` the first error stops everything and nothing is kept.
   */
  private async answerBatch(
    asked: readonly Asked[],
    mode: 'each-its-own' | 'all-or-nothing' = 'each-its-own',
  ): Promise<readonly ItemResult<ClosedAnswer>[]> {
    let concluded: readonly Concluded[] = [];
    await this.registry.answerTogether(
      asked.map(({ asker, question }) => ({ clientId: asker.clientId, question })),
      (known) => {
        concluded = asked.map((one, position) => this.conclude(one, known[position]));
        for (const { result } of concluded) {
          if (mode === 'all-or-nothing' && result instanceof Error) throw result;
        }
        return concluded.flatMap(({ sealed }) => sealed ?? []);
      },
    );
    return concluded.map(({ result }) => result);
  }

  private conclude({ asker, question }: Asked, known: Known | undefined): Concluded {
    try {
      if (!known) throw new Error('the registry gave fewer answers than questions');
      const refusal = refusalOf(() => {
        requireMayActFor(known.client, question.holder.ura);
      });
      if (refusal)
        return { result: refusal, sealed: this.sealRefusal(asker, question, refusal, known.person) };
      return this.answerOne(asker, question, known);
    } catch (error) {
      // One damaged record must not take the answers of others along.
      return { result: error instanceof Error ? error : new Error(String(error)) };
    }
  }

  private answerOne(asker: Asker, question: ClosedQuestion, known: Known): Concluded {
    const { holder, requester, purpose } = question;
    const { person, version, holderKnown, requesterKnown } = known;
    const standing = { personKnown: person !== undefined, holderKnown, requesterKnown };
    const traces = question.dataCategories.map((dataCategory) => {
      const matter = { holder, requester, purpose, dataCategory };
      return answer(version?.choices ?? [], matter, standing, this.policy);
    });
    const holders = [{ ...holder, results: traces }];
    const sealed = this.sealer.seal({
      ...this.told(asker, holders),
      kind: 'consent.checked',
      subject: person ? about(person) : { kind: 'stranger', bsn: question.bsn },
      detail: { ...detailOf(asker, question), holders, ...basisOf(version) },
    });
    const results = traces.map(({ dataCategory, decision }) => ({ dataCategory, decision }));
    return { sealed, result: { entryId: sealed.id, leafHash: sealed.leafHash, results } };
  }

  /** A system that asks for a provider that is not its own, or after its registration ended, is seen by the person asked about. */
  private sealRefusal(
    asker: Asker,
    question: OpenQuestion & Partial<Pick<ClosedQuestion, 'holder'>>,
    refusal: Failure,
    person: Pick<Person, 'id' | 'auditKey'> | undefined,
  ): SealedEntry {
    return this.sealer.seal({
      ...this.told(asker, []),
      kind: 'client.refused',
      outcome: 'refused',
      subject: person ? about(person) : { kind: 'stranger', bsn: question.bsn },
      detail: { ...detailOf(asker, question), provider: question.holder, note: refusal.code },
    });
  }

  private keepRefusal(asker: Asker, question: OpenQuestion, refusal: Failure): Promise<void> {
    return this.registry.inTransaction(async (records) => {
      const person = await records.people.findByBsn(question.bsn);
      await records.audit.append([this.sealRefusal(asker, question, refusal, person)]);
    });
  }

  private told(
    asker: Asker,
    holders: readonly HolderAnswer[],
  ): Pick<Entry, 'at' | 'actor' | 'outcome' | 'reasons'> {
    const traces = holders.flatMap(({ results }) => results);
    return {
      at: this.clock.now(),
      actor: { kind: 'client', clientId: asker.clientId, tokenId: asker.tokenId },
      outcome: traces.some(isPermit) ? 'permit' : 'deny',
      reasons: reasonsOf(traces),
    };
  }
}

function detailOf(asker: Asker, question: OpenQuestion): Entry['detail'] {
  const { purpose, requester, professional, exchangeSystem, automatic } = question;
  const { address, traceId } = asker;
  return { purpose, requester, professional, exchangeSystem, automatic, address, traceId };
}

/** The version that an answer rests on, for its entry. */
function basisOf(
  version: Pick<ProfileVersion, 'number' | 'choices'> | undefined,
): Pick<Entry['detail'], 'version' | 'versionDigest'> {
  return version ? { version: version.number, versionDigest: digestOf(version) } : {};
}

function isPermit({ decision }: Trace): boolean {
  return decision === 'permit';
}

function reasonsOf(traces: readonly Trace[]): readonly Reason[] {
  return [...new Set(traces.map(({ reason }) => reason))];
}

function refusalOf(check: () => void): Failure | undefined {
  try {
    check();
    return undefined;
  } catch (error) {
    if (error instanceof Failure) return error;
    throw error;
  }
}

/** Whether a client is in service; for doors that only look things up. */
export async function requireClientInService(records: Records, clientId: string): Promise<void> {
  requireInService(await records.clients.find(clientId));
}
