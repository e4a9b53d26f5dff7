import { Logger } from '@nestjs/common';
import { about, type Journal } from '../../core/audit/journal.js';
import type { Clock } from '../../core/clock.js';
import type { Language } from '../../core/person/person.js';
import type { People } from '../../core/person/people.service.js';
import type { Records, Registry } from '../../core/registry.js';
import type { Principal } from '../../core/session/session.js';
import { Attempts, type AttemptUnderWay } from './attempts.js';
import type { IdTokenClaims } from './id-token.js';
import { auditorFrom, type BsnSource, bsnFrom } from './identity.js';
import { IdentityProvider, type ProviderMetadata } from './identity-provider.js';
import { type OpenIdDoor, OpenIdStrategy } from './openid-strategy.js';
import { SignInRefusal } from './refusal.js';
import { isSecret, newSecret } from './secrets.js';
import type { Sessions, StartedSession } from './sessions.js';
import type { Site } from './site.js';
import { StartLimit } from './start-limit.js';
import { errorCodeOf, type RegistryAsClient } from './token-endpoint.js';

/** The doors that people sign in at. */
export type Role = Principal['role'];

/** How people sign in at one door. */
export interface DoorSettings extends RegistryAsClient {
  /** The address that names the identity provider, as its discovery document repeats it. */
  readonly issuer: string;
  /** The levels of assurance (acr) that are enough, any of them. */
  readonly assurances: readonly string[];
  /** The scopes to ask for besides `openid`; those of the demo identity provider when left out. */
  readonly scopes?: readonly string[] | undefined;
  /** Where a citizen's BSN stands; the claim `bsn` when left out. */
  readonly bsnSource?: BsnSource | undefined;
}

/** What `SignIn` works with. */
export interface SignInParts {
  readonly registry: Registry;
  readonly people: People;
  readonly journal: Journal;
  readonly sessions: Sessions;
  readonly clock: Clock;
  readonly site: Site;
  readonly doors: Readonly<Record<Role, DoorSettings>>;
}

/** What a browser may ask of a sign-in that begins. */
export interface SignInWish {
  /** Where to go afterwards; ignored unless it is a path on this site. */
  readonly returnTo?: unknown;
  readonly language?: unknown;
  /** The secret in the browser's sign-in cookie, when it began another sign-in before. */
  readonly browserSecret?: unknown;
  /** The network address it comes from; so many sign-ins may begin there and no more. */
  readonly address: string;
}

/** What a browser brings back from the identity provider. */
export interface SignInAnswer {
  /** The parameters of the redirect: code and state, or error and state. */
  readonly query: Readonly<Record<string, unknown>>;
  readonly browserSecret?: unknown;
  /** The secret of the session that this browser had so far. */
  readonly formerSession?: string | undefined;
  /** The network address it came from, for the entry. */
  readonly address?: string | undefined;
}

const DEFAULT_SCOPES: Readonly<Record<Role, readonly string[]>> = {
  citizen: ['bsn'],
  auditor: ['profile', 'roles'],
};

/** The place where a role goes after sign-in, unless it asked for another. */
export const AFTER_SIGN_IN: Readonly<Record<Role, string>> = {
  citizen: '/citizen/v1/session',
  auditor: '/auditor/v1/session',
};

/** The path that the identity provider sends people of a role back to; to be registered with the provider. */
export function callbackPathOf(role: Role): string {
  return `/${role}/v1/sign-in/callback`;
}

/** Signs citizens and auditors in through OpenID Connect (OIDC.NLGov: code flow, PKCE, private_key_jwt). */
export class SignIn {
  private readonly log = new Logger('SignIn');
  private readonly attempts: Attempts;
  private readonly starts: StartLimit;
  private readonly providers: Readonly<Record<Role, IdentityProvider>>;

  constructor(private readonly parts: SignInParts) {
    const { registry, clock, doors } = parts;
    this.attempts = new Attempts(registry, clock);
    this.starts = new StartLimit(clock);
    this.providers = {
      citizen: new IdentityProvider(doors.citizen.issuer, clock),
      auditor: new IdentityProvider(doors.auditor.issuer, clock),
    };
  }

  /**
   * Begins a sign-in: where to send the browser, and the secret for its sign-in cookie. TOO_MANY_TRIES when too many begin at this
   * address, whichever the door; UNAVAILABLE when the provider is down.
   */
  begin(role: Role, wish: SignInWish): Promise<{ location: string; browserSecret: string }> {
    return this.told(role, async () => {
      // First of all, and not as a SignInRefusal: refusing a flood must cost nothing and fill no log with warnings.
      this.starts.requireRoom(wish.address);
      const provider = await this.providers[role].metadata();
      // A second sign-in in another tab keeps the first one's secret, so that both can be completed.
      const browserSecret = isSecret(wish.browserSecret) ? wish.browserSecret : newSecret();
      const returnTo = this.parts.site.isOwnPath(wish.returnTo) ? wish.returnTo : AFTER_SIGN_IN[role];
      const underWay = this.attempts.draft({ role, browserSecret, returnTo });
      const location = await this.strategy(role, provider, underWay).begin(languageOf(wish.language));
      return { location, browserSecret };
    });
  }

