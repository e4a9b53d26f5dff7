import type { Request, Response } from 'express';
import passport from 'passport';
import Strategy from 'passport-openidconnect';
import type { Clock } from '../../core/clock.js';
import type { Language } from '../../core/person/person.js';
import type { Attempts, AttemptUnderWay } from './attempts.js';
import { type IdTokenClaims, verifyIdToken } from './id-token.js';
import type { ProviderMetadata } from './identity-provider.js';
import { SignInRefusal } from './refusal.js';
import { hashOf } from './secrets.js';
import { redeem, type RegistryAsClient } from './token-endpoint.js';

/** How one door of the registry is known at its identity provider. */
export interface OpenIdDoor extends RegistryAsClient {
  readonly redirectUri: string;
  /** The levels of assurance (acr) that are enough, any of them. */
  readonly assurances: readonly string[];
  /** The scopes to ask for besides `openid`. */
  readonly scopes: readonly string[];
}

/** What a strategy needs for its one sign-in. */
export interface StrategyParts {
  readonly door: OpenIdDoor;
  readonly provider: ProviderMetadata;
  readonly underWay: AttemptUnderWay;
  readonly attempts: Attempts;
  readonly clock: Clock;
}

type TokenCallback = (
  error: null,
  accessToken: string,
  refreshToken: string,
  result: { id_token: string },
) => void;

/**
 * passport-openidconnect for one half of one sign-in (passport writes the callbacks of a request on the strategy, so a strategy is
 * never shared). Where the library falls short it is replaced: PKCE (RFC 7636) and nonce always, state from our own records,
 * the client proven by a signed assertion, and nothing of an ID token believed before its signature is verified.
 */
export class OpenIdStrategy extends Strategy {
  private claims: IdTokenClaims | undefined;

  constructor(private readonly parts: StrategyParts) {
    const { door, provider, underWay, attempts } = parts;
    super(
      {
        issuer: provider.issuer,
        authorizationURL: provider.authorizationEndpoint,
        tokenURL: provider.tokenEndpoint,
        userInfoURL: '',
        callbackURL: door.redirectUri,
        clientID: door.clientId,
        clientSecret: '',
        scope: [...door.scopes],
        acrValues: door.assurances.join(' '),
        // On a shared computer the next person must not be signed in as the last one.
        prompt: 'login',
        skipUserProfile: true,
        store: new AttemptStore(attempts, underWay),
      },
      (_issuer: string, _profile: Strategy.Profile, done: Strategy.VerifyCallback) => done(null, {}),
    );
    this._oauth2.getOAuthAccessToken = (code: string, ...rest: unknown[]) =>
      this.exchange(code, rest.at(-1) as TokenCallback);
  }

  /** Keeps the attempt and gives the address at the identity provider to send the person to. */
  async begin(language?: Language): Promise<string> {
    const outcome = await this.carryOut({}, language);
    if (outcome === undefined) throw new SignInRefusal('the strategy sent nobody anywhere');
    return outcome;
  }

  /** Redeems the code that the person came back with, and gives what the verified ID token says. */
  async complete(code: string): Promise<IdTokenClaims> {
    await this.carryOut({ code, state: this.parts.underWay.state });
    if (!this.claims) throw new SignInRefusal('the strategy verified no ID token');
    return this.claims;
  }

  /** What the library adds to its request: the PKCE challenge, our own nonce (the library's is below 128 bits), the language. */
  override authorizationParams(options?: { language?: Language }): object {
    const { attempt } = this.parts.underWay;
    return {
      code_challenge: hashOf(attempt.verifier).toString('base64url'),
      code_challenge_method: 'S256',
      nonce: attempt.nonce,
      ...(options?.language === undefined ? {} : { ui_locales: options.language }),
    };
  }

  private exchange(code: string, done: TokenCallback): void {
    this.verifiedToken(code)
      // The access token is not handed on: nothing here has a use for it.
      .then((idToken) => done(null, '', '', { id_token: idToken }))
      .catch((error: unknown) =>
        this.error(error instanceof Error ? error : new Error('the code was not redeemed')),
      );
  }

  private async verifiedToken(code: string): Promise<string> {
    const { door, provider, underWay, clock } = this.parts;
    const { verifier, nonce } = underWay.attempt;
    const idToken = await redeem(
      { code, verifier, redirectUri: door.redirectUri },
      { client: door, provider, clock },
    );
    const { clientId, assurances } = door;
    this.claims = await verifyIdToken(idToken, { provider, clientId, nonce, assurances, now: clock.now() });
    return idToken;
  }

  /** Runs the strategy under passport: gives the address of a redirect, nothing on success, and throws on refusal. */
  private carryOut(query: Record<string, string>, language?: Language): Promise<string | undefined> {
    return new Promise((resolve, reject) => {
      const answer = {
        statusCode: 0,
        setHeader: (name: string, value: string) => {
          if (name === 'Location') resolve(value);
        },
        end: () => undefined,
      };
      const decided = (error: unknown, user?: unknown): void => {
        if (error instanceof Error) reject(error);
        else if (user) resolve(undefined);
        else reject(new SignInRefusal('passport refused the answer'));
      };
      const options = { session: false, ...(language === undefined ? {} : { language }) };
      const act = new passport.Authenticator().authenticate(this, options, decided) as (
        request: Request,
        response: Response,
        next: (error?: unknown) => void,
      ) => void;
      // Passport and the library read `query` only; they get no more of the real request than that.
      act({ query } as unknown as Request, answer as unknown as Response, decided);
    });
  }
}

/** Gives the library state and nonce from our own records, where an attempt is taken once and is tied to the browser. */
class AttemptStore implements Strategy.SessionStore {
  constructor(
    private readonly attempts: Attempts,
    private readonly underWay: AttemptUnderWay,
  ) {}

  store(
    _request: Request,
    _context: Strategy.SessionStoreContext,
    _state: object | undefined,
    _meta: object | undefined,
    done: Strategy.SessionStoreCallback,
  ): void {
    this.attempts.keep(this.underWay.attempt).then(
      () => done(null, this.underWay.state),
      (error: unknown) => done(error instanceof Error ? error : new Error('the attempt was not kept')),
    );
  }

  /** The attempt was taken from the records before the strategy was made; all that is left is to give back its nonce. */
  verify(_request: Request, state: string, done: Strategy.SessionVerifyCallback): void {
    done(null, state === this.underWay.state && { nonce: this.underWay.attempt.nonce });
  }
}
