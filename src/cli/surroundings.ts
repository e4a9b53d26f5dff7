import type { Clients } from '../core/client/clients.service.js';
import type { ProviderImport } from '../core/provider/import.js';
import type { Registry } from '../core/registry.js';

/** What a command works on once the registry is open. */
export interface OpenedRegistry {
  readonly registry: Registry;
  readonly clients: Clients;
  readonly providerImport: ProviderImport;
  /** The name of the authorization server. */
  readonly issuer: string;
  /** The address of the provider door, audience of the tokens. */
  readonly resource: string;
  close(): Promise<void>;
}

/** What the commands need from outside. */
export interface Surroundings {
  /** Opens the registry; called only once a command is known to make sense. */
  open(): Promise<OpenedRegistry>;
  /** Brings the database up to date and gives back what was carried out; `onWarning` hears what the database warns of. */
  migrate(onWarning: (sentence: string) => void): Promise<readonly string[]>;
  /** Takes what was asked for. */
  out(text: string): void;
  /** Takes what is said beside it: progress, warnings, refusals. */
  err(text: string): void;
}

/** A command that knows its own exit code. */
export class Exit extends Error {
  constructor(readonly code: number) {
    super(`exit ${code}`);
  }
}

/** Opens the registry, acts and closes it again whatever happens. */
export async function withRegistry<T>(
  surroundings: Surroundings,
  act: (opened: OpenedRegistry) => Promise<T>,
): Promise<T> {
  const opened = await surroundings.open();
  try {
    return await act(opened);
  } finally {
    await opened.close();
  }
}
