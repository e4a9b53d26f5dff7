import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import type { Effect, EffectParty } from '../../core/decision/effect.js';
import type { Preview } from '../../core/decision/previews.service.js';
import { type Decision, REASONS, type Reason } from '../../core/decision/rule.js';
import { SENTENCES } from '../../core/decision/sentences.js';
import { DATA_CATEGORY_CODES, type DataCategory, GROUP_IDS } from '../../core/provider/catalogue.js';
import { NameAnswer } from './name.js';

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
export function previewAnswer({ effects, changes, providers }: Preview): PreviewAnswer {
  const shown = (effect: Effect): EffectAnswer => effectAnswer(effect, providers);
  return { effects: effects.map(shown), changes: changes.map(shown) };
}

function effectAnswer(effect: Effect, providers: Preview['providers']): EffectAnswer {
  const { holder, requester, dataCategory, decision, reason } = effect;
  return {
    holder: partyAnswer(holder, providers),
    requester: partyAnswer(requester, providers),
    dataCategory,
    decision,
    reason,
    sentence: SENTENCES[reason],
  };
}

function partyAnswer({ group, ura, type }: EffectParty, providers: Preview['providers']): EffectPartyAnswer {
  const name = ura && providers.get(ura)?.name;
  return { group, ...(ura && { ura }), ...(type && { type }), ...(name && { name }) };
}
