/**
 * The decision rule a second time, written from its text and from nothing in src/core/decision, to be compared with it.
 *
 * Where the product compares choices two by two, this model never compares choices at all. It lays out the 27 places a
 * choice about one question can stand on (three levels of holder × three of requester × three of data) and walks them from the
 * most specific down. A place where the person said something silences every place below it. What is said on the places
 * that were never silenced is the answer: any no is no, silence is no, otherwise yes. It is slow and has one use.
 */

/** A choice as the model knows it: plain words. */
export interface Said {
  readonly holder: string;
  readonly requester: string;
  readonly dataCategory: string;
  readonly answer: 'yes' | 'no';
}

/** A question as the model knows it: who is who, by name and by group. */
export interface Asked {
  readonly holder: { readonly number: string; readonly group: string };
  /** Nothing for a care provider elsewhere in the European Union. */
  readonly requester?: { readonly number: string; readonly group: string };
  readonly dataCategory: 'GGC002' | 'GGC012' | 'GGC013';
  readonly purpose: 'TREAT' | 'COC';
  readonly presumedConsent: 'allow' | 'deny';
}

/** What the model answers, and the choices that it rests on. */
export interface Verdict {
  readonly answer: 'yes' | 'no';
  readonly heard: readonly Said[];
}

/** For each side the words that name it, the least specific first; `undefined` where there is no word. */
interface Ladders {
  readonly holder: readonly (string | undefined)[];
  readonly requester: readonly (string | undefined)[];
  readonly data: readonly (string | undefined)[];
}

const WIDER: Readonly<Record<string, string | undefined>> = {
  GGC002: undefined,
  GGC012: 'GGC002',
  GGC013: 'GGC002',
};
const PARTS: Readonly<Record<string, readonly Asked['dataCategory'][]>> = { GGC002: ['GGC012', 'GGC013'] };

function laddersOf(asked: Asked): Ladders {
  const { holder, requester, dataCategory } = asked;
  return {
    holder: ['all', `group:${holder.group}`, `provider:${holder.number}`],
    requester: requester
      ? ['all', `group:${requester.group}`, `provider:${requester.number}`]
      : ['all', 'group:eu', undefined],
    data: ['all', WIDER[dataCategory], dataCategory],
  };
}

/** A place a choice can stand on: how many steps above "everything" on each side, and what a choice there is about. */
interface Place {
  readonly steps: readonly [number, number, number];
  readonly about: string;
}

/** A question laid out: the places to walk, the most specific first, and the same for each part of a broad category. */
export interface LaidOut {
  readonly asked: Asked;
  readonly places: readonly Place[];
  readonly parts: readonly LaidOut[];
}

const THREE = [0, 1, 2] as const;

const SILENCE: readonly Said[] = [];

function placesOf(ladders: Ladders): Place[] {
  const places = THREE.flatMap((h) =>
    THREE.flatMap((r) =>
      THREE.flatMap((d): Place[] => {
        const words = [ladders.holder[h], ladders.requester[r], ladders.data[d]];
        return words.includes(undefined) ? [] : [{ steps: [h, r, d], about: words.join('|') }];
      }),
    ),
  );
  const height = ({ steps }: Place): number => steps[0] + steps[1] + steps[2];
  return places.sort((one, other) => height(other) - height(one));
}

/** Lays a question out; worth doing once when the same question is put to many profiles. */
export function layOut(asked: Asked): LaidOut {
  const parts = PARTS[asked.dataCategory] ?? [];
  return {
    asked,
    places: placesOf(laddersOf(asked)),
    parts: parts.map((dataCategory) => layOut({ ...asked, dataCategory })),
  };
}

function isBelow(place: Place, above: Place): boolean {
  const [holder, requester, data] = place.steps;
  return holder <= above.steps[0] && requester <= above.steps[1] && data <= above.steps[2];
}

/** A person's choices, to be looked up by what they are about. */
export class NaiveModel {
  private readonly said = new Map<string, Said[]>();

  constructor(choices: readonly Said[]) {
    for (const choice of choices) {
      const about = `${choice.holder}|${choice.requester}|${choice.dataCategory}`;
      const before = this.said.get(about);
      if (before) before.push(choice);
      else this.said.set(about, [choice]);
    }
  }

  /** The answer to a question; to a broad category it is yes only when it is for each part of it as well. */
  ask(question: LaidOut): Verdict {
    const whole = this.askOne(question);
    if (whole.answer === 'no') return whole;
    return question.parts.map((part) => this.askOne(part)).find(({ answer }) => answer === 'no') ?? whole;
  }

  private askOne({ asked, places }: LaidOut): Verdict {
    const heard = this.heardFrom(asked, places);
    if (heard.some(({ answer }) => answer === 'no')) return { answer: 'no', heard };
    if (!asked.requester && heard.length === 0) return { answer: 'no', heard };
    if (asked.purpose === 'COC') return { answer: asked.presumedConsent === 'allow' ? 'yes' : 'no', heard };
    return { answer: heard.length > 0 ? 'yes' : 'no', heard };
  }

  /** Walks down the places, and hears each one that nobody above it silenced. */
  private heardFrom(asked: Asked, places: readonly Place[]): readonly Said[] {
    const speaking: Place[] = [];
    const heard: Said[] = [];
    for (const place of places) {
      const here = (this.said.get(place.about) ?? SILENCE).filter((choice) => speaksAbout(choice, asked));
      if (here.length === 0 || speaking.some((above) => isBelow(place, above))) continue;
      speaking.push(place);
      heard.push(...here);
    }
    return heard;
  }
}

/** A yes to everybody means everybody in the Netherlands; a no to everybody means everybody. */
function speaksAbout(choice: Said, asked: Asked): boolean {
  return asked.requester !== undefined || choice.requester !== 'all' || choice.answer === 'no';
}
