import { randomUUID } from 'node:crypto';
import { importJWK, SignJWT } from 'jose';
import type { BenchSystem, World } from './world.js';

/** A fresh access token for each system, from the token endpoint of our own app, as a vendor's system gets it. */
export function fetchTokens({ systems, publicUrl, origin }: World): Promise<readonly string[]> {
  return Promise.all(systems.map((system) => fetchToken(system, { publicUrl, origin })));
}

async function fetchToken(
  { clientId, key }: BenchSystem,
  { publicUrl, origin }: Pick<World, 'publicUrl' | 'origin'>,
): Promise<string> {
  const assertion = await new SignJWT({})
    .setProtectedHeader({ alg: 'ES256', ...(key.kid === undefined ? {} : { kid: key.kid }) })
    .setIssuer(clientId)
    .setSubject(clientId)
    .setAudience(`${publicUrl}/oauth/token`)
    .setIssuedAt()
    .setExpirationTime('1m')
    .setJti(randomUUID())
    .sign(await importJWK(key, 'ES256'));
  const answer = await fetch(`${origin}/oauth/token`, {
    method: 'POST',
    body: new URLSearchParams({
      grant_type: 'client_credentials',
      scope: 'consent:check',
      client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
      client_assertion: assertion,
    }),
  });
  const told = (await answer.json()) as { access_token?: string; error?: string };
  if (told.access_token === undefined) throw new Error(`no access token: ${String(told.error)}`);
  return told.access_token;
}
