import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { ConfigError, readConfig } from '../src/config.js';

const ROOT = join(import.meta.dirname, '..');
const readme = readFileSync(join(ROOT, 'README.md'), 'utf8');
const listed = new Set(
  [...readme.matchAll(/^\|(?<names>[^|]*)\|/gm)].flatMap(([, names = '']) => settingsIn(names)),
);

function settingsIn(text: string): readonly string[] {
  return [...text.matchAll(/`([A-Z][A-Z_]+)`/g)].map(([, name = '']) => name);
}

function problemsOf(env: NodeJS.ProcessEnv): string {
  try {
    readConfig(env);
    return '';
  } catch (error) {
    if (error instanceof ConfigError) return error.message;
    throw error;
  }
}

describe('the README', () => {
  it('lists every setting that production asks for', () => {
    const wanted = [...problemsOf({ MODE: 'production' }).matchAll(/^([A-Z][A-Z_]+) /gm)].map(
      ([, name = '']) => name,
    );
    expect(wanted.length).toBeGreaterThan(15);
    expect(wanted.filter((name) => !listed.has(name))).toEqual([]);
  });

  it('lists every setting that the code names', () => {
    const source = readFileSync(join(ROOT, 'src', 'config.ts'), 'utf8');
    const read = [...source.matchAll(/(?:settings\.\w+|choice|find)\(\s*'([A-Z][A-Z_]+)'/g)].map(
      ([, name = '']) => name,
    );
    expect(read.length).toBeGreaterThan(8);
    expect(read.filter((name) => !listed.has(name))).toEqual([]);
  });

  it('names commands that exist', () => {
    const { scripts } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as {
      scripts: Record<string, string>;
    };
    const named = [...readme.matchAll(/`npm run ([a-z-]+)/g)].map(([, name = '']) => name);
    expect(named.length).toBeGreaterThan(4);
    expect(named.filter((name) => !(name in scripts))).toEqual([]);
  });
});
