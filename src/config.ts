import { isIP } from 'node:net';
import { join, resolve } from 'node:path';
import { isDemoKey, isDemoName, keepDemoKeys, DEMO_PREFIX, type DemoKeys } from './demo/keys.js';
import { Settings, type PrivateJwk } from './settings.js';

export type { PrivateJwk } from './settings.js';

/** Everything the process is told from outside, read and checked once. Holds secrets: never log it. */
export interface Config {
  readonly mode: 'demo' | 'production';
  readonly host: string;
  readonly port: number;
  /** Scheme, host and port by which browsers and systems know us; without a slash at its end. */
  readonly publicUrl: string;
  readonly database: DatabaseConfig;
  readonly keys: Keys;
  readonly citizenIdentity: IdentityProvider;
  readonly auditorIdentity: IdentityProvider;
  /** What a question with purpose COC is answered where no choice says no. */
  readonly presumedConsent: 'allow' | 'deny';
  readonly operator: Operator;
  /** Addresses or CIDR ranges of proxies whose X-Forwarded-For is believed; nobody's by default. */
  readonly trustedProxies: readonly string[];
  /** Only in demo mode: where the demonstration keeps its files, and the port of its identity provider. */
  readonly demo?: { readonly dataFolder: string; readonly identityPort: number };
}

/** Either the PostgreSQL that npm brought along, with its data in `folder`, or the server named. */
export type DatabaseConfig =
  | { readonly kind: 'embedded'; readonly folder: string }
  | {
      readonly kind: 'server';
      readonly url: string;
      /** Whose address migrates at the start; undefined: nobody's, the database must be up to date already. */
      readonly ownerUrl: string | undefined;
    };

export interface Keys {
  /** Encrypts BSNs (AES-256-GCM). */
  readonly bsn: Buffer;
  /** Makes the blind index by which a BSN is found (HMAC-SHA-256). */
  readonly bsnIndex: Buffer;
  /** Wraps the audit key of each person. */
  readonly audit: Buffer;
  /** Signs the access tokens of systems (ES256). */
  readonly tokenSigning: PrivateJwk;
}

/** An OpenID Connect provider, and who we are there (private_key_jwt, as OIDC.NLGov asks). */
export interface IdentityProvider {
  readonly issuer: string;
  readonly clientId: string;
  readonly clientKey: PrivateJwk;
  /** The levels of assurance accepted; at least one. A sign-in at any other level is refused. */
  readonly acceptedAcr: readonly string[];
}

/** Who runs this registry, as its API documents say. */
export interface Operator {
  readonly name: string;
  readonly email: string;
  readonly url: string;
}

/** Why the process must not start. Its message holds every problem, one sentence a line, and no secret. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';

  constructor(readonly problems: readonly string[]) {
    super(problems.join('\n'));
  }
}

const SIGNING = ['ES256'] as const;
const CLIENT_SIGNING = ['ES256', 'ES384', 'PS256', 'RS256'] as const;

/** eIDAS assurance levels (Regulation (EU) 2015/1502) as DigiD and its like express them. */
const DEMO_ACR = [
  'urn:etoegang:core:assurance-class:loa3',
  'urn:etoegang:core:assurance-class:loa4',
] as const;

/**
 * Reads the whole configuration, or throws a `ConfigError` that lists everything wrong with it. In demo mode the
 * keys that are not given are made and kept in the data folder. In production nothing is made up: what matters must
 * be given, and what belongs to a demonstration is refused.
 */
export function readConfig(env: NodeJS.ProcessEnv): Config {
  const settings = new Settings(env);
  const mode = settings.choice('MODE', ['demo', 'production'], 'demo');
  // Everything else depends on the mode; complaints about the wrong one would mislead.
  stopAtProblems(settings);
  const config = mode === 'demo' ? readDemo(settings) : readProduction(settings);
  requireDifferentKeys(config, settings);
  stopAtProblems(settings);
  return config;
}

/**
 * Refuses a PostgreSQL that could forget an acknowledged change or the entry of an answered check. Give it the
 * server's own values of these three settings. Does not judge replication.
 */
export function requireDurable(settings: Readonly<Record<string, string>>): void {
  const accepted: Record<string, readonly string[]> = {
    fsync: ['on'],
    full_page_writes: ['on'],
    synchronous_commit: ['on', 'remote_apply'],
  };
  const problems = Object.entries(accepted)
    .filter(([name, values]) => !values.includes(settings[name] ?? ''))
    .map(
      ([name]) =>
        `The database has ${name} = ${settings[name] ?? 'unknown'} and could forget what was acknowledged: ` +
        `set ${name} to on.`,
    );
  if (problems.length > 0) throw new ConfigError(problems);
}

