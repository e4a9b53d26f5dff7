import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { readOwnerDatabase } from '../../src/config.js';
import { MemoryRegistry } from '../memory-registry.js';
import { Operator } from './make-cli.js';

describe('migrate', () => {
  let operator: Operator;

  beforeEach(() => {
    operator = new Operator(new MemoryRegistry());
  });

  afterEach(() => operator.clearUp());

  it('names what was carried out, without opening the registry', async () => {
    operator.migrate = () => Promise.resolve(['First1', 'Second2']);
    const { code, out, err } = await operator.run('migrate');
    expect(code).toBe(0);
    expect(out).toBe('Carried out: First1\nCarried out: Second2\nThe database is up to date.\n');
    expect(err).toBe('');
    expect(operator.opened).toBe(0);
  });

  it('says so when there was nothing to do, and passes warnings on', async () => {
    operator.migrate = (onWarning) => {
      onWarning('Something is lacking.');
      return Promise.resolve([]);
    };
    const { code, out, err } = await operator.run('migrate');
    expect(code).toBe(0);
    expect(out).toContain('up to date already');
    expect(err).toBe('Warning: Something is lacking.\n');
  });
});

describe('the database that is migrated', () => {
  const owner = 'postgres://owner@db.example/registry';
  const service = 'postgres://service@db.example/registry';

  it('is that of OWNER_DATABASE_URL, in production never that of the service', () => {
    const production = { MODE: 'production', DATABASE_URL: service };
    expect(readOwnerDatabase({ ...production, OWNER_DATABASE_URL: owner })).toEqual({
      kind: 'server',
      url: owner,
      setting: 'OWNER_DATABASE_URL',
    });
    expect(() => readOwnerDatabase(production)).toThrow('OWNER_DATABASE_URL is missing');
    expect(readOwnerDatabase({ DATABASE_URL: service })).toMatchObject({ url: service });
  });

  it('is the one from npm in a demonstration without addresses', () => {
    expect(readOwnerDatabase({ DATA_FOLDER: '/somewhere' })).toEqual({
      kind: 'embedded',
      folder: join('/somewhere', 'postgres'),
    });
  });

  it('is asked for in a sentence, with no other setting, by the command as it is run', () => {
    const cli = join(import.meta.dirname, '../../dist/src/registry.cli.js');
    const run = (env: Record<string, string>) =>
      spawnSync(process.execPath, [cli, 'migrate'], { env, encoding: 'utf8' });
    const without = run({ MODE: 'production' });
    expect(without.stderr).toMatch(/^OWNER_DATABASE_URL is missing: [^\n]*\n$/);
    expect(without.status).toBe(1);
    const nowhere = run({ MODE: 'production', OWNER_DATABASE_URL: 'postgres://o:secret-word@127.0.0.1:9/r' });
    expect(nowhere.stderr).toContain('(OWNER_DATABASE_URL)');
    expect(nowhere.stderr).not.toContain('secret-word');
    expect(nowhere.status).toBe(1);
  });
});
