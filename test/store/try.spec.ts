import pg from 'pg';
import { makeDatabase, type TestDatabase } from '../database/make-database.js';
let db: TestDatabase;
beforeAll(async () => { db = await makeDatabase(); });
afterAll(() => db.drop());
it('migrates', async () => {
  const c = new pg.Client({ connectionString: db.url });
  await c.connect();
  console.log((await c.query('select version()')).rows, (await c.query('select name from migration')).rows, (await c.query("select tablename from pg_tables where schemaname='public' and tablename !~ '_p[0-9]$'")).rows.map(r => r.tablename).join(' '), (await c.query('select * from pg_sequences')).rows, (await c.query('select evtname from pg_event_trigger')).rows);
  await c.end();
});
