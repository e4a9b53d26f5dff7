import { randomBytes } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { exportJWK, generateKeyPair, type JWK } from 'jose';
import {
  type ClientMetadata,
  type Configuration,
  errors,
  type KoaContextWithOIDC,
  Provider,
} from 'oidc-provider';
import type { Language } from '../core/person/person.js';
import { StartError } from '../running-parts.js';
import { IdentityMemory } from './identity-memory.js';
import { pickingPage, STYLE_SOURCE, wrongPage } from './identity-page.js';
import {
  ASSURANCE_LEVELS,
  DEFAULT_LEVEL,
  type DemoAuditor,
  type DemoPerson,
  isAssuranceLevel,
} from './identity-people.js';

export { ASSURANCE_LEVELS, DEFAULT_LEVEL, type DemoAuditor, type DemoPerson } from './identity-people.js';

/** One door of the registry as a client of the demo identity provider. */
export interface DemoClient {
  readonly id: string;
  /** Whether demo persons or demo auditors sign in through it. */
  readonly role: 'citizen' | 'auditor';
  readonly redirectUri: string;
  /** The public half of the key that proves the registry. */
  readonly publicKey: JWK;
}

/** How the demo identity provider starts. */
export interface DemoIdentity {
  /** 0 takes a free one. */
  readonly port: number;
  readonly host?: string;
  /** `http://localhost:<port>` when left out. */
  readonly issuer?: string;
  readonly people: readonly DemoPerson[];
  readonly auditors: readonly DemoAuditor[];
  readonly clients: readonly DemoClient[];
  /** The language of the page when the registry asks for none. */
  readonly language?: Language;
}

/** A demo identity provider that runs. */
export interface RunningIdentity {
  readonly issuer: string;
  stop(): Promise<void>;
}

const LARGEST_FORM = 10_000;
const SIGN_IN_SECONDS = 600;

/**
 * Starts a stand-in for DigiD (and for the auditors' own identity provider): real OpenID Connect with PKCE, private_key_jwt and
 * ES256 ID tokens under a key made at start, over demo persons, with a page to pick one. Anybody may be anybody: demo only.
 *
 * A machine signs in as a person does: follow the redirects from the registry's sign-in address, keeping cookies, to
 * `GET /interaction/<uid>`; `POST` to the same address a form with `person=<id>` and `level=<acr value>`, or with `cancel=yes`;
 * follow the redirects back. `pickAtIdentityProvider` in identity-visitor.ts does just that.
 */
export async function startIdentityProvider(demo: DemoIdentity): Promise<RunningIdentity> {
  const server = createServer();
  const port = await listen(server, demo.port, demo.host ?? '127.0.0.1');
  const issuer = demo.issuer ?? `http://localhost:${String(port)}`;
  const provider = new Provider(issuer, await configurationOf(demo));
  const answer = provider.callback();
  const pages = new PickingPages(provider, demo);
  server.on('request', (request, response) => {
    if (request.url?.startsWith('/interaction/')) void pages.answer(request, response);
    else void answer(request, response);
  });
  return { issuer, stop: () => stop(server) };
}

async function configurationOf(demo: DemoIdentity): Promise<Configuration> {
  const { privateKey } = await generateKeyPair('ES256', { extractable: true });
  const key = {
    ...(await exportJWK(privateKey)),
    alg: 'ES256',
    use: 'sig',
    kid: randomBytes(8).toString('hex'),
  };
  const clients = new IdentityMemory();
  for (const client of demo.clients) await clients.upsert(client.id, metadataOf(client));
  return {
    adapter: (name) => (name === 'Client' ? clients : new IdentityMemory()),
    jwks: { keys: [key] },
    cookies: {
      keys: [randomBytes(32).toString('hex')],
      names: { session: 'demo-identity', interaction: 'demo-interaction', resume: 'demo-resume' },
    },
    responseTypes: ['code'],
    pkce: { required: () => true },
    clientAuthMethods: ['private_key_jwt'],
    enabledJWA: { clientAuthSigningAlgValues: ['ES256', 'PS256', 'RS256'] },
    acrValues: Object.keys(ASSURANCE_LEVELS),
    scopes: ['openid', 'bsn', 'profile', 'roles'],
    claims: { openid: ['sub'], bsn: ['bsn'], profile: ['name'], roles: ['roles'] },
    // The registry has no use for a userinfo endpoint: everything it needs stands in the signed ID token.
    conformIdTokenClaims: false,
    features: {
      devInteractions: { enabled: false },
      userinfo: { enabled: false },
      rpInitiatedLogout: { enabled: false },
    },
    interactions: { url: (_, { uid }) => `/interaction/${uid}` },
    ttl: {
      AccessToken: SIGN_IN_SECONDS,
      AuthorizationCode: 60,
      Grant: SIGN_IN_SECONDS,
      IdToken: SIGN_IN_SECONDS,
      Interaction: SIGN_IN_SECONDS,
      Session: SIGN_IN_SECONDS,
    },
    findAccount: (_, id) => accountOf(demo, id),
    loadExistingGrant: grantWhatIsAsked,
    renderError: (context, { error }) => {
      context.type = 'html';
      context.body = wrongPage(demo.language ?? 'nl', error);
    },
  };
}

