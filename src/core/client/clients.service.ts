import { createHash } from 'node:crypto';
import type { Journal } from '../audit/journal.js';
import type { Clock, NewId } from '../clock.js';
import { Failure } from '../failure.js';
import type { Registry } from '../registry.js';
import type { Client } from './client.js';

/** The provider systems that may ask, as the operator registers and revokes them. */
export class Clients {
  constructor(
    private readonly registry: Registry,
    private readonly journal: Journal,
    private readonly clock: Clock,
    private readonly newId: NewId,
  ) {}

  /** Registers a system under a fresh client id. */
  add(wanted: Omit<Client, 'id' | 'createdAt' | 'revokedAt'>): Promise<Client> {
    return this.registry.inTransaction(async (records) => {
      const client: Client = { ...wanted, id: this.newId(), createdAt: this.clock.now() };
      await records.clients.add(client);
      await this.journal.write(records, {
        kind: 'client.created',
        actor: { kind: 'operator' },
        subject: { kind: 'nobody' },
        outcome: 'done',
        detail: { client: { id: client.id, name: client.name }, note: termsOf(client) },
      });
      return client;
    });
  }

  /** All systems, those revoked included. */
  list(): Promise<readonly Client[]> {
    return this.registry.inSnapshot((records) => records.clients.list());
  }

  /** Ends a system's registration: its very next question is refused. NOT_FOUND when it is not in service. */
  revoke(clientId: string): Promise<void> {
    return this.registry.inTransaction(async (records) => {
      const client = await records.clients.find(clientId);
      if (!client || !(await records.clients.revoke(clientId, this.clock.now()))) {
        throw new Failure('NOT_FOUND', 'No system in service has this client id.');
      }
      await this.journal.write(records, {
        kind: 'client.revoked',
        actor: { kind: 'operator' },
        subject: { kind: 'nobody' },
        outcome: 'done',
        detail: { client: { id: client.id, name: client.name } },
      });
    });
  }
}

/** What a client was registered for, in words: its providers, scopes and the fingerprints of its keys. */
function termsOf({ uras, scopes, keys }: Client): string {
  const fingerprints = keys.map((key) =>
    createHash('sha256').update(JSON.stringify(key)).digest('base64url'),
  );
  return `providers ${uras.join(', ')}; scopes ${scopes.join(' ')}; keys ${fingerprints.join(', ')}`;
}
