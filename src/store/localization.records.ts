import { EntitySchema, IsNull } from 'typeorm';
import type { Localization } from '../core/localization/localization.js';
import type { ProviderType } from '../core/provider/catalogue.js';
import type { Ura } from '../core/provider/ura.js';
import type { LocalizationRecords } from '../core/registry.js';
import { column, isUuid, keyColumn, optionalColumn, type Sql } from './sql.js';

/** How a localization is kept. */
export const localizationTable = new EntitySchema<Localization>({
  name: 'localization',
  columns: {
    personId: keyColumn('person_id', 'uuid'),
    id: keyColumn('localization_id', 'uuid'),
    ura: column('ura', 'text'),
    type: column('type', 'text'),
    registeredAt: column('registered_at', 'timestamptz'),
    renewedAt: column('renewed_at', 'timestamptz'),
    endedAt: optionalColumn('ended_at', 'timestamptz'),
    clientId: column('client_id', 'text'),
  },
});

/** Localizations in PostgreSQL. */
export class PostgresLocalizations implements LocalizationRecords {
  constructor(private readonly sql: Sql) {}

  async find(localizationId: string): Promise<Localization | undefined> {
    if (!isUuid(localizationId)) return undefined;
    return (await this.sql.manager.findOneBy(localizationTable, { id: localizationId })) ?? undefined;
  }

  async findFor(personId: string, ura: Ura, type: ProviderType): Promise<Localization | undefined> {
    return (await this.sql.manager.findOneBy(localizationTable, { personId, ura, type })) ?? undefined;
  }

  activeOf(personId: string): Promise<readonly Localization[]> {
    return this.sql.manager.find(localizationTable, {
      where: { personId, endedAt: IsNull() },
      order: { registeredAt: 'ASC', id: 'ASC' },
    });
  }

  /** By hand: TypeORM's upsert leaves a column alone whose new value is absent, and an end must be able to go. */
  async put(localization: Localization): Promise<void> {
    const { personId, id, ura, type, registeredAt, renewedAt, endedAt, clientId } = localization;
    await this.sql.change(
      `INSERT INTO localization
         (person_id, localization_id, ura, type, registered_at, renewed_at, ended_at, client_id)
       VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
       ON CONFLICT (person_id, localization_id) DO UPDATE SET ura = EXCLUDED.ura, type = EXCLUDED.type,
         registered_at = EXCLUDED.registered_at, renewed_at = EXCLUDED.renewed_at, ended_at = EXCLUDED.ended_at,
         client_id = EXCLUDED.client_id`,
      [personId, id, ura, type, registeredAt, renewedAt, endedAt ?? null, clientId],
    );
  }
}
