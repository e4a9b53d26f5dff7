import type { Entry, HolderAnswer, SealedEntry } from '../audit/entry.js';
import { about } from '../audit/journal.js';
import type { Sealer } from '../audit/sealer.js';
import { requireInService, requireMayActFor } from '../client/client.js';
import type { Clock } from '../clock.js';
import { Failure } from '../failure.js';
import type { Localization } from '../localization/localization.js';
import { type DataCategory, GROUPS, groupOf } from '../provider/catalogue.js';
import { isDutch, type Requester } from '../provider/provider.js';
import type { Known, Records, Registry } from '../registry.js';
import { Batches } from './batches.js';
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

/** The most questions answered in one transaction. */
export const LARGEST_BATCH = 1000;

/** How many batches may be under way at once. */
const BATCHES_UNDER_WAY = 2;

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
    });
  }

  /**
   * Answers one closed question. Refuses a client that is unknown, revoked or not bound to the holder's URA (CLIENT_UNKNOWN,
   * CLIENT_REVOKED, NOT_YOUR_PROVIDER), judged in the same snapshot as the answer.
   */
  answerClosed(asker: Asker, question: ClosedQuestion): Promise<ClosedAnswer> {
    return this.batches.add({ asker, question });
  }

  /** Answers many closed questions of one asker in one transaction; one that is refused refuses all, and nothing is kept. */
  async answerAllClosed(
    asker: Asker,
    questions: readonly ClosedQuestion[],
  ): Promise<readonly ClosedAnswer[]> {
    // Thrown while the batch is concluded, a refusal keeps the registry from keeping anything of it.
    const refuseAll = (refusal: Failure): never => {
      throw refusal;
    };
    const asked = questions.map((question) => ({ asker, question }));
    return (await this.answerBatch(asked, refuseAll)) as readonly ClosedAnswer[];
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
    return this.registry.inTransaction(async (records) => {
      requireMayActFor(await records.clients.find(asker.clientId), requester.ura);
      const person = await records.people.findByBsn(question.bsn);
      const held = person ? await records.localizations.activeOf(person.id) : [];
      const answers = await this.answersOf(records, person?.id, held, question);
      const sealed = this.sealer.seal({
        ...this.told(asker, question, answers.all),
        kind: 'location.asked',
        subject: person ? about(person) : { kind: 'stranger', bsn: question.bsn },
        detail: { ...this.detail(asker, question), holders: answers.all, version: answers.version },
      });
      await records.audit.append([sealed]);
      return { entryId: sealed.id, leafHash: sealed.leafHash, holders: answers.permitted };
    }, 'one-snapshot');
  }

  private async answersOf(
    records: Records,
    personId: string | undefined,
    held: readonly Localization[],
    question: OpenQuestion & { readonly requester: Requester },
  ): Promise<{ all: HolderAnswer[]; permitted: FoundHolder[]; version: number | undefined }> {
    const version = personId ? await records.consents.inForce(personId) : undefined;
    const providers = await records.providers.findAll([
      ...held.map(({ ura }) => ura),
      ...(isDutch(question.requester) ? [question.requester.ura] : []),
    ]);
    const known = (party: Requester): boolean =>
      !isDutch(party) || providers.some(({ ura, types }) => ura === party.ura && types.includes(party.type));
    const all = held.map(({ ura, type }): HolderAnswer => {
      const standing = {
        personKnown: personId !== undefined,
        holderKnown: known({ ura, type }),
        requesterKnown: known(question.requester),
      };
      const results = GROUPS[groupOf(type)].holds.map((dataCategory) => {
        const { requester, purpose } = question;
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
    return { all, permitted, version: version?.number };
  }

  /** Answers a batch; a question whose client is refused gets its Failure, the others their answers, unless `onRefusal` throws. */
  private async answerBatch(
    asked: readonly Asked[],
    onRefusal: (refusal: Failure) => void = () => undefined,
  ): Promise<readonly (ClosedAnswer | Failure)[]> {
    let answers: (ClosedAnswer | Failure)[] = [];
    await this.registry.answerTogether(
      asked.map(({ asker, question }) => ({ clientId: asker.clientId, question })),
      (known) => {
        const concluded = asked.map((one, position) => this.conclude(one, known[position]));
        for (const one of concluded) if (one instanceof Failure) onRefusal(one);
        answers = concluded.map((one) => (one instanceof Failure ? one : one.answer));
        return concluded.flatMap((one) => (one instanceof Failure ? [] : [one.sealed]));
      },
    );
    return answers;
  }

  private conclude(
    { asker, question }: Asked,
    known: Known | undefined,
  ): { answer: ClosedAnswer; sealed: SealedEntry } | Failure {
    if (!known) throw new Error('the registry gave fewer answers than questions');
    const refusal = refusalOf(() => requireMayActFor(known.client, question.holder.ura));
    if (refusal) return refusal;
    const standing = {
      personKnown: known.person !== undefined,
      holderKnown: known.holderKnown,
      requesterKnown: known.requesterKnown,
    };
    const traces = question.dataCategories.map((dataCategory) => {
      const { holder, requester, purpose } = question;
      const matter = { holder, requester, purpose, dataCategory };
      return answer(known.version?.choices ?? [], matter, standing, this.policy);
    });
    const holders = [{ ...question.holder, results: traces }];
    const sealed = this.sealer.seal({
      ...this.told(asker, question, holders),
      kind: 'consent.checked',
      subject: known.person
        ? { kind: 'person', personId: known.person.id, auditKey: known.person.auditKey }
        : { kind: 'stranger', bsn: question.bsn },
      detail: { ...this.detail(asker, question), holders, version: known.version?.number },
    });
    const results = traces.map(({ dataCategory, decision }) => ({ dataCategory, decision }));
    return { sealed, answer: { entryId: sealed.id, leafHash: sealed.leafHash, results } };
  }

  private told(
    asker: Asker,
    question: OpenQuestion,
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

  private detail(asker: Asker, question: OpenQuestion): Entry['detail'] {
    const { purpose, requester, professional, exchangeSystem, automatic } = question;
    const { address, traceId } = asker;
    return { purpose, requester, professional, exchangeSystem, automatic, address, traceId };
  }
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
