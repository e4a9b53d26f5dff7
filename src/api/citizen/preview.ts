import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import type { Preview } from '../../core/consent/consent.service.js';
import type { Effect, EffectParty } from '../../core/consent/effect.js';
import { type Decision, REASONS, type Reason } from '../../core/decision/rule.js';
import { SENTENCES } from '../../core/decision/sentences.js';
import { DATA_CATEGORY_CODES, type DataCategory, GROUP_IDS } from '../../core/provider/catalogue.js';
import type { Registry } from '../../core/registry.js';
import type { Ura } from '../../core/provider/ura.js';
import { NameAnswer } from './names.answers.js';

/** One side of an effect: a group at large, or one provider of it. */
export class EffectPartyAnswer {
  @ApiProperty({ enum: [...GROUP_IDS, 'eu'], example: 'general-practice' })
  readonly group!: string;

  @ApiPropertyOptional({ example: '00000001', description: 'Present when this is about one provider' })
  readonly ura?: string;

  @ApiPropertyOptional({ example: 'Z3' })
  readonly type?: string;

  @ApiPropertyOptional({ example: 'Huisartsenpraktijk De Linde' })
  readonly name?: string;
}

/** What choices mean for one holder, one requester and one data category. */
export class EffectAnswer {
  @ApiProperty()
  readonly holder!: EffectPartyAnswer;

  @ApiProperty()
  readonly requester!: EffectPartyAnswer;

  @ApiProperty({ enum: DATA_CATEGORY_CODES, example: 'GGC013' })
  readonly dataCategory!: DataCategory;

  @ApiProperty({ enum: ['permit', 'deny'], example: 'permit' })
  readonly decision!: Decision;

  @ApiProperty({ enum: REASONS, example: 'YES_GROUP' })
  readonly reason!: Reason;

  @ApiProperty({ description: 'The reason in one sentence for the person' })
  readonly sentence!: NameAnswer;
}

/** What a draft would mean, and what would be different from today. */
export class PreviewAnswer {
  @ApiProperty({ type: [EffectAnswer] })
  readonly effects!: readonly EffectAnswer[];

  @ApiProperty({ type: [EffectAnswer], description: 'The effects whose decision differs from today' })
  readonly changes!: readonly EffectAnswer[];
}

/** A preview with the names of the providers in it. */
export async function previewAnswer(registry: Registry, preview: Preview): Promise<PreviewAnswer> {
  const names = await namesOf(registry, preview.effects);
  const shown = (effect: Effect): EffectAnswer => effectAnswer(effect, names);
  return { effects: preview.effects.map(shown), changes: preview.changes.map(shown) };
}

function effectAnswer(effect: Effect, names: ReadonlyMap<Ura, string>): EffectAnswer {
  const { holder, requester, dataCategory, decision, reason } = effect;
  return {
    holder: partyAnswer(holder, names),
    requester: partyAnswer(requester, names),
    dataCategory,
    decision,
    reason,
    sentence: SENTENCES[reason],
  };
}

function partyAnswer({ group, ura, type }: EffectParty, names: ReadonlyMap<Ura, string>): EffectPartyAnswer {
  const name = ura && names.get(ura);
  return { group, ...(ura && { ura }), ...(type && { type }), ...(name && { name }) };
}

/** Every provider of a preview is among its holders. */
async function namesOf(registry: Registry, effects: readonly Effect[]): Promise<ReadonlyMap<Ura, string>> {
  const uras = new Set(effects.flatMap(({ holder }) => holder.ura ?? []));
  if (uras.size === 0) return new Map();
  const providers = await registry.inSnapshot((records) => records.providers.findAll([...uras]));
  return new Map(providers.map(({ ura, name }) => [ura, name]));
}
