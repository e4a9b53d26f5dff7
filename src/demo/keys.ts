import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** The keys of one demonstration: symmetric ones as base64, signing keys as private JWKs. Secrets, of no worth elsewhere. */
export interface DemoKeys {
  readonly bsnKey: string;
  readonly bsnIndexKey: string;
  readonly auditKey: string;
  readonly tokenSigningKey: DemoJwk;
  readonly citizenClientKey: DemoJwk;
  readonly auditorClientKey: DemoJwk;
}

/** A private ES256 key as JWK (RFC 7517). */
export interface DemoJwk {
  readonly kty: string;
  readonly crv: string;
  readonly x: string;
  readonly y: string;
  readonly d: string;
  readonly alg: 'ES256';
  readonly use: 'sig';
  readonly kid: string;
}

/** Every name made for the demonstration starts like this: key ids and client ids. Production refuses them. */
export const DEMO_PREFIX = 'demo-';

const MARK = Buffer.from('demo');

/**
 * The keys of the demonstration in `folder`, made once and kept there in a file only its owner may read. Each of them
 * bears a mark by which production refuses it.
 */
export function keepDemoKeys(folder: string): DemoKeys {
  const file = join(folder, 'keys.json');
  if (existsSync(file)) return JSON.parse(readFileSync(file, 'utf8')) as DemoKeys;
  const keys = makeDemoKeys();
  mkdirSync(folder, { recursive: true });
  const next = `${file}.${String(process.pid)}`;
  writeFileSync(next, `${JSON.stringify(keys, null, 2)}\n`, { mode: 0o600 });
  renameSync(next, file);
  return keys;
}

/** Recognises a symmetric key that `keepDemoKeys` made. */
export function isDemoKey(key: Buffer): boolean {
  return key.subarray(0, MARK.length).equals(MARK);
}

/** Recognises a key id or client id made for the demonstration. */
export function isDemoName(name: string): boolean {
  return name.startsWith(DEMO_PREFIX);
}

function makeDemoKeys(): DemoKeys {
  return {
    bsnKey: markedKey(),
    bsnIndexKey: markedKey(),
    auditKey: markedKey(),
    tokenSigningKey: markedJwk('tokens'),
    citizenClientKey: markedJwk('citizen'),
    auditorClientKey: markedJwk('auditor'),
  };
}

/** 32 bytes, of which 28 are random: 224 bits stay far beyond guessing. */
function markedKey(): string {
  return Buffer.concat([MARK, randomBytes(32 - MARK.length)]).toString('base64');
}

function markedJwk(purpose: string): DemoJwk {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const made = privateKey.export({ format: 'jwk' });
  const kid = `${DEMO_PREFIX}${purpose}-${randomBytes(6).toString('hex')}`;
  return {
    ...(made as { kty: string; crv: string; x: string; y: string; d: string }),
    alg: 'ES256',
    use: 'sig',
    kid,
  };
}
