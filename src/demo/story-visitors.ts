import { randomUUID } from 'node:crypto';
import { importJWK, SignJWT } from 'jose';
import { pickAtIdentityProvider } from './identity-visitor.js';
import type { DemoSystem } from './network-systems.js';
import type { Teller } from './story-teller.js';

/** What came back over HTTP: the status, the headers, and the body as far as it is JSON. */
export interface Heard {
  readonly status: number;
  readonly headers: Headers;
  readonly body: Record<string, unknown>;
  readonly text: string;
}

async function hear(address: string, request: RequestInit, teller: Teller): Promise<Heard> {
  let answer: Response;
  try {
    answer = await fetch(address, { ...request, redirect: 'manual' });
  } catch (error) {
    const why = error instanceof Error && error.cause instanceof Error ? error.cause.message : String(error);
    throw teller.broken(`an answer from ${address} (is the registry running? npm start)`, why);
  }
  const text = await answer.text();
  return { status: answer.status, headers: answer.headers, text, body: readObject(text) };
}

function readObject(text: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
  } catch {
    return {};
  }
}

/** What a visitor sends along. */
export interface Sent {
  readonly body?: unknown;
  readonly ifMatch?: string;
}

/** A browser at the registry: keeps its cookies, signs in through the identity provider's pages, and says what pages of ours say. */
export class Browser {
  private readonly cookies = new Map<string, string>();

  constructor(
    private readonly publicUrl: string,
    private readonly door: 'citizen' | 'auditor',
    private readonly teller: Teller,
  ) {}

  /** Signs in as a demo person or auditor; gives what the registry said when the browser came back. */
  async signIn(person: string): Promise<Heard> {
    const away = await this.go(`${this.publicUrl}/${this.door}/v1/sign-in`, {});
    const location = away.headers.get('location');
    if (location === null) throw this.teller.broken('to be sent to the identity provider', this.told(away));
    return this.go(await pickAtIdentityProvider(location, { person }), {});
  }

  /** Asks for something of the door, as a page of ours would. Breaks the story off at any other status than the expected one. */
  async ask(method: string, path: string, expected: number, { body, ifMatch }: Sent = {}): Promise<Heard> {
    const heard = await this.go(`${this.publicUrl}/${this.door}/v1${path}`, {
      method,
      headers: {
        accept: 'application/json, application/x-ndjson',
        'x-requested-by': 'consent-registry',
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...(ifMatch === undefined ? {} : { 'if-match': ifMatch }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    if (heard.status !== expected) {
      throw this.teller.broken(`${method} ${path} to be answered ${String(expected)}`, this.told(heard));
    }
    return heard;
  }

  private async go(address: string, request: RequestInit): Promise<Heard> {
    const cookie = [...this.cookies].map(([name, value]) => `${name}=${value}`).join('; ');
    const headers = { ...(request.headers as Record<string, string>), ...(cookie === '' ? {} : { cookie }) };
    const heard = await hear(address, { ...request, headers }, this.teller);
    for (const line of heard.headers.getSetCookie()) this.keep(line);
    return heard;
  }

  /** The story goes over plain http on one machine, where browsers too send `Secure` cookies to localhost. */
  private keep(line: string): void {
    const [pair = ''] = line.split(';', 1);
    const [name = '', ...value] = pair.split('=');
    if (value.join('=') === '') this.cookies.delete(name);
    else this.cookies.set(name, value.join('='));
  }

  private told({ status, body, text }: Heard): string {
    const { code, detail } = body;
    const words = typeof code === 'string' ? `${code}: ${String(detail)}` : text.slice(0, 200);
    return `${String(status)} ${words}`;
  }
}

/** A care provider's system: gets an access token with its own key, and asks the provider door. */
export class CareSystem {
  private token: string | undefined;

  constructor(
    private readonly publicUrl: string,
    readonly system: DemoSystem,
    private readonly teller: Teller,
  ) {}

  /** Breaks the story off at any other status than one of the expected. */
  async ask(method: string, path: string, expected: readonly number[], body: unknown): Promise<Heard> {
    this.token ??= await this.fetchToken();
    const heard = await hear(
      `${this.publicUrl}/provider/v1${path}`,
      {
        method,
        headers: { authorization: `Bearer ${this.token}`, 'content-type': 'application/json' },
        body: JSON.stringify(body),
      },
      this.teller,
    );
    if (expected.includes(heard.status)) return heard;
    throw this.teller.broken(
      `${method} ${path} to be answered ${expected.join(' or ')}`,
      `${String(heard.status)} ${String(heard.body['code'])}: ${String(heard.body['detail'])}`,
    );
  }

  private async fetchToken(): Promise<string> {
    const endpoint = `${this.publicUrl}/oauth/token`;
    const heard = await hear(
      endpoint,
      {
        method: 'POST',
        body: new URLSearchParams({
          grant_type: 'client_credentials',
          scope: this.system.scopes.join(' '),
          client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
          client_assertion: await this.assertionFor(endpoint),
        }),
      },
      this.teller,
    );
    const { access_token: token, error } = heard.body;
    if (typeof token === 'string') return token;
    throw this.teller.broken(
      `an access token for ${this.system.name}`,
      `${String(heard.status)} ${String(error)}`,
    );
  }

  private async assertionFor(endpoint: string): Promise<string> {
    const { clientId, key } = this.system;
    return new SignJWT({})
      .setProtectedHeader({ alg: key.alg, kid: key.kid })
      .setIssuer(clientId)
      .setSubject(clientId)
      .setAudience(endpoint)
      .setIssuedAt()
      .setExpirationTime('1m')
      .setJti(randomUUID())
      .sign(await importJWK({ ...key }, key.alg));
  }
}