  /**
   * Completes a sign-in: a session under a new secret, the browser's former one ended, an entry in the log, all in one
   * transaction; or a refusal and nothing kept. An attempt is used up either way.
   */
  complete(role: Role, answer: SignInAnswer): Promise<StartedSession & { returnTo: string }> {
    return this.told(role, async () => {
      const { query } = answer;
      const underWay = await this.attempts.take(role, query['state'], answer.browserSecret);
      const provider = await this.providers[role].metadata();
      requireFrom(provider, query['iss']);
      if (query['error'] !== undefined) throw refusedByProvider(query);
      const { code } = query;
      if (typeof code !== 'string' || code === '') throw new SignInRefusal('the answer has no code');
      const claims = await this.strategy(role, provider, underWay).complete(code);
      const started = await this.admit(role, claims, answer);
      return { ...started, returnTo: underWay.attempt.returnTo };
    });
  }

  private strategy(role: Role, provider: ProviderMetadata, underWay: AttemptUnderWay): OpenIdStrategy {
    const { clientId, clientKey, assurances, scopes = DEFAULT_SCOPES[role] } = this.parts.doors[role];
    const redirectUri = this.parts.site.addressOf(callbackPathOf(role));
    const door: OpenIdDoor = { clientId, clientKey, assurances, scopes, redirectUri };
    return new OpenIdStrategy({ door, provider, underWay, attempts: this.attempts, clock: this.parts.clock });
  }

  private admit(
    role: Role,
    claims: IdTokenClaims,
    { formerSession, address }: SignInAnswer,
  ): Promise<StartedSession> {
    const recognise = role === 'citizen' ? this.citizen(claims, address) : this.auditor(claims, address);
    return this.parts.registry.inTransaction(async (records) => {
      const principal = await recognise(records);
      return this.parts.sessions.startIn(records, {
        principal,
        assurance: claims.acr,
        former: formerSession,
      });
    });
  }

  private citizen(
    claims: IdTokenClaims,
    address: string | undefined,
  ): (records: Records) => Promise<Principal> {
    const bsn = bsnFrom(claims, this.parts.doors.citizen.bsnSource);
    return async (records) => {
      const person = await this.parts.people.knownBy(records, bsn);
      await this.parts.journal.write(records, {
        kind: 'person.signed-in',
        actor: { kind: 'citizen', personId: person.id, as: 'self' },
        subject: about(person),
        outcome: 'done',
        detail: { note: claims.acr, address },
      });
      return { role: 'citizen', personId: person.id };
    };
  }

  private auditor(
    claims: IdTokenClaims,
    address: string | undefined,
  ): (records: Records) => Promise<Principal> {
    const auditor = auditorFrom(claims);
    return async (records) => {
      await this.parts.journal.write(records, {
        kind: 'auditor.signed-in',
        actor: { kind: 'auditor', ...auditor },
        subject: { kind: 'nobody' },
        outcome: 'done',
        detail: { note: claims.acr, address },
      });
      return { role: 'auditor', ...auditor };
    };
  }

  /** The operator learns why a sign-in came to nothing; the person only what helps to go on. */
  private async told<T>(role: Role, act: () => Promise<T>): Promise<T> {
    try {
      return await act();
    } catch (error) {
      if (error instanceof SignInRefusal)
        this.log.warn(`sign-in as ${role} refused (${error.code}): ${error.reason}`);
      throw error;
    }
  }
}

/** The answer must come from the provider that was asked (RFC 9207 §2.4), so that providers can't be mixed up. */
function requireFrom(provider: ProviderMetadata, iss: unknown): void {
  if (iss === provider.issuer || (iss === undefined && !provider.namesItself)) return;
  throw new SignInRefusal(
    iss === undefined ? 'the answer does not name its issuer' : 'the answer names another issuer',
  );
}

function refusedByProvider(query: Readonly<Record<string, unknown>>): SignInRefusal {
  if (query['error'] === 'access_denied') {
    return new SignInRefusal(
      'cancelled',
      'SIGN_IN_REFUSED',
      'You cancelled signing in. Start again whenever you want.',
    );
  }
  return new SignInRefusal(`the provider refused: ${errorCodeOf(query)}`);
}

function languageOf(wish: unknown): Language | undefined {
  return wish === 'nl' || wish === 'en' ? wish : undefined;
}
