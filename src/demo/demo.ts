import type { JWK } from 'jose';
import { callbackPathOf } from '../access/sign-in/sign-in.js';
import type { Config, IdentityProvider } from '../config.js';
import { dayInAmsterdam } from '../core/person/age.js';
import { requireFreePort, type RunningParts, StartError } from '../running-parts.js';
import { startRegistry } from '../start.js';
import { type DemoClient, type RunningIdentity, startIdentityProvider } from './identity-provider.js';
import { bornOnFor, DEMO_AUDITORS, DEMO_PEOPLE } from './network-people.js';
import { type DemoSummary, seedDemo } from './network.js';
import { startPostgres } from './postgres.js';

/**
 * Starts everything a newcomer needs on one machine: PostgreSQL (unless DATABASE_URL names one), a stand-in for DigiD, the demo
 * network and the registry itself, each as one of `parts`. Prints the addresses and whom to sign in as.
 */
export async function startDemo(
  config: Config,
  parts: RunningParts,
  print: (text: string) => void,
): Promise<void> {
  if (!config.demo) throw new StartError('The demonstration starts in demo mode only.');
  const { dataFolder, identityPort } = config.demo;
  await requireFreePort(config.port, config.host, 'PORT');
  await requireFreePort(identityPort, config.host, 'DEMO_IDENTITY_PORT');
  const complete = await withDatabase(config, parts, print);
  await parts.start(() => startIdentity(complete, identityPort));
  let summary: DemoSummary | undefined;
  await parts.start(() =>
    startRegistry(complete, async (core) => {
      summary = await seedDemo(core, { dataFolder });
    }),
  );
  if (summary) print(welcome(complete, summary));
}

async function withDatabase(
  config: Config,
  parts: RunningParts,
  log: (line: string) => void,
): Promise<Config> {
  if (config.database.kind === 'server') return config;
  const { folder } = config.database;
  log('Starting PostgreSQL (the first start also makes its database) …');
  const { url } = await parts.start(() => startPostgres({ folder, log }));
  return { ...config, database: { kind: 'server', url, ownerUrl: url } };
}

function startIdentity(config: Config, port: number): Promise<RunningIdentity> {
  const today = dayInAmsterdam(new Date());
  const people = DEMO_PEOPLE.map((person) => ({ ...person, bornOn: bornOnFor(person, today) }));
  const clients = [
    clientOf('citizen', config.citizenIdentity, config),
    clientOf('auditor', config.auditorIdentity, config),
  ];
  return startIdentityProvider({
    port,
    issuer: config.citizenIdentity.issuer,
    people,
    auditors: DEMO_AUDITORS,
    clients,
  });
}

function clientOf(
  role: DemoClient['role'],
  { clientId, clientKey }: IdentityProvider,
  config: Config,
): DemoClient {
  const publicKey: JWK = { ...clientKey };
  delete publicKey.d;
  return { id: clientId, role, redirectUri: `${config.publicUrl}${callbackPathOf(role)}`, publicKey };
}

function welcome({ publicUrl }: Config, summary: DemoSummary): string {
  const people = summary.people.map(
    ({ name, age, story }) => `  ${`${name} (${String(age)})`.padEnd(28)}${story.en}`,
  );
  const auditors = summary.auditors.map(({ name, roles }) => {
    return `  ${name.padEnd(28)}${roles.includes('auditor') ? 'has the role auditor' : 'lacks the role auditor: is refused'}`;
  });
  const systems = summary.systems.map(({ name, clientId }) => `  ${name.padEnd(28)}client id ${clientId}`);
  return [
    '',
    'The consent registry runs, with an invented network of care: nothing here is real.',
    '',
    `  Citizens sign in     ${publicUrl}/citizen/v1/sign-in`,
    `  Auditors sign in     ${publicUrl}/auditor/v1/sign-in`,
    `  Doors, readable      ${publicUrl}/citizen/docs  ${publicUrl}/provider/docs  ${publicUrl}/auditor/docs`,
    '',
    'Citizens to sign in as:',
    ...people,
    '',
    'Auditors:',
    ...auditors,
    '',
    `Systems of ${String(summary.providers)} care providers (their keys are in ${summary.systemsFile}):`,
    ...systems,
    '',
    `Play a whole day, in another terminal: ${storyCommand()}`,
    'Stop with Ctrl-C; the data stays for the next start.',
    '',
  ].join('\n');
}

/** The story finds the registry by the same settings as this process did. */
function storyCommand(): string {
  const settings = ['PORT', 'PUBLIC_URL', 'DATA_FOLDER'].flatMap((name) => {
    const value = process.env[name];
    return value === undefined ? [] : `${name}=${value} `;
  });
  return `${settings.join('')}npm run story`;
}
