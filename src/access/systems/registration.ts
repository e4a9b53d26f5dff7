import { createPublicKey, type KeyObject } from 'node:crypto';
import { calculateJwkThumbprint, exportJWK, generateKeyPair, type JWK } from 'jose';
import { type Client, isScope, type PublicJwk, type Scope, SCOPES } from '../../core/client/client.js';
import { Failure } from '../../core/failure.js';
import { isUra, type Ura } from '../../core/provider/ura.js';

/** What an operator says about a new client; text, not yet judged. */
export interface ClientWish {
  /** The system and its vendor, as a citizen will read it. */
  readonly name: string;
  readonly uras: readonly string[];
  readonly scopes: readonly string[];
  /** The vendor's own public key (JWK) or keys (JWK set). Without one, a pair is made. */
  readonly publicKey?: unknown;
}

/** A client that may be registered. */
export interface Registration {
  readonly wanted: Pick<Client, 'name' | 'uras' | 'scopes' | 'keys'>;
  /** The private half of a pair made here: to be handed over once and kept nowhere. */
  readonly privateKey?: JWK | undefined;
}

const LONGEST_NAME = 200;
const SMALLEST_RSA_BITS = 2_048;
const SECRET_PARTS = ['d', 'p', 'q', 'dp', 'dq', 'qi', 'oth', 'k', 'priv'];

/**
 * Turns what an operator wishes into a client that may be registered, with a fresh ES256 key pair when the vendor brings no key;
 * or refuses it with everything that is wrong (INPUT_INVALID). Keeps nothing.
 */
export async function readRegistration(wish: ClientWish): Promise<Registration> {
  const { fields, ...judged } = judge(wish);
  const keys = wish.publicKey === undefined ? undefined : await publicKeysOf(wish.publicKey);
  if (typeof keys === 'string') fields['key'] = keys;
  if (Object.keys(fields).length > 0 || typeof keys === 'string') {
    throw new Failure('INPUT_INVALID', 'This client can not be registered.', { fields });
  }
  if (keys) return { wanted: { ...judged, keys } };
  const { publicKey, privateKey } = await makePair();
  return { wanted: { ...judged, keys: [publicKey] }, privateKey };
}

interface Judged {
  readonly name: string;
  readonly uras: readonly Ura[];
  readonly scopes: readonly Scope[];
  /** What is wrong, one sentence per field. */
  readonly fields: Record<string, string>;
}

function judge(wish: ClientWish): Judged {
  const name = wish.name.trim();
  const uras = [...new Set(wish.uras)];
  const scopes = [...new Set(wish.scopes)];
  const fields: Record<string, string> = {};
  if (name === '' || name.length > LONGEST_NAME || /\p{Cc}/u.test(name)) {
    fields['name'] = `A name is one line of 1 to ${LONGEST_NAME} characters.`;
  }
  if (uras.length === 0 || !uras.every(isUra))
    fields['ura'] = 'A URA number has eight digits; at least one is needed.';
  if (scopes.length === 0 || !scopes.every(isScope)) {
    fields['scope'] = `At least one scope is needed; there are ${SCOPES.join(', ')}.`;
  }
  return { name, uras: uras.filter(isUra), scopes: scopes.filter(isScope), fields };
}

async function makePair(): Promise<{ publicKey: PublicJwk; privateKey: JWK }> {
  const pair = await generateKeyPair('ES256', { extractable: true });
  const publicKey = await exportJWK(pair.publicKey);
  const about = { kid: await calculateJwkThumbprint(publicKey), alg: 'ES256', use: 'sig' };
  return {
    publicKey: { ...publicKey, ...about, kty: 'EC' },
    privateKey: { ...(await exportJWK(pair.privateKey)), ...about },
  };
}

/** The keys of a JWK or JWK set, each fit to verify assertions with; or the sentence that refuses them. */
async function publicKeysOf(given: unknown): Promise<readonly PublicJwk[] | string> {
  const keys: readonly unknown[] = isRecord(given) && Array.isArray(given['keys']) ? given['keys'] : [given];
  if (keys.length === 0) return 'This key set is empty.';
  const read = await Promise.all(keys.map(publicKeyOf));
  const refusal = read.find((key) => typeof key === 'string');
  if (refusal !== undefined) return refusal;
  const good = read.filter((key) => typeof key !== 'string');
  return new Set(good.map(({ kid }) => kid)).size < good.length ? 'Two keys have the same kid.' : good;
}

async function publicKeyOf(given: unknown): Promise<PublicJwk | string> {
  if (!isRecord(given)) return 'This is not a JSON Web Key.';
  if (SECRET_PARTS.some((part) => part in given)) {
    return 'This key is secret and should stay with the vendor: replace it, and give the public key only.';
  }
  const key = parseKey(given);
  if (!key) return 'This is not a usable JSON Web Key.';
  const { alg, use, kty, crv, x, y, n, e, kid } = given;
  const algorithms = algorithmsOf(key);
  if (algorithms.length === 0 || (alg !== undefined && !algorithms.some((one) => one === alg))) {
    return 'A key is for ES256 (P-256), ES384 (P-384), or for PS256, PS384 or RS384 (RSA of at least 2048 bits).';
  }
  if (use !== undefined && use !== 'sig')
    return 'This key is not meant for signatures: its "use" is not "sig".';
  const parts = Object.entries({ kty, crv, x, y, n, e, alg }).filter(([, part]) => part !== undefined);
  const open: JWK = Object.fromEntries(parts);
  const name = typeof kid === 'string' && kid !== '' ? kid : await calculateJwkThumbprint(open);
  return { ...open, kty: key.asymmetricKeyType === 'ec' ? 'EC' : 'RSA', use: 'sig', kid: name };
}

function parseKey(jwk: Record<string, unknown>): KeyObject | undefined {
  try {
    return createPublicKey({ key: jwk, format: 'jwk' });
  } catch {
    return undefined;
  }
}

/** What assertions may be signed with by this key; the authorization server takes no others. */
function algorithmsOf({ asymmetricKeyType, asymmetricKeyDetails }: KeyObject): readonly string[] {
  if (asymmetricKeyType === 'ec') {
    return { prime256v1: ['ES256'], secp384r1: ['ES384'] }[asymmetricKeyDetails?.namedCurve ?? ''] ?? [];
  }
  const bits = asymmetricKeyDetails?.modulusLength ?? 0;
  return asymmetricKeyType === 'rsa' && bits >= SMALLEST_RSA_BITS ? ['PS256', 'PS384', 'RS384'] : [];
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
