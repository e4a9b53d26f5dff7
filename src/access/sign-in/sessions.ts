import type { Clock } from '../../core/clock.js';
import type { Records, Registry } from '../../core/registry.js';
import { isAlive, type Principal, type Session } from '../../core/session/session.js';
import { hashOf, isSecret, newSecret } from './secrets.js';

/** How often at most a session's last request is written down; the idle limit is judged that much too early at worst. */
const TOUCH_EVERY_MS = 60_000;

/** A session that has just begun, with the secret for the browser's cookie; the registry keeps the hash only. */
export interface StartedSession {
  readonly secret: string;
  readonly session: Session;
}

/** Signed-in visits (ASVS V7). They live in the registry, so ending one ends it on every instance at once. */
export class Sessions {
  constructor(
    private readonly registry: Registry,
    private readonly clock: Clock,
  ) {}

  /** Starts a session under a fresh secret. `former`: the secret the same browser came with, whose session ends. */
  start(principal: Principal, assurance: string, former?: string): Promise<StartedSession> {
    return this.registry.inTransaction((records) => this.startIn(records, { principal, assurance, former }));
  }

  /** The same, inside the transaction that also keeps the entry about the sign-in. */
  async startIn(
    records: Records,
    {
      principal,
      assurance,
      former,
    }: { principal: Principal; assurance: string; former?: string | undefined },
  ): Promise<StartedSession> {
    const secret = newSecret();
    const now = this.clock.now();
    const session: Session = {
      secretHash: hashOf(secret),
      principal,
      assurance,
      startedAt: now,
      seenAt: now,
    };
    if (isSecret(former)) await records.sessions.end(hashOf(former));
    await records.sessions.add(session);
    return { secret, session };
  }

  /**
   * The living session with this secret, which is thereby seen; undefined when there is none, or it was idle for 15 minutes, or it
   * began 8 hours ago. Writes at most once a minute.
   */
  async find(secret: unknown): Promise<Session | undefined> {
    if (!isSecret(secret)) return undefined;
    const secretHash = hashOf(secret);
    const session = await this.registry.inSnapshot((records) => records.sessions.find(secretHash));
    const now = this.clock.now();
    if (!session || !isAlive(session, now)) return undefined;
    if (now.getTime() - session.seenAt.getTime() < TOUCH_EVERY_MS) return session;
    await this.registry.inTransaction((records) => records.sessions.seen(secretHash, now));
    return { ...session, seenAt: now };
  }

  /** Ends the session with this secret, here and on every other instance. Nothing happens when there is none. */
  async end(secret: unknown): Promise<void> {
    if (!isSecret(secret)) return;
    await this.registry.inTransaction((records) => records.sessions.end(hashOf(secret)));
  }
}
