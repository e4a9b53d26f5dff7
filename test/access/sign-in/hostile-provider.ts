import { createHash, randomBytes } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { importJWK, type JWK, type JWTHeaderParameters, type JWTPayload, SignJWT } from 'jose';
import { DEFAULT_LEVEL } from '../../../src/demo/identity-provider.js';
import { makeKeyPair, type KeyPair } from './door.js';

/** What the registry sent to the token endpoint. */
export interface TokenRequest {
  readonly form: URLSearchParams;
  /** What the authorization request said that led to this code. */
  readonly asked: URLSearchParams;
}

/** What the token endpoint answers. */
export interface TokenAnswer {
  readonly status: number;
  readonly body: string;
  readonly headers?: Record<string, string>;
}

/**
 * An identity provider over plain node:http. It is honest until a test bends one thing; so each refusal is known to come from
 * that one thing.
 */
export class HostileProvider {
  /** Changes to the discovery document. */
  discovery: Record<string, unknown> = {};
  /** A redirect given instead of the discovery document. */
  discoveryMoved = false;
  /** Text given instead of the discovery document, or of the keys. */
  discoveryText: string | undefined;
  keysText: string | undefined;
  keysStatus = 200;
  /** Whether PKCE is checked, as an honest provider does. */
  checksPkce = true;
  claims: (honest: JWTPayload) => JWTPayload = (honest) => honest;
  header: (honest: JWTHeaderParameters) => JWTHeaderParameters = (honest) => honest;
  signingKey: JWK;
  /** Replaces the finished ID token. */
  idToken: (honest: string) => string | Promise<string> = (honest) => honest;
  /** Replaces the whole answer of the token endpoint. */
  tokenAnswer: ((request: TokenRequest) => TokenAnswer) | undefined;
  readonly requests: TokenRequest[] = [];
  readonly tokens: string[] = [];

  private readonly codes = new Map<string, URLSearchParams>();

  private constructor(
    private readonly server: Server,
    readonly issuer: string,
    readonly keys: KeyPair,
    readonly bsn: string,
  ) {
    this.signingKey = keys.privateKey;
  }

  static async start(bsn: string, port = 0): Promise<HostileProvider> {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
    const { port: taken } = server.address() as AddressInfo;
    const provider = new HostileProvider(server, `http://localhost:${taken}`, await makeKeyPair(), bsn);
    server.on('request', (request, response) => void provider.answer(request, response));
    return provider;
  }

  stop(): Promise<void> {
    return new Promise((resolve) => {
      this.server.close(() => resolve());
      this.server.closeAllConnections();
    });
  }

  /** Lets the person in at once: the address they come back to. `bend` changes the parameters on the way. */
  authorize(location: string, bend: (parameters: URLSearchParams) => void = () => undefined): string {
    const asked = new URL(location).searchParams;
    const code = randomBytes(16).toString('base64url');
    this.codes.set(code, asked);
    const back = new URL(asked.get('redirect_uri')!);
    back.search = new URLSearchParams({ code, state: asked.get('state')!, iss: this.issuer }).toString();
    bend(back.searchParams);
    return back.href;
  }

  private async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const path = request.url?.split('?', 1)[0];
    if (path === '/.well-known/openid-configuration') this.discover(response);
    else if (path === '/jwks' && this.keysText !== undefined) response.end(this.keysText);
    else if (path === '/jwks') send(response, this.keysStatus, { keys: [this.keys.publicKey] });
    else if (path === '/token') {
      const { status, body, headers } = await this.token(request);
      response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(body);
    } else send(response, 404, {});
  }

  private discover(response: ServerResponse): void {
    if (this.discoveryMoved) {
      response.writeHead(302, { location: `${this.issuer}/elsewhere` }).end();
      return;
    }
    if (this.discoveryText !== undefined) {
      response.end(this.discoveryText);
      return;
    }
    send(response, 200, {
      issuer: this.issuer,
      authorization_endpoint: `${this.issuer}/authorize`,
      token_endpoint: `${this.issuer}/token`,
      jwks_uri: `${this.issuer}/jwks`,
      authorization_response_iss_parameter_supported: true,
      ...this.discovery,
    });
  }

  private async token(request: IncomingMessage): Promise<TokenAnswer> {
    const parts: Buffer[] = [];
    for await (const part of request as AsyncIterable<Buffer>) parts.push(part);
    const form = new URLSearchParams(Buffer.concat(parts).toString());
    const asked = this.codes.get(form.get('code') ?? '');
    if (!asked) return refuse('invalid_grant');
    this.codes.delete(form.get('code')!);
    const received = { form, asked };
    this.requests.push(received);
    if (this.tokenAnswer) return this.tokenAnswer(received);
    const challenge = createHash('sha256')
      .update(form.get('code_verifier') ?? '')
      .digest('base64url');
    if (this.checksPkce && challenge !== asked.get('code_challenge')) return refuse('invalid_grant');
    const idToken = await this.idToken(await this.honestToken(asked));
    this.tokens.push(idToken);
    const body = { access_token: 'an-access-token', token_type: 'Bearer', expires_in: 60, id_token: idToken };
    return { status: 200, body: JSON.stringify(body) };
  }

  private async honestToken(asked: URLSearchParams): Promise<string> {
    const now = Math.floor(Date.now() / 1000);
    const claims = this.claims({
      iss: this.issuer,
      sub: 'somebody',
      aud: asked.get('client_id')!,
      exp: now + 300,
      iat: now,
      nonce: asked.get('nonce')!,
      acr: DEFAULT_LEVEL,
      bsn: this.bsn,
      name: 'A. Tester',
      roles: ['auditor'],
    });
    const header = this.header({ alg: 'ES256', kid: this.keys.privateKey.kid!, typ: 'JWT' });
    return new SignJWT(claims).setProtectedHeader(header).sign(await importJWK(this.signingKey, 'ES256'));
  }
}

function refuse(error: string): TokenAnswer {
  return { status: 400, body: JSON.stringify({ error, error_description: 'no' }) };
}

function send(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}
