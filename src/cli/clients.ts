import { readFile } from 'node:fs/promises';
import type { Command } from 'commander';
import type { JWK } from 'jose';
import { tokenEndpointOf } from '../access/systems/authorization-server.js';
import { readRegistration } from '../access/systems/registration.js';
import { type Client, SCOPES } from '../core/client/client.js';
import { Failure } from '../core/failure.js';
import type { Ura } from '../core/provider/ura.js';
import type { Registry } from '../core/registry.js';
import { type OpenedRegistry, type Surroundings, withRegistry } from './surroundings.js';
import { asJson, asTable } from './show.js';

interface AddWish {
  readonly name: string;
  readonly ura: string[];
  readonly scope: string[];
  readonly key?: string;
  readonly json?: true;
}

/** The commands about care-provider systems: add, list, revoke. */
export function clientCommands(program: Command, surroundings: Surroundings): void {
  const clients = program
    .command('clients')
    .description('Care-provider systems that may ask questions here.');
  clients
    .command('add')
    .description('Register a system and print what its vendor needs.')
    .requiredOption('--name <name>', 'the system and its vendor, as a citizen will read it')
    .requiredOption('--ura <ura...>', 'the provider numbers (URA) it may act for')
    .requiredOption('--scope <scope...>', `what it may do: ${SCOPES.join(', ')}`)
    .option('--key <file>', "the vendor's public key as JWK; without one a key pair is made")
    .option('--json', 'print JSON')
    .action((wish: AddWish) => addClient(wish, surroundings));
  clients
    .command('list')
    .description('Show every system, revoked ones too.')
    .option('--json', 'print JSON')
    .action((wish: { json?: true }) => listClients(wish.json === true, surroundings));
  clients
    .command('revoke <id>')
    .description('End a system: from this moment it gets no answer any more.')
    .action((id: string) => revokeClient(id, surroundings));
}

async function addClient(wish: AddWish, surroundings: Surroundings): Promise<void> {
  const { wanted, privateKey } = await readRegistration({
    name: wish.name,
    uras: wish.ura,
    scopes: wish.scope,
    ...(wish.key === undefined ? {} : { publicKey: await readKeyFile(wish.key) }),
  });
  await withRegistry(surroundings, async (opened) => {
    const client = await opened.clients.add(wanted);
    const needs = whatTheVendorNeeds(client, privateKey, opened);
    surroundings.out(wish.json === true ? asJson(needs) : asText(needs));
    const unknown = await unknownAmong(client.uras, opened.registry);
    if (unknown.length > 0) {
      surroundings.err(
        `Not in the provider register (yet), so every answer about them is no: ${unknown.join(', ')}.\n`,
      );
    }
  });
}

async function readKeyFile(path: string): Promise<unknown> {
  const text = await readFile(path, 'utf8').catch(() => {
    throw new Failure('INPUT_INVALID', `The key file ${path} can not be read.`);
  });
  try {
    return JSON.parse(text) as unknown;
  } catch {
    throw new Failure('INPUT_INVALID', `The key file ${path} is not JSON; a public key as JWK is expected.`);
  }
}

interface VendorNeeds {
  readonly clientId: string;
  readonly name: string;
  readonly issuer: string;
  readonly tokenEndpoint: string;
  readonly audience: string;
  readonly scopes: readonly string[];
  readonly uras: readonly string[];
  readonly publicKeys: Client['keys'];
  readonly privateKey?: JWK;
}

function whatTheVendorNeeds(
  client: Client,
  privateKey: JWK | undefined,
  { issuer, resource }: Pick<OpenedRegistry, 'issuer' | 'resource'>,
): VendorNeeds {
  return {
    clientId: client.id,
    name: client.name,
    issuer,
    tokenEndpoint: tokenEndpointOf(issuer),
    audience: resource,
    scopes: client.scopes,
    uras: client.uras,
    publicKeys: client.keys,
    ...(privateKey ? { privateKey } : {}),
  };
}

function asText(needs: VendorNeeds): string {
  const facts = asTable([
    ['  client id', needs.clientId],
    ['  token endpoint', needs.tokenEndpoint],
    ['  its assertions are for (aud)', needs.issuer],
    ['  its tokens are for (aud)', needs.audience],
    ['  scopes', needs.scopes.join(' ')],
    ['  URA numbers', needs.uras.join(' ')],
    ['  key id', needs.publicKeys.map(({ kid }) => String(kid)).join(' ')],
  ]);
  const signing = needs.privateKey
    ? `The private key (JWK), shown this once and kept nowhere. Hand it over on a safe path:\n${JSON.stringify(needs.privateKey)}\n`
    : 'It signs with the private key of its vendor.\n';
  return `Registered: ${needs.name}\n\n${facts}\nIt gets tokens with grant client_credentials and private_key_jwt.\n${signing}`;
}

async function unknownAmong(uras: readonly Ura[], registry: Registry): Promise<readonly Ura[]> {
  const known = await registry.inSnapshot((records) => records.providers.findAll(uras));
  return uras.filter((ura) => !known.some((provider) => provider.ura === ura));
}

async function listClients(json: boolean, surroundings: Surroundings): Promise<void> {
  const found = await withRegistry(surroundings, ({ clients }) => clients.list());
  const shown = found.map(({ id, name, uras, scopes, createdAt, revokedAt }) => ({
    clientId: id,
    name,
    uras,
    scopes,
    createdAt: createdAt.toISOString(),
    ...(revokedAt ? { revokedAt: revokedAt.toISOString() } : {}),
  }));
  if (json) surroundings.out(asJson(shown));
  else if (shown.length === 0) surroundings.out('No system is registered.\n');
  else {
    const rows = shown.map((each) => [
      each.clientId,
      each.revokedAt === undefined ? 'in service' : `revoked ${each.revokedAt.slice(0, 10)}`,
      each.uras.join(' '),
      each.scopes.join(' '),
      each.name,
    ]);
    surroundings.out(asTable([['client id', 'state', 'URA', 'scopes', 'name'], ...rows]));
  }
}

async function revokeClient(id: string, surroundings: Surroundings): Promise<void> {
  await withRegistry(surroundings, ({ clients }) => clients.revoke(id));
  surroundings.out(`Revoked: ${id}. Its very next question is refused.\n`);
}