/** What the database tells about the user that the service connects as; see `PostgresRegistry.powers`. */
export interface DatabasePowers {
  readonly isSuperuser: boolean;
  readonly makesRoles: boolean;
  readonly memberOf: readonly string[];
}

/**
 * Refuses a database user that may do more than answer: whoever takes over the service would be able to alter the log. Does not
 * judge rights given to that user apart from the roles of the registry.
 */
export function requireModest({ isSuperuser, makesRoles, memberOf }: DatabasePowers): void {
  const advice = 'give DATABASE_URL a user that is a member of registry_app and registry_auditor only';
  if (isSuperuser)
    throw new ConfigError([`The user in DATABASE_URL is a superuser of the database: ${advice}.`]);
  const problems = memberOf.map(
    (role) => `The user in DATABASE_URL is a member of ${role}, which the service must not be: ${advice}.`,
  );
  if (makesRoles) problems.push(`The user in DATABASE_URL may make roles (CREATEROLE): ${advice}.`);
  if (problems.length > 0) throw new ConfigError(problems);
}

/** Refuses a database in which the event triggers that guard the log are lacking or switched off. */
export function requireGuarded(isGuarded: boolean): void {
  if (isGuarded) return;
  throw new ConfigError([
    'The database lacks the event triggers that guard the audit log, or they are switched off: run docker/log-guards.sql in it as a superuser.',
  ]);
}

/** Refuses a database that is not up to date, where the service may not change that itself. */
export function requireUpToDate(missing: readonly string[]): void {
  if (missing.length === 0) return;
  throw new ConfigError([
    `The database lacks ${String(missing.length)} of the migrations of this version: run npm run registry -- migrate with OWNER_DATABASE_URL (in the image: node dist/src/registry.cli.js migrate), then start again.`,
  ]);
}

/**
 * The database to migrate: OWNER_DATABASE_URL, in demo mode also DATABASE_URL, or the PostgreSQL that npm brought along. Needs
 * no other setting, so that the one who migrates needs none of the service's secrets.
 */
export function readOwnerDatabase(env: NodeJS.ProcessEnv): OwnerDatabase {
  const settings = new Settings(env);
  const mode = settings.choice('MODE', ['demo', 'production'], 'demo');
  const isNamed = settings.find('OWNER_DATABASE_URL') !== undefined;
  if (mode === 'demo' && !isNamed && settings.find('DATABASE_URL') === undefined) {
    const dataFolder = resolve(settings.text('DATA_FOLDER', 'a folder', './data'));
    stopAtProblems(settings);
    return { kind: 'embedded', folder: join(dataFolder, 'postgres') };
  }
  const setting = isNamed || mode === 'production' ? 'OWNER_DATABASE_URL' : 'DATABASE_URL';
  const url = settings.databaseAddress(setting);
  stopAtProblems(settings);
  return { kind: 'server', url, setting };
}

/** Which database is migrated, and the setting that names it. */
export type OwnerDatabase =
  | { readonly kind: 'embedded'; readonly folder: string }
  | { readonly kind: 'server'; readonly url: string; readonly setting: string };

function stopAtProblems(settings: Settings): void {
  if (settings.problems.length > 0) throw new ConfigError(settings.problems);
}

function readDemo(settings: Settings): Config {
  const port = settings.port('PORT', 3000);
  const identityPort = settings.port('DEMO_IDENTITY_PORT', port + 1);
  if (identityPort === port && port !== 0) {
    settings.problem('DEMO_IDENTITY_PORT is the same as PORT: set it to another port.');
  }
  const publicUrl = settings.address(
    'PUBLIC_URL',
    'the address of this registry, such as http://localhost:3000',
    { https: false, originOnly: true },
    `http://localhost:${String(port)}`,
  );
  const identity = URL.canParse(publicUrl)
    ? `http://${new URL(publicUrl).hostname}:${String(identityPort)}`
    : '';
  const dataFolder = resolve(settings.text('DATA_FOLDER', 'a folder', './data'));
  const keys = demoKeysWhereNeeded(settings, dataFolder);
  return {
    mode: 'demo',
    host: settings.text('HOST', 'an address of this machine', '127.0.0.1'),
    port,
    publicUrl,
    database: readDemoDatabase(settings, dataFolder),
    keys: readKeys(settings, keys),
    citizenIdentity: readIdentity(settings, 'CITIZEN', false, {
      issuer: identity,
      clientId: `${DEMO_PREFIX}citizen-door`,
      clientKey: keys?.citizenClientKey,
      acceptedAcr: DEMO_ACR,
    }),
    auditorIdentity: readIdentity(settings, 'AUDITOR', false, {
      issuer: identity,
      clientId: `${DEMO_PREFIX}auditor-door`,
      clientKey: keys?.auditorClientKey,
      acceptedAcr: DEMO_ACR,
    }),
    presumedConsent: readPresumedConsent(settings),
    operator: readOperator(settings, {
      name: 'Demonstration of the consent registry',
      email: 'registry@example.org',
      url: 'https://example.org',
    }),
    trustedProxies: readTrustedProxies(settings),
    demo: { dataFolder, identityPort },
  };
}

