import request from 'supertest';
import { SESSION_COOKIE } from '../../../src/access/sign-in/cookies.js';
import { Sessions } from '../../../src/access/sign-in/sessions.js';
import { AUDITOR_DOOR } from '../../../src/api/auditor/auditor.module.js';
import type { SealedEntry } from '../../../src/core/audit/entry.js';
import type { Person } from '../../../src/core/person/person.js';
import { parseUra } from '../../../src/core/provider/ura.js';
import type { Registry } from '../../../src/core/registry.js';
import type { Principal } from '../../../src/core/session/session.js';
import { makePerson } from '../../make.js';
import { openApp, type OpenedApp, PUBLIC_URL } from '../shared/open-app.js';

/** The auditor door, with an auditor and a citizen signed in. */
export interface AuditorWorld extends OpenedApp {
  readonly auditor: string;
  readonly citizen: string;
  readonly person: Person;
  /** Posts as our own web client does: with the session and the anti-forgery header. */
  post(path: string, body: unknown, cookie?: string): request.Test;
  /** Signs somebody in and gives the cookie. */
  signIn(principal: Principal): Promise<string>;
  /** Keeps entries of checks about the person, a second apart, the last one now. */
  keepChecks(
    count: number,
    given?: { readonly outcome?: 'permit' | 'deny' },
  ): Promise<readonly SealedEntry[]>;
}

/** A look-up over the last hours for a sound case. */
export function makeLookUp(given: object = {}): Record<string, unknown> {
  return {
    case: { caseNumber: 'A-2026-0117', reason: 'Complaint about a refusal' },
    from: new Date(Date.now() - 6 * 60 * 60_000).toISOString(),
    to: new Date(Date.now() + 60_000).toISOString(),
    ...given,
  };
}

/** Opens the auditor door; over memory unless given a registry. */
export async function openAuditor(registry?: Registry): Promise<AuditorWorld> {
  const opened = await openApp({ doors: [AUDITOR_DOOR], ...(registry && { registry }) });
  const sessions = opened.app.get(Sessions, { strict: false });
  const made = makePerson();
  const person = { ...made, auditKey: opened.keyring.newWrappedKey(made.id) };
  await opened.registry.inTransaction((records) => records.people.addOrFind(person));
  const signIn = async (principal: Principal): Promise<string> =>
    `${SESSION_COOKIE}=${(await sessions.start(principal, 'substantial')).secret}`;
  const auditor = await signIn({ role: 'auditor', subject: 'aud-1', name: 'A. de Auditor' });
  return {
    ...opened,
    person,
    signIn,
    auditor,
    citizen: await signIn({ role: 'citizen', personId: person.id }),
    post: (path, body, cookie = auditor) =>
      request(opened.server)
        .post(`/auditor/v1${path}`)
        .set('cookie', cookie)
        .set('origin', PUBLIC_URL)
        .set('x-requested-by', 'consent-registry')
        .send(body as object),
    keepChecks: async (count, { outcome = 'permit' } = {}) => {
      const sealed = Array.from({ length: count }, (_, n) =>
        opened.sealer.seal({
          kind: 'consent.checked',
          at: new Date(Date.now() - (count - n) * 1_000),
          actor: { kind: 'client', clientId: 'client-of-test' },
          subject: { kind: 'person', personId: person.id, auditKey: person.auditKey },
          outcome,
          reasons: [outcome === 'permit' ? 'YES_ALL' : 'NO_ALL'],
          detail: {
            purpose: 'TREAT',
            requester: { ura: parseUra('00005678'), type: 'V4' },
            holders: [{ ura: '00001234', type: 'Z3', results: [] }],
            version: 1,
          },
        }),
      );
      await opened.registry.inTransaction((records) => records.audit.append(sealed));
      return sealed;
    },
  };
}
