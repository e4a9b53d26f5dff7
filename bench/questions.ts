import { GROUPS, groupOf } from '../src/core/provider/catalogue.js';
import type { Bsn } from '../src/core/person/bsn.js';
import { dice, providerAt, PROVIDERS, type World } from './world.js';

/** A closed question as it goes over the wire, with the system that asks it. */
export interface WireQuestion {
  readonly system: number;
  readonly body: string;
}

/**
 * Questions as systems ask them: each about somebody else, asked by a system for one of its own providers, toward any provider,
 * about one or two of the categories that the holder can hold. One in fifty is about someone the registry does not know.
 */
export function makeQuestions(
  world: World,
  bsns: readonly Bsn[],
  { count, seed }: { count: number; seed: number },
): readonly WireQuestion[] {
  const roll = dice(seed);
  return Array.from({ length: count }, () => {
    const system = roll(world.systems.length);
    const positions = world.systems[system]?.providers ?? [];
    const holder = providerAt(positions[roll(positions.length)] ?? 0);
    const held = GROUPS[groupOf(holder.type)].holds;
    const dataCategories = held.slice(0, 1 + roll(2));
    const known = roll(50) > 0;
    const body = JSON.stringify({
      bsn: known ? bsns[roll(world.people)] : bsns[world.people + roll(bsns.length - world.people)],
      holder,
      requester: providerAt(roll(PROVIDERS)),
      dataCategories,
      purpose: 'TREAT',
      professional: { id: `prof${String(roll(10_000))}`, role: '01.015' },
      exchangeSystem: 'bench',
    });
    return { system, body };
  });
}
