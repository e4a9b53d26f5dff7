import pg from 'pg';

/** Runs SQL on a test database as the superuser who made it, or, after `SET ROLE`, as another role. */
export async function asSuperuser<T>(url: string, act: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return await act(client);
  } finally {
    await client.end();
  }
}

/** The SQLSTATE with which a role is refused a statement; undefined when it is let through. Nothing of it stays. */
export async function refusalOf(url: string, role: string, statement: string): Promise<string | undefined> {
  return asSuperuser(url, async (client) => {
    await client.query('BEGIN');
    if (role !== 'superuser') await client.query(`SET LOCAL ROLE ${role}`);
    try {
      await client.query(statement);
      return undefined;
    } catch (error) {
      if (error instanceof pg.DatabaseError) return error.code;
      throw error;
    } finally {
      await client.query('ROLLBACK');
    }
  });
}
