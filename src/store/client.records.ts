import { EntitySchema, IsNull } from 'typeorm';
import type { Client } from '../core/client/client.js';
import type { ClientRecords } from '../core/registry.js';
import { column, keyColumn, listColumn, optionalColumn, type Sql } from './sql.js';

/** How a provider system is kept. */
export const clientTable = new EntitySchema<Client>({
  name: 'client',
  columns: {
    id: keyColumn('client_id', 'text'),
    name: column('name', 'text'),
    uras: listColumn('uras'),
    scopes: listColumn('scopes'),
    keys: column('keys', 'jsonb'),
    createdAt: column('created_at', 'timestamptz'),
    revokedAt: optionalColumn('revoked_at', 'timestamptz'),
  },
});

/** Provider systems in PostgreSQL. */
export class PostgresClients implements ClientRecords {
  constructor(private readonly sql: Sql) {}

  async find(clientId: string): Promise<Client | undefined> {
    return (await this.sql.manager.findOneBy(clientTable, { id: clientId })) ?? undefined;
  }

  list(): Promise<readonly Client[]> {
    return this.sql.manager.find(clientTable, { order: { id: 'ASC' } });
  }

  async add({ id, name, uras, scopes, keys, createdAt, revokedAt }: Client): Promise<void> {
    await this.sql.change(
      `INSERT INTO client (client_id, name, uras, scopes, keys, created_at, revoked_at)
       VALUES ($1, $2, $3, $4, $5, $6, $7)`,
      [id, name, uras, scopes, JSON.stringify(keys), createdAt, revokedAt ?? null],
    );
  }

  async revoke(clientId: string, at: Date): Promise<boolean> {
    const inService = { id: clientId, revokedAt: IsNull() };
    const revoked = await this.sql.manager.update(clientTable, inService, { revokedAt: at });
    return revoked.affected === 1;
  }
}