function metadataOf({ id, redirectUri, publicKey }: DemoClient): ClientMetadata {
  return {
    client_id: id,
    redirect_uris: [redirectUri],
    response_types: ['code'],
    grant_types: ['authorization_code'],
    token_endpoint_auth_method: 'private_key_jwt',
    id_token_signed_response_alg: 'ES256',
    jwks: { keys: [publicKey] },
  };
}

type FoundAccount = NonNullable<Awaited<ReturnType<NonNullable<Configuration['findAccount']>>>>;

function accountOf({ people, auditors }: DemoIdentity, id: string): FoundAccount | undefined {
  const person = people.find((one) => one.id === id);
  if (person) {
    return { accountId: id, claims: () => ({ sub: id, bsn: person.bsn, name: person.name }) };
  }
  const auditor = auditors.find((one) => one.id === id);
  return (
    auditor && { accountId: id, claims: () => ({ sub: id, name: auditor.name, roles: [...auditor.roles] }) }
  );
}

/** Nobody is asked to agree that the registry learns who signs in: DigiD does not ask that either. */
async function grantWhatIsAsked(
  context: KoaContextWithOIDC,
): Promise<InstanceType<Provider['Grant']> | undefined> {
  const { client, session, provider, requestParamScopes } = context.oidc;
  if (!client || !session?.accountId) return undefined;
  const grant = new provider.Grant({ clientId: client.clientId, accountId: session.accountId });
  grant.addOIDCScope([...requestParamScopes].join(' '));
  await grant.save();
  return grant;
}

/** The page between coming from the registry and going back. */
class PickingPages {
  constructor(
    private readonly provider: Provider,
    private readonly demo: DemoIdentity,
  ) {}

  async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    try {
      const { params } = await this.provider.interactionDetails(request, response);
      const client = this.demo.clients.find((one) => one.id === params['client_id']);
      if (!client) throw new Error('an interaction without a client');
      if (request.method === 'POST') await this.finish(client, request, response);
      else
        show(response, 200, pickingPage(this.languageOf(params['ui_locales']), this.listFor(client)), client);
    } catch (error) {
      const expired = error instanceof errors.OIDCProviderError;
      show(
        response,
        expired ? 400 : 500,
        wrongPage(this.languageOf(undefined), expired ? error.error : 'server_error'),
      );
    }
  }

  private async finish(
    client: DemoClient,
    request: IncomingMessage,
    response: ServerResponse,
  ): Promise<void> {
    const form = await readForm(request);
    if (form.get('cancel') !== null) {
      await this.provider.interactionFinished(request, response, {
        error: 'access_denied',
        error_description: 'The person cancelled.',
      });
      return;
    }
    const accountId = this.listFor(client).find(({ id }) => id === form.get('person'))?.id;
    const acr = form.get('level') ?? DEFAULT_LEVEL;
    if (accountId === undefined || !isAssuranceLevel(acr)) {
      show(response, 400, wrongPage(this.languageOf(undefined), 'unknown person or level'));
      return;
    }
    await this.provider.interactionFinished(request, response, {
      login: { accountId, acr, remember: false },
    });
  }

  private listFor({ role }: DemoClient): readonly (DemoPerson | DemoAuditor)[] {
    return role === 'citizen' ? this.demo.people : this.demo.auditors;
  }

  private languageOf(uiLocales: unknown): Language {
    const asked = typeof uiLocales === 'string' ? uiLocales.split(' ').map((tag) => tag.slice(0, 2)) : [];
    const known = asked.find((tag) => tag === 'nl' || tag === 'en');
    return known ?? this.demo.language ?? 'nl';
  }
}

/** Sends a page that loads nothing, is framed by nobody, and whose form leads back to this client only. */
function show(response: ServerResponse, status: number, html: string, client?: DemoClient): void {
  const goesTo = client ? `'self' ${new URL(client.redirectUri).origin}` : `'none'`;
  response
    .writeHead(status, {
      'content-type': 'text/html; charset=utf-8',
      'cache-control': 'no-store',
      'content-security-policy': `default-src 'none'; style-src ${STYLE_SOURCE}; form-action ${goesTo}; frame-ancestors 'none'; base-uri 'none'`,
      'x-content-type-options': 'nosniff',
      'referrer-policy': 'no-referrer',
    })
    .end(html);
}

async function readForm(request: IncomingMessage): Promise<URLSearchParams> {
  const parts: Buffer[] = [];
  let length = 0;
  for await (const part of request as AsyncIterable<Buffer>) {
    length += part.length;
    if (length > LARGEST_FORM) throw new errors.InvalidRequest('the form is too large');
    parts.push(part);
  }
  return new URLSearchParams(Buffer.concat(parts).toString());
}

function listen(server: Server, port: number, host: string): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      const used = error.code === 'EADDRINUSE';
      const sentence = `Port ${String(port)} for the demo identity provider is in use: set DEMO_IDENTITY_PORT to a free one.`;
      reject(used ? new StartError(sentence) : error);
    });
    server.listen(port, host, () => resolve((server.address() as AddressInfo).port));
  });
}

function stop(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}
