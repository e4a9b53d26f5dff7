import { EntitySchema } from 'typeorm';
import type { Notice } from '../core/notice/notice.js';
import type { NoticeRecords } from '../core/registry.js';
import { column, keyColumn, type Sql } from './sql.js';

/** How a notice is kept. */
export const noticeTable = new EntitySchema<Notice>({
  name: 'notice',
  columns: {
    personId: keyColumn('person_id', 'uuid'),
    id: keyColumn('notice_id', 'uuid'),
    kind: column('kind', 'text'),
    at: column('at', 'timestamptz'),
    entryId: column('entry_id', 'uuid'),
  },
});

/** Notices in PostgreSQL. */
export class PostgresNotices implements NoticeRecords {
  constructor(private readonly sql: Sql) {}

  async add(notice: Notice): Promise<void> {
    await this.sql.manager.insert(noticeTable, notice);
  }

  list(personId: string): Promise<readonly Notice[]> {
    return this.sql.manager.find(noticeTable, { where: { personId }, order: { at: 'DESC', id: 'DESC' } });
  }
}
