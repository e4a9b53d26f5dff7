import type {
  ColumnType,
  EntityManager,
  EntitySchemaColumnOptions,
  QueryResult,
  ValueTransformer,
} from 'typeorm';

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** Whether PostgreSQL takes the text for a uuid. An id that came from outside and is none finds nothing. */
export function isUuid(text: string): boolean {
  return UUID.test(text);
}

/** Hand-written SQL inside the transaction of an entity manager. */
export class Sql {
  constructor(readonly manager: EntityManager) {}

  /** The rows of a SELECT, or of RETURNING. */
  async rows<Row>(text: string, values: readonly unknown[] = []): Promise<Row[]> {
    return (await this.run(text, values)).records as Row[];
  }

  /** The first row, if any. */
  async first<Row>(text: string, values: readonly unknown[] = []): Promise<Row | undefined> {
    return (await this.rows<Row>(text, values))[0];
  }

  /** How many rows a change touched. */
  async change(text: string, values: readonly unknown[] = []): Promise<number> {
    return (await this.run(text, values)).affected ?? 0;
  }

  private run(text: string, values: readonly unknown[]): Promise<QueryResult> {
    const runner = this.manager.queryRunner;
    if (!runner) throw new Error('records are used inside a transaction only');
    return runner.query(text, [...values], true);
  }
}

/** What is absent is undefined in the core and null in a table. */
const absent: ValueTransformer = {
  to: (value: unknown) => value ?? null,
  from: (value: unknown) => value ?? undefined,
};

/** A column that is always filled. */
export function column(name: string, type: ColumnType): EntitySchemaColumnOptions {
  return { name, type };
}

/** A column of a primary key. */
export function keyColumn(name: string, type: ColumnType): EntitySchemaColumnOptions {
  return { name, type, primary: true };
}

/** A column that may be empty. */
export function optionalColumn(name: string, type: ColumnType): EntitySchemaColumnOptions {
  return { name, type, nullable: true, transformer: absent };
}

/** A column that holds a list of texts. */
export function listColumn(name: string): EntitySchemaColumnOptions {
  return { name, type: 'text', array: true };
}
