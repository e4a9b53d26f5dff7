import { Failure } from '../failure.js';

declare const email: unique symbol;

/** An e-mail address that mail can be sent to as written. Made by `parseEmail` only. */
export type Email = string & { readonly [email]: true };

const SHAPE = /^[a-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,63}$/i;

/**
 * Whether the text has the shape HTML's own e-mail field asks for, with a dotted domain, at most 254 characters (RFC 5321).
 * Does NOT promise that anybody reads mail there; the confirmation link shows that.
 */
export function isEmail(text: string): text is Email {
  const local = text.split('@', 1)[0] ?? '';
  return text.length <= 254 && SHAPE.test(text) && !/^\.|\.$|\.\./.test(local);
}

/** Accepts an e-mail address (domain folded to lower case) or refuses with INPUT_INVALID. */
export function parseEmail(text: string): Email {
  const trimmed = text.trim();
  if (!isEmail(trimmed)) {
    throw new Failure('INPUT_INVALID', 'Write an e-mail address like name@example.nl.');
  }
  const at = trimmed.lastIndexOf('@');
  return `${trimmed.slice(0, at)}${trimmed.slice(at).toLowerCase()}` as Email;
}
