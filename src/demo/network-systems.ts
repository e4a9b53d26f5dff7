import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Client, type PublicJwk, SCOPES } from '../core/client/client.js';
import type { Clients } from '../core/client/clients.service.js';
import { type GroupId, groupOf } from '../core/provider/catalogue.js';
import type { Ura } from '../core/provider/ura.js';
import { DEMO_PREFIX, type DemoJwk } from './keys.js';
import { DEMO_PROVIDERS } from './network-providers.js';

/** The systems of the demonstration, by the part they play. */
export type DemoSystemRole = 'gp' | 'hospital' | 'pharmacy' | 'other';

/** A provider system with the private key that its assertions are signed with. A secret, of no worth elsewhere. */
export interface DemoSystem {
  readonly role: DemoSystemRole;
  readonly name: string;
  readonly clientId: string;
  readonly uras: readonly Ura[];
  readonly scopes: readonly string[];
  readonly key: DemoJwk;
}

const SYSTEMS: Readonly<Record<DemoSystemRole, { name: string; groups: readonly GroupId[] }>> = {
  gp: { name: 'HIS Wilg (demo)', groups: ['general-practice'] },
  hospital: { name: 'ZIS Polder (demo)', groups: ['hospital'] },
  pharmacy: { name: 'AIS Vijzel (demo)', groups: ['pharmacy'] },
  other: {
    name: 'Dossier Anders (demo)',
    groups: ['nursing-care', 'laboratory', 'mental-health', 'other-care'],
  },
};

const ROLES = Object.keys(SYSTEMS) as readonly DemoSystemRole[];

type KeptKeys = Readonly<Record<DemoSystemRole, DemoJwk>>;

/** Where the systems' client ids and private keys are kept, for the story and for whoever wants to try the provider door. */
export function demoSystemsFile(dataFolder: string): string {
  return join(dataFolder, 'demo-systems.json');
}

/** The systems as the last start left them, or undefined before the first one. */
export function readDemoSystems(dataFolder: string): readonly DemoSystem[] | undefined {
  const file = demoSystemsFile(dataFolder);
  return existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as readonly DemoSystem[]) : undefined;
}

/**
 * Registers the systems unless they are there already, and writes down how to be them, in a file only its owner may read. The keys
 * are made once per data folder, before anything is registered: a start that was broken off is picked up where it stopped. One that
 * was revoked meanwhile is registered anew, under another client id: the demonstration works again after a restart.
 */
export async function keepDemoSystems(clients: Clients, dataFolder: string): Promise<readonly DemoSystem[]> {
  const keys = keepKeys(dataFolder);
  const registered = (await clients.list()).filter(({ revokedAt }) => !revokedAt);
  const systems: DemoSystem[] = [];
  for (const role of ROLES) {
    const key = keys[role];
    const client = registered.find((one) => one.keys.some(({ kid }) => kid === key.kid));
    const { id, name, uras, scopes } = client ?? (await clients.add(wanted(role, key)));
    systems.push({ role, name, clientId: id, uras, scopes, key });
  }
  writePrivately(demoSystemsFile(dataFolder), systems);
  return systems;
}

/** The provider numbers that a system speaks for: every provider with a type in one of its groups. */
function urasOf(role: DemoSystemRole): readonly Ura[] {
  return DEMO_PROVIDERS.filter(({ types }) =>
    types.some((type) => SYSTEMS[role].groups.includes(groupOf(type))),
  ).map(({ ura }) => ura);
}

function wanted(role: DemoSystemRole, key: DemoJwk): Omit<Client, 'id' | 'createdAt' | 'revokedAt'> {
  return { name: SYSTEMS[role].name, uras: urasOf(role), scopes: SCOPES, keys: [publicPartOf(key)] };
}

function publicPartOf({ kty, crv, x, y, alg, use, kid }: DemoJwk): PublicJwk {
  return { kty, crv, x, y, alg, use, kid };
}

function keepKeys(dataFolder: string): KeptKeys {
  const file = join(dataFolder, 'demo-system-keys.json');
  if (existsSync(file)) return JSON.parse(readFileSync(file, 'utf8')) as KeptKeys;
  const keys = Object.fromEntries(ROLES.map((role) => [role, newKey(role)])) as KeptKeys;
  mkdirSync(dataFolder, { recursive: true });
  writePrivately(file, keys);
  return keys;
}

function newKey(role: DemoSystemRole): DemoJwk {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const made = privateKey.export({ format: 'jwk' }) as {
    kty: string;
    crv: string;
    x: string;
    y: string;
    d: string;
  };
  const kid = `${DEMO_PREFIX}system-${role}-${randomBytes(6).toString('hex')}`;
  return { ...made, alg: 'ES256', use: 'sig', kid };
}

function writePrivately(file: string, content: unknown): void {
  const next = `${file}.${String(process.pid)}`;
  writeFileSync(next, `${JSON.stringify(content, null, 2)}\n`, { mode: 0o600 });
  renameSync(next, file);
}
