import { createPrivateKey } from 'node:crypto';
import type { JWK } from 'jose';

/** A private signing key with its name and its one algorithm. A secret. */
export type PrivateJwk = JWK & { readonly kty: string; readonly kid: string; readonly alg: string };

/** What may be asked of a web address. */
export interface AddressRule {
  readonly https: boolean;
  /** Only scheme, host and port: `https://registry.example`. */
  readonly originOnly?: boolean;
}

const BASE64_32_BYTES = /^[A-Za-z0-9+/_-]{43}=?$/;

/**
 * Reads environment variables and gathers what is wrong with them, one sentence each, instead of stopping at the
 * first. A value that is wrong or absent is answered with a blank; nobody may use one while `problems` is not empty.
 * The sentences name variables and never repeat a value that could be a secret. An empty variable counts as unset.
 */
export class Settings {
  readonly problems: string[] = [];

  constructor(private readonly env: NodeJS.ProcessEnv) {}

  /** The value as given, or undefined. */
  find(name: string): string | undefined {
    const value = this.env[name]?.trim();
    return value === '' ? undefined : value;
  }

  /** The value, the default when there is one, or a problem. */
  text(name: string, what: string, fallback?: string): string {
    const value = this.find(name) ?? fallback;
    if (value !== undefined) return value;
    this.problem(`${name} is missing: set it to ${what}.`);
    return '';
  }

  choice<T extends string>(name: string, allowed: readonly T[], fallback: T): T {
    const value = this.find(name) ?? fallback;
    const found = allowed.find((one) => one === value);
    if (found === undefined) this.problem(`${name} is "${value}": set it to ${allowed.join(' or ')}.`);
    return found ?? fallback;
  }

  port(name: string, fallback: number): number {
    const value = this.find(name) ?? String(fallback);
    if (/^\d{1,5}$/.test(value) && Number(value) >= 1 && Number(value) <= 65535) return Number(value);
    this.problem(`${name} is "${value}": set it to a port number from 1 to 65535.`);
    return 0;
  }

  /** A web address without user, query or fragment; just as given, since an issuer must match to the letter. */
  address(name: string, what: string, rule: AddressRule, fallback?: string): string {
    const value = this.text(name, what, fallback);
    if (value === '') return '';
    const url = URL.canParse(value) ? new URL(value) : undefined;
    if (url === undefined || !['http:', 'https:'].includes(url.protocol)) {
      this.problem(`${name} is not a web address: set it to ${what}.`);
    } else if (url.username !== '' || url.password !== '' || url.search !== '' || url.hash !== '') {
      this.problem(`${name} holds more than an address: leave out user, password, query and fragment.`);
    } else if (rule.https && url.protocol !== 'https:') {
      this.problem(`${name} is plain http: set it to an address that begins with https://.`);
    } else if (rule.originOnly === true && url.pathname !== '/') {
      this.problem(`${name} holds a path: set it to scheme, host and port only.`);
    } else return rule.originOnly === true ? url.origin : value;
    return '';
  }

  databaseAddress(name: string, fallback?: string): string {
    const value = this.text(name, 'postgres://user:password@host:5432/database', fallback);
    if (value === '') return '';
    const url = URL.canParse(value) ? new URL(value) : undefined;
    const whole =
      url !== undefined &&
      ['postgres:', 'postgresql:'].includes(url.protocol) &&
      url.hostname !== '' &&
      url.pathname.length > 1;
    if (whole) return value;
    this.problem(
      `${name} is not a PostgreSQL address: write it as postgres://user:password@host:5432/database ` +
        '(with @, : and / inside the password as %40, %3A and %2F).',
    );
    return '';
  }

  /** A symmetric key of 32 bytes. */
  key(name: string, fallback?: string): Buffer {
    const value = this.text(name, '32 random bytes in base64 (openssl rand -base64 32)', fallback);
    if (value === '') return Buffer.alloc(0);
    const key = BASE64_32_BYTES.test(value) ? Buffer.from(value, 'base64') : Buffer.alloc(0);
    if (key.length !== 32) {
      this.problem(`${name} is not 32 bytes in base64: make one with openssl rand -base64 32.`);
    } else if (new Set(key).size < 16) {
      // 32 random bytes hold fewer than 16 different ones about once in 10^13 keys.
      this.problem(`${name} is not random: make one with openssl rand -base64 32.`);
    } else return key;
    return Buffer.alloc(0);
  }

  /** A private signing key; `algorithms` are the ones accepted. */
  privateJwk(name: string, algorithms: readonly string[], fallback?: PrivateJwk): PrivateJwk {
    const what = `a private key for ${algorithms.join(' or ')} as JWK, one line of JSON`;
    const value = this.text(name, what, fallback === undefined ? undefined : JSON.stringify(fallback));
    const jwk = value === '' ? undefined : parsePrivateJwk(value);
    const alg = jwk === undefined ? undefined : algorithmOf(jwk);
    if (value === '') return BLANK_JWK;
    if (jwk === undefined || alg === undefined || !algorithms.includes(alg)) {
      this.problem(`${name} is not usable: set it to ${what}.`);
    } else if (typeof jwk.kid !== 'string' || jwk.kid === '') {
      this.problem(`${name} has no name: add a "kid" to the JWK.`);
    } else return { ...jwk, kid: jwk.kid, alg };
    return BLANK_JWK;
  }

  /** A list of words with commas between them; at least one. */
  list(name: string, what: string, fallback?: readonly string[]): readonly string[] {
    const value = this.text(name, what, fallback?.join(','));
    const words = value
      .split(',')
      .map((word) => word.trim())
      .filter((word) => word !== '');
    if (words.length === 0 && value !== '') this.problem(`${name} is empty: set it to ${what}.`);
    return words;
  }

  /** For a setting that has no meaning in this mode; being ignored would mislead whoever set it. */
  refuse(name: string, why: string): void {
    if (this.find(name) !== undefined) this.problem(`${name} ${why}: remove it.`);
  }

  problem(sentence: string): void {
    this.problems.push(sentence);
  }
}

const BLANK_JWK: PrivateJwk = { kty: '', kid: '', alg: '' };

function parsePrivateJwk(text: string): (JWK & { kty: string }) | undefined {
  try {
    const jwk = JSON.parse(text) as JWK & { kty: string };
    createPrivateKey({ key: jwk, format: 'jwk' });
    return jwk;
  } catch {
    return undefined;
  }
}

/** RFC 7518: the curve decides for EC; an RSA key says it itself, and is of 2048 bits at least. */
function algorithmOf(jwk: JWK): string | undefined {
  const alg = jwk.kty === 'EC' ? { 'P-256': 'ES256', 'P-384': 'ES384' }[jwk.crv ?? ''] : (jwk.alg ?? 'PS256');
  if (jwk.alg !== undefined && jwk.alg !== alg) return undefined;
  if (jwk.kty === 'RSA' && Buffer.from(jwk.n ?? '', 'base64url').length < 256) return undefined;
  return alg;
}
