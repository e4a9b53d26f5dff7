import { type DynamicModule, Module, type Provider as NestProvider } from '@nestjs/common';
import { v7 as uuidv7 } from 'uuid';
import { Activity } from './core/audit/activity.service.js';
import { Auditors } from './core/audit/auditors.service.js';
import { Journal } from './core/audit/journal.js';
import { Keyring } from './core/audit/keyring.js';
import { Sealer } from './core/audit/sealer.js';
import { Clients } from './core/client/clients.service.js';
import type { Clock, NewId } from './core/clock.js';
import { Consents } from './core/consent/consent.service.js';
import { Decisions } from './core/decision/decisions.service.js';
import { Previews } from './core/decision/previews.service.js';
import type { RulePolicy } from './core/decision/rule.js';
import { Guardianship } from './core/guardianship/guardianship.service.js';
import { Localizations } from './core/localization/localizations.service.js';
import { People } from './core/person/people.service.js';
import { Registry } from './core/registry.js';

/** What the rules need from outside: storage, keys, time and the operator's settings. */
export interface CoreParts {
  readonly registry: Registry;
  /** The root key of the audit log, 32 bytes. */
  readonly auditKey: Buffer;
  readonly policy: RulePolicy;
  /** Which installation writes the log (NEN 7513: audit source). */
  readonly source: string;
  readonly clock?: Clock;
  readonly newId?: NewId;
}

/** The services of the core, built once. */
export interface Core {
  readonly registry: Registry;
  readonly clock: Clock;
  readonly keyring: Keyring;
  readonly sealer: Sealer;
  readonly journal: Journal;
  readonly people: People;
  readonly consents: Consents;
  readonly previews: Previews;
  readonly decisions: Decisions;
  readonly guardianship: Guardianship;
  readonly localizations: Localizations;
  readonly clients: Clients;
  readonly activity: Activity;
  readonly auditors: Auditors;
}

/** Wires the core by hand: every service a plain class, every dependency visible here. */
export function buildCore(parts: CoreParts): Core {
  const { registry, policy, source } = parts;
  const clock = parts.clock ?? { now: () => new Date() };
  const newId = parts.newId ?? (() => uuidv7());
  const keyring = new Keyring(parts.auditKey);
  const sealer = new Sealer(keyring, newId, source);
  const journal = new Journal(sealer, clock, newId);
  const people = new People(registry, journal, keyring, clock, newId);
  return {
    registry,
    clock,
    keyring,
    sealer,
    journal,
    people,
    consents: new Consents(registry, journal, clock),
    previews: new Previews(registry, policy),
    decisions: new Decisions(registry, sealer, clock, policy),
    guardianship: new Guardianship(registry, journal, clock, newId),
    localizations: new Localizations(registry, journal, people, clock, newId),
    clients: new Clients(registry, journal, clock, newId),
    activity: new Activity(registry, sealer, clock),
    auditors: new Auditors(registry, sealer, journal, clock),
  };
}

/** Hands the core's services to Nest, each under its own class; `Registry` is both the port's type and its token. */
@Module({})
export class CoreModule {
  /** The module for a core that is already built. */
  static of(core: Core): DynamicModule {
    const tokens: readonly NestProvider[] = [
      { provide: Registry, useFactory: () => core.registry },
      { provide: Keyring, useFactory: () => core.keyring },
      { provide: Sealer, useFactory: () => core.sealer },
      { provide: Journal, useFactory: () => core.journal },
      { provide: People, useFactory: () => core.people },
      { provide: Consents, useFactory: () => core.consents },
      { provide: Previews, useFactory: () => core.previews },
      { provide: Decisions, useFactory: () => core.decisions },
      { provide: Guardianship, useFactory: () => core.guardianship },
      { provide: Localizations, useFactory: () => core.localizations },
      { provide: Clients, useFactory: () => core.clients },
      { provide: Activity, useFactory: () => core.activity },
      { provide: Auditors, useFactory: () => core.auditors },
    ];
    return {
      module: CoreModule,
      global: true,
      providers: [...tokens],
      exports: tokens.map((token) => (token as { provide: symbol }).provide),
    };
  }
}
