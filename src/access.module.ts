import { type DynamicModule, Module } from '@nestjs/common';
import { Sessions } from './access/sign-in/sessions.js';
import { SignIn } from './access/sign-in/sign-in.js';
import { Site } from './access/sign-in/site.js';
import { AccessTokens } from './access/systems/access-token.js';
import { SystemDoor } from './access/systems/bearer.guard.js';
import type { Config, IdentityProvider } from './config.js';
import type { Core } from './core.module.js';

/** What the doors use to know who is there. */
export interface Access {
  readonly site: Site;
  readonly sessions: Sessions;
  readonly signIn: SignIn;
  readonly systems: SystemDoor;
}

/** Where the authorization server for systems says it is (its issuer), and for which door its tokens are meant. */
export function systemAddresses(publicUrl: string): { readonly issuer: string; readonly resource: string } {
  return { issuer: `${publicUrl}/oauth`, resource: `${publicUrl}/provider` };
}

function doorOf({ issuer, clientId, clientKey, acceptedAcr }: IdentityProvider) {
  return { issuer, clientId, clientKey: { ...clientKey }, assurances: acceptedAcr };
}

/** Wires who may come in: sign-in for people, access tokens for systems. */
export function buildAccess(core: Core, config: Config): Access {
  const { registry, people, journal, clock } = core;
  const site = new Site(config.publicUrl);
  const sessions = new Sessions(registry, clock);
  const doors = { citizen: doorOf(config.citizenIdentity), auditor: doorOf(config.auditorIdentity) };
  const tokens = new AccessTokens({
    ...systemAddresses(config.publicUrl),
    keys: [{ ...config.keys.tokenSigning }],
    clock,
  });
  return {
    site,
    sessions,
    signIn: new SignIn({ registry, people, journal, sessions, clock, site, doors }),
    systems: new SystemDoor(tokens),
  };
}

/** Hands who-is-at-the-door to Nest, each part under its own class. */
@Module({})
export class AccessModule {
  /** The module for parts that are already built. */
  static of(access: Access): DynamicModule {
    return {
      module: AccessModule,
      global: true,
      providers: [
        { provide: Site, useFactory: () => access.site },
        { provide: Sessions, useFactory: () => access.sessions },
        { provide: SignIn, useFactory: () => access.signIn },
        { provide: SystemDoor, useFactory: () => access.systems },
      ],
      exports: [Site, Sessions, SignIn, SystemDoor],
    };
  }
}
