import { type Choice, choicesOf, type Draft, namedProviders, requireSoundDraft } from '../consent/choices.js';
import { requireKnownProviders } from '../consent/consent.service.js';
import type { Party, Provider } from '../provider/provider.js';
import type { Records, Registry } from '../registry.js';
import { type Effect, type EffectParties, effectsOf } from './effect.js';
import type { RulePolicy } from './rule.js';

/** What a draft would mean. */
export interface Preview {
  readonly effects: readonly Effect[];
  /** The effects whose decision differs from what the choices in force give today. */
  readonly changes: readonly Effect[];
  /** The providers in it, by URA number. */
  readonly providers: ReadonlyMap<string, Provider>;
}

/** Shows a person what a draft would mean, before anything is saved. */
export class Previews {
  constructor(
    private readonly registry: Registry,
    private readonly policy: RulePolicy,
  ) {}

  /**
   * What a draft would mean, for the groups, for the person's own providers and for those named in the draft or in the choices in
   * force, and what would change against today. Refuses what `Consents.save` would refuse about the draft itself. Keeps nothing.
   */
  of(personId: string, draft: Draft): Promise<Preview> {
    requireSoundDraft(draft);
    return this.registry.inSnapshot(async (records) => {
      await requireKnownProviders(records, draft);
      const present = (await records.consents.inForce(personId))?.choices ?? [];
      const { providers, ...parties } = await partiesOf(records, personId, [...draft.choices, ...present]);
      return { ...effectsOf({ draft: choicesOf(draft), present }, parties, this.policy), providers };
    });
  }
}

/** The providers that hold data about a person and those that choices name, once each per type. */
async function partiesOf(
  records: Records,
  personId: string,
  choices: readonly Choice[],
): Promise<EffectParties & Pick<Preview, 'providers'>> {
  const own = (await records.localizations.activeOf(personId)).map(({ ura, type }): Party => ({ ura, type }));
  const namedUras = namedProviders(choices);
  const found = await records.providers.findAll([...new Set([...namedUras, ...own.map(({ ura }) => ura)])]);
  const named = found
    .filter(({ ura }) => namedUras.includes(ura))
    .flatMap(({ ura, types }) => types.map((type): Party => ({ ura, type })));
  return { own, named, providers: new Map(found.map((provider) => [provider.ura, provider])) };
}
