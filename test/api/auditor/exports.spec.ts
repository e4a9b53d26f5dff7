import { get as httpGet, request as httpRequest, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { leafHashOf } from '../../../src/core/audit/sealer.js';
import { MemoryRegistry } from '../../memory-registry.js';
import request from 'supertest';
import { type DoorDocument, DocumentedDoor } from '../shared/documents.js';
import { problemOf, PUBLIC_URL } from '../shared/open-app.js';
import { type AuditorWorld, makeLookUp, openAuditor } from './open-auditor.js';

/** A registry whose log can't be read any more after some pages, and that counts them. */
class CountingRegistry extends MemoryRegistry {
  pages = 0;
  mostPages = Infinity;

  override asAuditor: MemoryRegistry['asAuditor'] = (look) => {
    this.pages += 1;
    return this.pages > this.mostPages ? Promise.reject(new Error('disk gone')) : super.asAuditor(look);
  };
}

let world: AuditorWorld;
let registry: CountingRegistry;

beforeEach(async () => {
  registry = new CountingRegistry();
  world = await openAuditor(registry);
});
afterEach(() => world.close());

interface Line {
  readonly id?: string;
  readonly state?: string;
  readonly leaf?: string;
  readonly leafHash?: string;
  readonly complete?: boolean;
  readonly count?: number;
  readonly entryId?: string;
  readonly error?: string;
}

/** Exports over a real connection, whose end can be told from its breaking off. */
async function exportAll(): Promise<{
  lines: Line[];
  isWhole: boolean;
  headers: IncomingMessage['headers'];
}> {
  const answer = await open();
  let text = '';
  answer.setEncoding('utf8');
  answer.on('data', (part: string) => (text += part));
  await new Promise((resolve) => answer.on('error', resolve).on('end', resolve));
  const lines = text.split('\n').filter((line) => line !== '');
  return {
    lines: lines.map((line) => JSON.parse(line) as Line),
    isWhole: answer.complete,
    headers: answer.headers,
  };
}

async function open(): Promise<IncomingMessage> {
  await world.app.listen(0, '127.0.0.1');
  const { port } = world.server.address() as AddressInfo;
  return new Promise((resolve, reject) => {
    const asked = httpRequest(
      {
        port,
        host: '127.0.0.1',
        path: '/auditor/v1/exports',
        method: 'POST',
        headers: {
          cookie: world.auditor,
          origin: PUBLIC_URL,
          'x-requested-by': 'consent-registry',
          'content-type': 'application/json',
          accept: 'application/x-ndjson',
        },
      },
      resolve,
    );
    asked.on('error', reject);
    asked.end(JSON.stringify(makeLookUp({ kinds: ['consent.checked'] })));
  });
}

describe('an export', () => {
  it('has every entry once, newest first, with the bytes of its leaf, and says that it is whole', async () => {
    const kept = await world.keepChecks(1_203);
    const { lines, isWhole, headers } = await exportAll();
    const last = lines.pop();
    expect(isWhole).toBe(true);
    expect(last).toMatchObject({ complete: true, count: 1_203 });
    expect(lines.map(({ id }) => id)).toEqual(kept.map(({ id }) => id).reverse());
    for (const { leaf = '', leafHash } of lines) {
      expect(leafHashOf(Buffer.from(leaf, 'base64')).toString('base64')).toBe(leafHash);
    }
    expect(headers).toMatchObject({
      'content-type': 'application/x-ndjson',
      'cache-control': 'no-store',
      'api-version': '1.0.0',
      'x-content-type-options': 'nosniff',
    });
    const { body } = await request(world.server).get('/auditor/openapi.json');
    const door = new DocumentedDoor(body as DoorDocument);
    expect(lines.slice(0, 5).flatMap((line) => door.faultsOfSchema('EntryDto', line))).toEqual([]);
    expect(lines[0]?.state).toBe('readable');
    const logged = await world.registry.asAuditor((audit) => audit.find(last?.entryId ?? ''));
    expect(logged?.kind).toBe('auditor.exported');
  });

  it('of nothing is whole, with a count of 0', async () => {
    const { lines } = await exportAll();
    expect(lines).toEqual([{ complete: true, count: 0, entryId: expect.any(String) }]);
  });

  it('that fails midway ends in an error line and a broken connection, never in a clean end', async () => {
    await world.keepChecks(1_203);
    registry.mostPages = 2;
    const { lines, isWhole } = await exportAll();
    expect(isWhole).toBe(false);
    expect(lines).toHaveLength(1_001);
    expect(lines.at(-1)?.error).toMatch(/broke off/);
    expect(JSON.stringify(lines.at(-1))).not.toContain('disk');
    expect(lines.some(({ complete }) => complete)).toBe(false);
    await new Promise((resolve) => setImmediate(resolve));
    expect(world.lines.filter((line) => line.includes('disk gone'))).toHaveLength(1);
  });

  it('that can not begin is a problem', async () => {
    registry.inTransaction = () => Promise.reject(new Error('disk gone'));
    const answer = await world.post('/exports', makeLookUp());
    expect([answer.status, problemOf(answer).code]).toEqual([500, 'DEFECT']);
  });

  it('waits for a reader that is slow, and stops for one that has gone', async () => {
    await world.keepChecks(20_000);
    const answer = await open();
    answer.pause();
    await new Promise((resolve) => setTimeout(resolve, 300));
    // 20,000 entries are 40 pages; what fits in the buffers of a connection is a part of that.
    const whileWaiting = registry.pages;
    expect(whileWaiting).toBeLessThan(40);
    answer.destroy();
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(registry.pages).toBeLessThanOrEqual(whileWaiting + 1);
    expect(world.lines.some((line) => line.includes('was left by its reader'))).toBe(true);
    const { port } = world.server.address() as AddressInfo;
    const alive = await new Promise<IncomingMessage>((resolve) =>
      httpGet({ port, path: '/health' }, resolve),
    );
    expect(alive.statusCode).toBe(200);
    alive.resume();
  });
});