function readProduction(settings: Settings): Config {
  settings.refuse('DATA_FOLDER', 'is for the demonstration only');
  settings.refuse('DEMO_IDENTITY_PORT', 'is for the demonstration only');
  const database = settings.databaseAddress('DATABASE_URL');
  const config: Config = {
    mode: 'production',
    host: settings.text('HOST', 'an address of this machine', '0.0.0.0'),
    port: settings.port('PORT', 3000),
    publicUrl: settings.address('PUBLIC_URL', 'the https:// address of this registry', {
      https: true,
      originOnly: true,
    }),
    database: {
      kind: 'server',
      url: database,
      ownerUrl: settings.find('OWNER_DATABASE_URL') === undefined ? undefined : readOwnerUrl(settings),
    },
    keys: readKeys(settings),
    citizenIdentity: readIdentity(settings, 'CITIZEN', true),
    auditorIdentity: readIdentity(settings, 'AUDITOR', true),
    presumedConsent: readPresumedConsent(settings),
    operator: readOperator(settings),
    trustedProxies: readTrustedProxies(settings),
  };
  refuseDemoParts(config, settings);
  return config;
}

function readDemoDatabase(settings: Settings, dataFolder: string): DatabaseConfig {
  if (settings.find('DATABASE_URL') !== undefined) {
    const url = settings.databaseAddress('DATABASE_URL');
    const ownerUrl = settings.find('OWNER_DATABASE_URL') === undefined ? url : readOwnerUrl(settings);
    return { kind: 'server', url, ownerUrl };
  }
  if (settings.find('OWNER_DATABASE_URL') !== undefined) {
    settings.problem('OWNER_DATABASE_URL is set without DATABASE_URL: set both, or neither.');
  }
  return { kind: 'embedded', folder: join(dataFolder, 'postgres') };
}

function readOwnerUrl(settings: Settings): string {
  return settings.databaseAddress('OWNER_DATABASE_URL');
}

/** Leaves the disk alone when every key is given. */
function demoKeysWhereNeeded(settings: Settings, folder: string): DemoKeys | undefined {
  const names = ['BSN_KEY', 'BSN_INDEX_KEY', 'AUDIT_KEY', 'TOKEN_SIGNING_KEY'];
  names.push('CITIZEN_OIDC_CLIENT_KEY', 'AUDITOR_OIDC_CLIENT_KEY');
  if (names.every((name) => settings.find(name) !== undefined)) return undefined;
  try {
    return keepDemoKeys(folder);
  } catch {
    settings.problem(
      `DATA_FOLDER is ${folder}, where keys.json cannot be kept: set it to a folder you may write in.`,
    );
    // Going on would also complain about every key that now is missing.
    throw new ConfigError(settings.problems);
  }
}

function readKeys(settings: Settings, defaults?: DemoKeys): Keys {
  return {
    bsn: settings.key('BSN_KEY', defaults?.bsnKey),
    bsnIndex: settings.key('BSN_INDEX_KEY', defaults?.bsnIndexKey),
    audit: settings.key('AUDIT_KEY', defaults?.auditKey),
    tokenSigning: settings.privateJwk('TOKEN_SIGNING_KEY', SIGNING, defaults?.tokenSigningKey),
  };
}

interface IdentityDefaults {
  readonly issuer: string;
  readonly clientId: string;
  readonly clientKey: PrivateJwk | undefined;
  readonly acceptedAcr: readonly string[];
}

function readIdentity(
  settings: Settings,
  who: 'CITIZEN' | 'AUDITOR',
  https: boolean,
  defaults?: IdentityDefaults,
): IdentityProvider {
  const provider = `the identity provider where ${who.toLowerCase()}s sign in`;
  return {
    issuer: settings.address(`${who}_OIDC_ISSUER`, `the address of ${provider}`, { https }, defaults?.issuer),
    clientId: settings.text(`${who}_OIDC_CLIENT_ID`, `our name at ${provider}`, defaults?.clientId),
    clientKey: settings.privateJwk(`${who}_OIDC_CLIENT_KEY`, CLIENT_SIGNING, defaults?.clientKey),
    acceptedAcr: settings.list(
      `${who}_OIDC_ACR`,
      'the assurance levels (acr values) to accept, with commas between them',
      defaults?.acceptedAcr,
    ),
  };
}

