// Writes THIRD-PARTY-NOTICES.md: the packages that go out with the product, their licences and copyright lines, read from
// the lock file and from what is installed. With --check it changes nothing and fails when the file is out of date.
//
// The lock file decides which packages there are, so that the list is the same on every system; an optional package for
// another system than this one is described by the lock file alone.

import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const ROOT = join(import.meta.dirname, '..');
const FILE = join(ROOT, 'THIRD-PARTY-NOTICES.md');

const lock = JSON.parse(readFileSync(join(ROOT, 'package-lock.json'), 'utf8'));
const shipped = Object.entries(lock.packages)
  .filter(
    ([path, entry]) => path.startsWith('node_modules/') && !entry.dev && !entry.devOptional && !entry.link,
  )
  .map(([path, entry]) => describe(path, entry));
const notices = write(sortAndMerge(shipped));

const unknown = shipped.filter((one) => one.licence === 'unknown');
if (unknown.length > 0) fail(`No licence is known of ${unknown.map((one) => one.name).join(', ')}.`);
if (!process.argv.includes('--check')) {
  writeFileSync(FILE, notices);
  console.log(`THIRD-PARTY-NOTICES.md lists ${String(shipped.length)} packages.`);
} else if (!existsSync(FILE) || readFileSync(FILE, 'utf8') !== notices) {
  fail('THIRD-PARTY-NOTICES.md is out of date: run node docker/notices.mjs.');
} else {
  console.log('THIRD-PARTY-NOTICES.md is up to date.');
}

function describe(path, entry) {
  const name = path.slice(path.lastIndexOf('node_modules/') + 'node_modules/'.length);
  const { version, optional = false } = entry;
  // What is installed of these differs between systems; what is written must not.
  if (optional) return { name, version, optional, licence: entry.license ?? 'unknown', copyright: '' };
  const folder = join(ROOT, path);
  if (!existsSync(folder)) fail(`${path} is not installed: run npm ci.`);
  const about = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
  const text = licenceText(folder);
  const licence = entry.license ?? about.licenses?.map((one) => one.type).join(' OR ') ?? named(text);
  return { name, version, optional, licence, copyright: firstCopyright(text) ?? authorOf(about) };
}

/** Some old packages have their licence at the end of the readme. */
function licenceText(folder) {
  const files = readdirSync(folder);
  const file =
    files.find((name) => /^(licen[cs]e|copying)(\.|-|$)/i.test(name)) ??
    files.find((name) => /^readme/i.test(name));
  return file === undefined ? '' : readFileSync(join(folder, file), 'utf8');
}

function named(text) {
  return /The MIT License/i.test(text) ? 'MIT' : 'unknown';
}

/** Names stay, addresses do not: nobody asked to be written to from here. */
function withoutAddresses(line) {
  return line.replace(/\s*[(<][^()<>\s]+@[^()<>\s]+[)>]/g, '');
}

/** The line that names somebody, not the licence's own talk about copyright or an unfilled form. */
function firstCopyright(text) {
  return text
    .split('\n')
    .map((line) =>
      line
        .replace(/[*#_|]/g, '')
        .replaceAll('&lt;', '<')
        .replaceAll('&gt;', '>')
        .trim(),
    )
    .find(
      (line) =>
        /^(the MIT License.*)?\(?copyright\b.*(\d{4}|\(c\)|©)/i.test(line) && !/[[{<]y|owner/i.test(line),
    );
}

function authorOf(about) {
  const author = typeof about.author === 'string' ? about.author : about.author?.name;
  return author === undefined ? '' : `by ${author.replace(/\s*[<(].*$/, '')}`;
}

function sortAndMerge(packages) {
  const lines = packages.map(
    ({ name, version, licence, copyright, optional }) =>
      `| ${name} | ${version} | ${licence} | ${optional ? '(optional)' : withoutAddresses(copyright) || 'see the package'} |`,
  );
  return [...new Set(lines)].sort();
}

function write(lines) {
  return `# Third-party notices

The consent registry (EUPL-1.2, see LICENSE) goes out together with the packages below, each under its own licence. The
full text of every licence lies in the package itself, under \`node_modules\`. The packages marked
optional serve demonstrations and tests and are left out of the production image; those of PostgreSQL and Node.js
carry the notices of what they are built from themselves. Written by \`docker/notices.mjs\`.

| package | version | licence | copyright |
| --- | --- | --- | --- |
${lines.join('\n')}
`;
}

function fail(sentence) {
  console.error(sentence);
  process.exit(1);
}
