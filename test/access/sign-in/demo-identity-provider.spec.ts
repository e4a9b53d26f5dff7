import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { parseDay } from '../../../src/core/person/age.js';
import { pickingPage, wrongPage } from '../../../src/demo/identity-page.js';
import {
  type DemoIdentity,
  type RunningIdentity,
  startIdentityProvider,
} from '../../../src/demo/identity-provider.js';
import { pickAtIdentityProvider } from '../../../src/demo/identity-visitor.js';
import { makeBsn } from '../../make.js';
import { makeKeyPair } from './door.js';

const REDIRECT = 'http://localhost:9/citizen/v1/sign-in/callback';
const CHALLENGE = 'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM';

describe('the demo identity provider', () => {
  let demo: DemoIdentity;
  let identity: RunningIdentity;
  const noise = (['info', 'warn', 'error', 'log'] as const).map((name) => jest.spyOn(console, name));

  beforeAll(async () => {
    const { publicKey } = await makeKeyPair();
    demo = {
      port: 0,
      people: [
        {
          id: 'p1',
          bsn: makeBsn(),
          name: 'Anna <script>',
          bornOn: parseDay('1980-02-03'),
          story: { nl: 'Koos "nee".', en: 'Chose "no".' },
        },
      ],
      auditors: [{ id: 'a1', name: 'B. Toezicht', roles: ['auditor'] }],
      clients: [{ id: 'citizens', role: 'citizen', redirectUri: REDIRECT, publicKey }],
    };
    identity = await startIdentityProvider(demo);
  });

  afterAll(() => identity.stop());

  function request(change: Record<string, string | undefined> = {}): string {
    const parameters: Record<string, string | undefined> = {
      client_id: 'citizens',
      response_type: 'code',
      redirect_uri: REDIRECT,
      scope: 'openid bsn',
      state: 'a-state',
      nonce: 'a-nonce',
      prompt: 'login',
      code_challenge: CHALLENGE,
      code_challenge_method: 'S256',
      ...change,
    };
    const given = Object.entries(parameters).filter(
      (pair): pair is [string, string] => pair[1] !== undefined,
    );
    return `${identity.issuer}/auth?${new URLSearchParams(given).toString()}`;
  }

  /** The page, as one browser gets it. */
  async function page(
    change?: Record<string, string>,
  ): Promise<{ url: string; cookie: string; answer: Response }> {
    const there = await fetch(request(change), { redirect: 'manual' });
    const cookie = there.headers
      .getSetCookie()
      .map((line) => line.split(';', 1)[0])
      .join('; ');
    const url = new URL(there.headers.get('location')!, identity.issuer).href;
    return { url, cookie, answer: await fetch(url, { headers: { cookie } }) };
  }

  it('says in its metadata what the registry relies on', async () => {
    const metadata: unknown = await (
      await fetch(`${identity.issuer}/.well-known/openid-configuration`)
    ).json();
    expect(metadata).toMatchObject({
      issuer: identity.issuer,
      response_types_supported: ['code'],
      code_challenge_methods_supported: ['S256'],
      token_endpoint_auth_methods_supported: ['private_key_jwt'],
      authorization_response_iss_parameter_supported: true,
      acr_values_supported: expect.arrayContaining(['urn:etoegang:core:assurance-class:loa3']),
    });
  });

  it('shows a page in the language asked for, naming the people and saying that it is not DigiD', async () => {
    const dutch = await (await page({ ui_locales: 'nl' })).answer.text();
    expect(dutch).toContain('<html lang="nl">');
    expect(dutch).toContain('Dit is niet DigiD');
    expect(dutch).toContain('Koos &#34;nee&#34;.');
    const english = await (await page({ ui_locales: 'en-GB fr' })).answer.text();
    expect(english).toContain('<html lang="en">');
    expect(english).toContain('This is not DigiD');
    expect(english).toContain('Chose &#34;no&#34;.');
    expect(await (await page({ ui_locales: 'fr' })).answer.text()).toContain('<html lang="nl">');
  });

  it('the page carries no BSN, no script, no markup from names, and loads nothing from anywhere', async () => {
    const { answer } = await page();
    const html = await answer.text();
    expect(html).toContain('Anna &#60;script&#62;');
    expect(html).not.toMatch(/<script|src=|href=|url\(|@import|\son\w+=/i);
    expect(html).not.toContain(demo.people[0]!.bsn);
    const policy = answer.headers.get('content-security-policy');
    expect(policy).toContain("default-src 'none'");
    expect(policy).toContain("frame-ancestors 'none'");
    expect(policy).toContain(`form-action 'self' http://localhost:9`);
    expect(answer.headers.get('cache-control')).toBe('no-store');
  });

  it('the page shows ages on the day it is shown, offers four levels with Substantieel chosen, and a way out', () => {
    const html = pickingPage('nl', demo.people, parseDay('2026-02-02'));
    expect(html).toContain('45 jaar');
    expect(pickingPage('en', demo.people, parseDay('2026-02-03'))).toContain('aged 46');
    expect(html.match(/type="radio"/g)).toHaveLength(4);
    expect(html.match(/loa3" checked/g)).toHaveLength(1);
    expect(html).toContain('<button class="cancel" name="cancel" value="yes">Annuleren</button>');
    expect(pickingPage('nl', demo.auditors)).toContain('B. Toezicht');
    expect(wrongPage('en', '<b>')).toContain('&#60;b&#62;');
  });

  it('sends the visitor back with a code, the state and its own name', async () => {
    const back = new URL(await pickAtIdentityProvider(request(), { person: 'p1' }));
    expect(back.origin + back.pathname).toBe(REDIRECT);
    expect(Object.fromEntries(back.searchParams)).toEqual({
      code: expect.stringMatching(/^.{20,}$/),
      state: 'a-state',
      iss: identity.issuer,
    });
  });

  it('a visitor who cancels comes back with access_denied', async () => {
    const back = new URL(await pickAtIdentityProvider(request(), 'cancel'));
    expect(back.searchParams.get('error')).toBe('access_denied');
    expect(back.searchParams.get('code')).toBeNull();
  });

  it('asks anew each time, also in the same browser', async () => {
    const { cookie, url } = await page();
    await fetch(url, {
      method: 'POST',
      headers: { cookie },
      body: new URLSearchParams({ person: 'p1' }),
      redirect: 'manual',
    });
    const again = await fetch(request(), { headers: { cookie }, redirect: 'manual' });
    expect(again.headers.get('location')).toMatch(/^\/interaction\//);
  });

  it('refuses a person, an auditor at the citizens’ door, or a level that is not on the page', async () => {
    for (const form of [{}, { person: 'nobody' }, { person: 'a1' }, { person: 'p1', level: 'highest' }]) {
      const { cookie, url } = await page();
      const body = new URLSearchParams(form);
      const answer = await fetch(url, { method: 'POST', headers: { cookie }, body, redirect: 'manual' });
      expect(answer.status).toBe(400);
    }
  });

  it('an attempt of another browser, an unknown one or an oversized form gets the page that says to start again', async () => {
    const { url, cookie } = await page();
    const unknown = await fetch(`${identity.issuer}/interaction/unknown`);
    const big = { method: 'POST', headers: { cookie }, body: `person=${'x'.repeat(20_000)}` };
    for (const answer of [await fetch(url), unknown, await fetch(url, big)]) {
      expect(answer.status).toBe(400);
      expect(await answer.text()).toContain('Ga terug naar de website en begin opnieuw.');
    }
  });

  it.each([
    ['without PKCE', { code_challenge: undefined, code_challenge_method: undefined }, 'invalid_request'],
    ['with plain PKCE', { code_challenge_method: 'plain' }, 'invalid_request'],
    ['for a token in the address', { response_type: 'id_token' }, 'unsupported_response_type'],
  ])('a request %s is sent back as %s', async (_, change, error) => {
    const answer = await fetch(request(change), { redirect: 'manual' });
    const back = new URL(answer.headers.get('location')!.replace('#', '?'));
    expect(back.searchParams.get('error')).toBe(error);
  });

  it('a request to send the person elsewhere is answered on the spot', async () => {
    const answer = await fetch(request({ redirect_uri: 'https://evil.example/' }), { redirect: 'manual' });
    expect(answer.status).toBe(400);
    expect(answer.headers.get('location')).toBeNull();
    expect(await answer.text()).toContain('invalid_redirect_uri');
  });

  it('gives no token to a client that does not prove itself with its key', async () => {
    const code = new URL(await pickAtIdentityProvider(request(), { person: 'p1' })).searchParams.get('code')!;
    const form = {
      grant_type: 'authorization_code',
      code,
      redirect_uri: REDIRECT,
      client_id: 'citizens',
      code_verifier: 'x'.repeat(43),
    };
    for (const proof of [
      {},
      { client_secret: 'guess' },
      {
        client_assertion: 'a.b.c',
        client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
      },
    ]) {
      const answer = await fetch(`${identity.issuer}/token`, {
        method: 'POST',
        body: new URLSearchParams({ ...form, ...proof }),
      });
      expect([400, 401]).toContain(answer.status);
      expect(await answer.json()).toMatchObject({ error: expect.stringMatching(/^invalid_/) });
    }
  });

  it('a port in use gives one clear sentence', async () => {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    await expect(startIdentityProvider({ ...demo, port })).rejects.toThrow(
      `Port ${port} for the demo identity provider is in use: set DEMO_IDENTITY_PORT to a free one.`,
    );
    server.close();
  });

  it('says nothing on the console', () => {
    for (const spy of noise) expect(spy).not.toHaveBeenCalled();
  });
});
