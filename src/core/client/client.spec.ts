import { describe, expect, it } from '@jest/globals';
import { parseUra } from '../provider/ura.js';
import { type Client, isScope, requireInService, requireMayActFor, SCOPES } from './client.js';

const [own, foreign] = [parseUra('10000001'), parseUra('10000002')];
const client: Pick<Client, 'uras' | 'revokedAt'> = { uras: [own] };
const revoked = { ...client, revokedAt: new Date('2026-11-21T12:00:00Z') };

describe('a client', () => {
  it('in service may act for the provider numbers it is bound to', () => {
    expect(() => requireMayActFor(client, own)).not.toThrow();
  });

  it.each([
    ['NOT_YOUR_PROVIDER', 'another provider number', client, foreign],
    ['NOT_YOUR_PROVIDER', 'any number, bound to none', { uras: [] }, own],
    ['CLIENT_UNKNOWN', 'unknown', undefined, own],
    ['CLIENT_REVOKED', 'revoked', revoked, own],
    ['CLIENT_REVOKED', 'revoked, before anything is said of its numbers', revoked, foreign],
  ])('is refused with %s: %s', (code, _, refused, ura) => {
    expect(() => requireMayActFor(refused, ura)).toThrow(expect.objectContaining({ code }));
  });

  it('is in service until it is revoked', () => {
    expect(() => requireInService(client)).not.toThrow();
    expect(() => requireInService(revoked)).toThrow(expect.objectContaining({ code: 'CLIENT_REVOKED' }));
    expect(() => requireInService(undefined)).toThrow(expect.objectContaining({ code: 'CLIENT_UNKNOWN' }));
  });

  it('has scopes of this registry only', () => {
    expect(SCOPES.every(isScope)).toBe(true);
    expect(['', 'consent', 'consent:Check', 'consent:check ', 'toString'].some(isScope)).toBe(false);
  });
});
