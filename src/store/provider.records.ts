import { EntitySchema, In } from 'typeorm';
import type { Provider } from '../core/provider/provider.js';
import type { Ura } from '../core/provider/ura.js';
import type { ImportCount, ProviderRecords, ProviderSearch } from '../core/registry.js';
import { column, keyColumn, listColumn, type Sql } from './sql.js';

/** How a care provider is kept. */
export const providerTable = new EntitySchema<Provider>({
  name: 'provider',
  columns: {
    ura: keyColumn('ura', 'text'),
    name: column('name', 'text'),
    place: column('place', 'text'),
    types: listColumn('types'),
  },
});

/** How many providers go to the database at a time. */
const IMPORT_PART = 5_000;

const PUT = `
  WITH given AS (SELECT * FROM jsonb_to_recordset($1::jsonb) AS g(ura text, name text, place text, types text[])),
       kept AS (
         INSERT INTO provider AS p (ura, name, place, types) SELECT ura, name, place, types FROM given
         ON CONFLICT (ura) DO UPDATE SET name = EXCLUDED.name, place = EXCLUDED.place, types = EXCLUDED.types
         WHERE (p.name, p.place, p.types) IS DISTINCT FROM (EXCLUDED.name, EXCLUDED.place, EXCLUDED.types)
         -- A fresh row has never been updated or locked, which its xmax tells.
         RETURNING (xmax = 0) AS is_new)
  SELECT count(*) FILTER (WHERE is_new)::integer AS added, count(*) FILTER (WHERE NOT is_new)::integer AS changed
  FROM kept`;

/** Care providers in PostgreSQL. */
export class PostgresProviders implements ProviderRecords {
  constructor(private readonly sql: Sql) {}

  async find(ura: Ura): Promise<Provider | undefined> {
    return (await this.sql.manager.findOneBy(providerTable, { ura })) ?? undefined;
  }

  async findAll(uras: readonly Ura[]): Promise<readonly Provider[]> {
    return this.sql.manager.find(providerTable, { where: { ura: In(uras) }, order: { ura: 'ASC' } });
  }

  /** The whole register is small (some 100,000 rows), so a search may read it; `strpos` needs no escaping of wildcards. */
  search({ name, place, types, after, limit }: ProviderSearch): Promise<readonly Provider[]> {
    const wanted = this.sql.manager.createQueryBuilder(providerTable, 'p').orderBy('p.ura').limit(limit);
    if (name !== undefined) wanted.andWhere('strpos(lower(p.name), lower(:name)) > 0', { name });
    if (place !== undefined) wanted.andWhere('strpos(lower(p.place), lower(:place)) > 0', { place });
    if (types !== undefined) wanted.andWhere('p.types && :types::text[]', { types });
    if (after !== undefined) wanted.andWhere('p.ura > :after', { after });
    return wanted.getMany();
  }

  async putAll(providers: readonly Provider[]): Promise<ImportCount> {
    const each = [...new Map(providers.map((provider) => [provider.ura, provider])).values()];
    const total = { added: 0, changed: 0 };
    for (let from = 0; from < each.length; from += IMPORT_PART) {
      const part = JSON.stringify(each.slice(from, from + IMPORT_PART));
      const count = await this.sql.first<{ added: number; changed: number }>(PUT, [part]);
      total.added += count?.added ?? 0;
      total.changed += count?.changed ?? 0;
    }
    return { ...total, unchanged: each.length - total.added - total.changed };
  }
}