function readPresumedConsent(settings: Settings): 'allow' | 'deny' {
  return settings.choice('PRESUMED_CONSENT', ['allow', 'deny'], 'allow');
}

function readTrustedProxies(settings: Settings): readonly string[] {
  if (settings.find('TRUSTED_PROXIES') === undefined) return [];
  const ranges = settings.list(
    'TRUSTED_PROXIES',
    'the addresses or CIDR ranges of proxies, with commas between them',
  );
  for (const range of ranges) {
    const [address = '', bits, more] = range.split('/');
    const most = isIP(address) === 6 ? 128 : 32;
    const sound = bits === undefined || (/^\d{1,3}$/.test(bits) && Number(bits) > 0 && Number(bits) <= most);
    if (isIP(address) === 0 || !sound || more !== undefined) {
      settings.problem(
        `TRUSTED_PROXIES holds "${range}": write addresses or CIDR ranges such as 10.0.0.0/8, with commas between them.`,
      );
    }
  }
  return ranges;
}

function readOperator(settings: Settings, defaults?: Operator): Operator {
  const email = settings.text('OPERATOR_EMAIL', 'the e-mail address of the operator', defaults?.email);
  if (email !== '' && !/^[^\s@]+@[^\s@]+$/.test(email)) {
    settings.problem(
      'OPERATOR_EMAIL is not an e-mail address: set it to the e-mail address of the operator.',
    );
  }
  return {
    name: settings.text('OPERATOR_NAME', 'the name of the operator', defaults?.name),
    email,
    url: settings.address('OPERATOR_URL', 'the website of the operator', { https: false }, defaults?.url),
  };
}

/** What was made for a demonstration is public or short-lived, and proves nothing about anybody. */
function refuseDemoParts(config: Config, settings: Settings): void {
  for (const [name, key] of Object.entries(symmetricKeys(config))) {
    if (isDemoKey(key)) settings.problem(`${name} is a demo key: make one with openssl rand -base64 32.`);
  }
  const jwks = {
    TOKEN_SIGNING_KEY: config.keys.tokenSigning,
    CITIZEN_OIDC_CLIENT_KEY: config.citizenIdentity.clientKey,
    AUDITOR_OIDC_CLIENT_KEY: config.auditorIdentity.clientKey,
  };
  for (const [name, jwk] of Object.entries(jwks)) {
    if (isDemoName(jwk.kid)) settings.problem(`${name} is a demo key: set it to a key of your own.`);
  }
  refuseDemoIdentity('CITIZEN', config.citizenIdentity, settings);
  refuseDemoIdentity('AUDITOR', config.auditorIdentity, settings);
}

function refuseDemoIdentity(who: string, provider: IdentityProvider, settings: Settings): void {
  if (provider.issuer !== '' && isThisMachine(new URL(provider.issuer).hostname)) {
    settings.problem(
      `${who}_OIDC_ISSUER is on this machine, as the demo provider is: set it to a real provider.`,
    );
  }
  if (isDemoName(provider.clientId)) {
    settings.problem(`${who}_OIDC_CLIENT_ID is the demo's: set it to our name at a real provider.`);
  }
}

function isThisMachine(hostname: string): boolean {
  return /^(localhost|.*\.localhost|127\..*|0\.0\.0\.0|\[::1?\]|\[::ffff:7f.*\])$/i.test(
    hostname.replace(/\.$/, ''),
  );
}

/** One key for two purposes would let one purpose undo the other. */
function requireDifferentKeys(config: Config, settings: Settings): void {
  const given = Object.entries(symmetricKeys(config)).filter(([, key]) => key.length > 0);
  const same = given.filter(([, key]) => given.filter(([, other]) => other.equals(key)).length > 1);
  if (same.length > 0) {
    settings.problem(`${same.map(([name]) => name).join(' and ')} are the same key: make each its own.`);
  }
  const ours = publicPart(config.keys.tokenSigning);
  const clients = [config.citizenIdentity.clientKey, config.auditorIdentity.clientKey];
  if (ours !== '' && clients.some((key) => publicPart(key) === ours)) {
    settings.problem('TOKEN_SIGNING_KEY also serves at an identity provider: make each its own key.');
  }
}

function symmetricKeys(config: Config): Record<string, Buffer> {
  const { bsn, bsnIndex, audit } = config.keys;
  return { BSN_KEY: bsn, BSN_INDEX_KEY: bsnIndex, AUDIT_KEY: audit };
}

function publicPart(jwk: PrivateJwk): string {
  return jwk.x ?? jwk.n ?? '';
}
