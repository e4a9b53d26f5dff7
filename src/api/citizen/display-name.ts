import { isBsn } from '../../core/person/bsn.js';
import { redact } from '../shared/redact.js';

/** By code point; one of them visible by itself. Half characters, control characters and line breaks are none. */
const SHAPE = /^(?=.*[\p{L}\p{N}\p{P}\p{S}])[^\p{Cc}\p{Co}\p{Cs}\p{Zl}\p{Zp}]{1,80}$/u;

/**
 * What shows nothing, or turns other text around: format characters, Hangul fillers and what else Unicode calls ignorable, and the
 * empty Braille pattern.
 */
const HIDDEN = /[\p{Cf}\p{Default_Ignorable_Code_Point}\u2800]/u;

/**
 * Where something invisible belongs to the writing: joiners within emoji, joiners within words of scripts that need them (Persian,
 * the scripts of India; not Latin, Greek and Cyrillic, where they would only make two names look the same), and the sign that asks
 * for the picture of an emoji.
 */
const PART_OF_WRITING =
  /(?<=[\p{Extended_Pictographic}\p{Emoji_Modifier}]\ufe0f?)\u200d(?=\p{Extended_Pictographic})|(?<=(?![\p{Script=Latin}\p{Script=Greek}\p{Script=Cyrillic}])[\p{L}\p{M}])[\u200c\u200d](?=\p{L})|(?<=\p{Extended_Pictographic})\ufe0f/gu;

/** More marks on one letter than any writing needs run over the lines around it. */
const PILED_UP = /\p{M}{5}/u;

/**
 * Whether a text can stand as a person's name: 1 to 80 characters that can be seen and hide no others, because a parent reads this
 * name when deciding for a child; and no BSN, because it is shown to others.
 */
export function isDisplayName(text: string): boolean {
  const isHonest = !HIDDEN.test(text.replace(PART_OF_WRITING, '')) && !PILED_UP.test(text.normalize('NFD'));
  return SHAPE.test(text) && isHonest && !holdsBsn(text);
}

function holdsBsn(text: string): boolean {
  const plain = text.normalize('NFKC');
  return isBsn(plain.replace(/\D/g, '')) || redact(plain) !== plain;
}
