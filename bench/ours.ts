import 'reflect-metadata';
import fastify from 'fastify';
import { mountAuthorizationServer } from '../src/access/systems/mount.js';
import { makeAuthorizationServer } from '../src/access/systems/authorization-server.js';
import { AccessTokens } from '../src/access/systems/access-token.js';
import { SystemDoor } from '../src/access/systems/bearer.guard.js';
import type { ClosedQuestion } from '../src/core/decision/question.js';
import { buildCore } from '../src/core.module.js';
import { openPostgresRegistry } from '../src/store/postgres.registry.js';
import { answerParent } from './child.js';
import type { World } from './world.js';

async function open(world: World): Promise<string> {
  const key = (text: string): Buffer => Buffer.from(text, 'base64');
  const registry = await openPostgresRegistry({
    url: world.databaseUrl,
    cipher: { bsnKey: key(world.keys.bsn), indexKey: key(world.keys.bsnIndex) },
  });
  const core = buildCore({
    registry,
    auditKey: key(world.keys.audit),
    policy: { presumedConsent: 'allow' },
    source: 'bench',
  });
  const issuer = `${world.publicUrl}/oauth`;
  const resource = `${world.publicUrl}/provider`;
  const tokens = new AccessTokens({ issuer, resource, keys: [world.tokenSigningKey], clock: core.clock });
  const door = new SystemDoor(tokens);
  const app = fastify();
  mountAuthorizationServer(
    app,
    makeAuthorizationServer({
      issuer,
      resource,
      signingKeys: [world.tokenSigningKey],
      registry,
      clock: core.clock,
      report: (e) => console.error(e),
    }),
  );
  app.post('/provider/v1/consent-checks', async (request, reply) => {
    const asker = await door.admit(request, reply, ['consent:check']);
    const { entryId, leafHash, results } = await core.decisions.answerClosed(
      asker,
      request.body as ClosedQuestion,
    );
    return { results, receipt: { entryId, leafHash: leafHash.toString('base64') } };
  });
  await app.listen({ host: '127.0.0.1', port: Number(new URL(world.publicUrl).port) });
  return world.publicUrl;
}

let address: Promise<string> | undefined;
answerParent((world: World) => (address ??= open(world)));
