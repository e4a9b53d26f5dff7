import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { v7 as uuidv7 } from 'uuid';
import { runCommand } from '../../src/cli/program.js';
import type { Surroundings } from '../../src/cli/surroundings.js';
import type { OpenedEntry, SealedEntry } from '../../src/core/audit/entry.js';
import { Journal } from '../../src/core/audit/journal.js';
import { Keyring } from '../../src/core/audit/keyring.js';
import { Sealer } from '../../src/core/audit/sealer.js';
import { Clients } from '../../src/core/client/clients.service.js';
import { ProviderImport } from '../../src/core/provider/import.js';
import type { Provider } from '../../src/core/provider/provider.js';
import type { Registry } from '../../src/core/registry.js';
import type { MemoryRegistry } from '../memory-registry.js';

export const ISSUER = 'https://registry.example/oauth';
export const RESOURCE = 'https://registry.example/provider';

const clock = { now: (): Date => new Date() };

/** What a command said. */
export interface Said {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

/** The operator's commands over a registry, with a folder for files. */
export class Operator<R extends Registry = MemoryRegistry> {
  /** Names entries and clients. */
  newId: () => string = () => uuidv7();
  /** What migrating does here. */
  migrate: Surroundings['migrate'] = () => Promise.resolve([]);
  /** How often the registry was opened and closed. */
  opened = 0;
  closed = 0;
  private readonly folder = mkdtempSync(join(tmpdir(), 'consent-registry-cli-'));
  private readonly sealer = new Sealer(new Keyring(randomBytes(32)), () => this.newId(), 'test');

  constructor(readonly registry: R) {}

  /** Writes a file and gives back where it is. */
  file(name: string, content: string | Uint8Array): string {
    const path = join(this.folder, name);
    writeFileSync(path, content);
    return path;
  }

  async run(...args: string[]): Promise<Said> {
    let out = '';
    let err = '';
    const { registry } = this;
    const newId = (): string => this.newId();
    const journal = new Journal(this.sealer, clock, newId);
    const code = await runCommand(args, {
      open: async () => {
        this.opened += 1;
        return {
          registry,
          clients: new Clients(registry, journal, clock, newId),
          providerImport: new ProviderImport(registry, journal),
          issuer: ISSUER,
          resource: RESOURCE,
          close: async () => {
            this.closed += 1;
          },
        };
      },
      migrate: (onWarning) => this.migrate(onWarning),
      out: (text) => {
        out += text;
      },
      err: (text) => {
        err += text;
      },
    });
    return { code, out, err };
  }

  /** Every provider kept. */
  providers(): Promise<readonly Provider[]> {
    return this.registry.inSnapshot((records) => records.providers.search({ limit: 10_000 }));
  }

  /** Reads entries back, oldest first. */
  read(entries: readonly SealedEntry[]): readonly OpenedEntry[] {
    return entries.flatMap((entry) => this.sealer.open(entry, () => undefined) ?? []);
  }

  clearUp(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}
