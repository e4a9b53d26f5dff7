import { afterEach, describe, expect, it, jest } from '@jest/globals';
import { IdentityProvider } from '../../../src/access/sign-in/identity-provider.js';
import { MovedClock } from './door.js';

const ISSUER = 'https://idp.example/realm';
const SOUND = {
  issuer: ISSUER,
  authorization_endpoint: `${ISSUER}/authorize`,
  token_endpoint: `${ISSUER}/token`,
  jwks_uri: `${ISSUER}/jwks`,
};

describe('the discovery document of an identity provider', () => {
  afterEach(() => void jest.restoreAllMocks());

  function answerWith(document: unknown): jest.SpiedFunction<typeof fetch> {
    return jest.spyOn(globalThis, 'fetch').mockImplementation(async () => Response.json(document));
  }

  it('is read below the issuer’s own path, without following redirects', async () => {
    const asked = answerWith(SOUND);
    const metadata = await new IdentityProvider(ISSUER, new MovedClock()).metadata();
    expect(metadata).toMatchObject({ issuer: ISSUER, tokenEndpoint: `${ISSUER}/token`, namesItself: false });
    expect(asked).toHaveBeenCalledWith(
      `${ISSUER}/.well-known/openid-configuration`,
      expect.objectContaining({ redirect: 'error' }),
    );
  });

  it('is read once for everyone who waits, and again after an hour', async () => {
    const asked = answerWith(SOUND);
    const clock = new MovedClock();
    const provider = new IdentityProvider(ISSUER, clock);
    await Promise.all([provider.metadata(), provider.metadata(), provider.metadata()]);
    clock.advance(59 * 60_000);
    await provider.metadata();
    expect(asked).toHaveBeenCalledTimes(1);
    clock.advance(60_000);
    await provider.metadata();
    expect(asked).toHaveBeenCalledTimes(2);
  });

  it('is read again at once after a failure', async () => {
    const provider = new IdentityProvider(ISSUER, new MovedClock());
    jest.spyOn(globalThis, 'fetch').mockRejectedValueOnce(new TypeError('fetch failed'));
    await expect(provider.metadata()).rejects.toMatchObject({
      code: 'UNAVAILABLE',
      facts: { retryAfterSeconds: 60 },
    });
    answerWith(SOUND);
    await expect(provider.metadata()).resolves.toMatchObject({ issuer: ISSUER });
  });

  it.each(['authorization_endpoint', 'token_endpoint', 'jwks_uri'])(
    'of an issuer on https may not name an %s without it',
    async (name) => {
      answerWith({ ...SOUND, [name]: 'http://idp.example/realm/plain' });
      await expect(new IdentityProvider(ISSUER, new MovedClock()).metadata()).rejects.toMatchObject({
        code: 'UNAVAILABLE',
        reason: `the discovery document of ${ISSUER} has no sound ${name}`,
      });
    },
  );

  it.each([null, [], 'text', {}])('that is %j is no discovery document', async (document) => {
    answerWith(document);
    await expect(new IdentityProvider(ISSUER, new MovedClock()).metadata()).rejects.toMatchObject({
      code: 'UNAVAILABLE',
    });
  });
});
