import 'reflect-metadata';
import type { JWK } from 'jose';
import { readConfig } from '../src/config.js';
import { startRegistry } from '../src/start.js';
import { answerParent } from './child.js';
import type { World } from './world.js';

/**
 * The whole registry as it starts in production: every door, every check of its settings and of the database, a line in the process
 * log for each answer. Only its identity providers do not exist; no check needs them.
 */
async function open(world: World): Promise<void> {
  await startRegistry(readConfig(environmentOf(world)));
}

function environmentOf({
  serviceUrl,
  keys,
  tokenSigningKey,
  publicUrl,
  origin,
  identityKeys,
}: World): NodeJS.ProcessEnv {
  const { hostname, port } = new URL(origin);
  return {
    MODE: 'production',
    HOST: hostname,
    PORT: port,
    PUBLIC_URL: publicUrl,
    DATABASE_URL: serviceUrl,
    BSN_KEY: keys.bsn,
    BSN_INDEX_KEY: keys.bsnIndex,
    AUDIT_KEY: keys.audit,
    TOKEN_SIGNING_KEY: JSON.stringify(tokenSigningKey),
    ...identityOf('CITIZEN', identityKeys[0]),
    ...identityOf('AUDITOR', identityKeys[1]),
    OPERATOR_NAME: 'Bench',
    OPERATOR_EMAIL: 'bench@example.org',
    OPERATOR_URL: 'https://example.org',
  };
}

function identityOf(door: 'CITIZEN' | 'AUDITOR', key: JWK): NodeJS.ProcessEnv {
  return {
    [`${door}_OIDC_ISSUER`]: `https://${door.toLowerCase()}.example.org`,
    [`${door}_OIDC_CLIENT_ID`]: 'registry',
    [`${door}_OIDC_CLIENT_KEY`]: JSON.stringify(key),
    [`${door}_OIDC_ACR`]: 'high',
  };
}

let opened: Promise<void> | undefined;
answerParent((world: World) => (opened ??= open(world)));
