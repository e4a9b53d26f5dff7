import type { Adapter, AdapterPayload } from 'oidc-provider';

interface Kept {
  readonly payload: AdapterPayload;
  readonly until: number;
}

/** Keeps what the demo identity provider has to remember, in memory and until it stops. Not for anything but the demo. */
export class IdentityMemory implements Adapter {
  private readonly kept = new Map<string, Kept>();

  upsert(id: string, payload: AdapterPayload, expiresIn?: number): Promise<void> {
    this.forgetExpired();
    this.kept.set(id, { payload, until: expiresIn === undefined ? Infinity : Date.now() + expiresIn * 1000 });
    return Promise.resolve();
  }

  find(id: string): Promise<AdapterPayload | undefined> {
    return Promise.resolve(this.living(id));
  }

  findByUid(uid: string): Promise<AdapterPayload | undefined> {
    return Promise.resolve(this.firstWhere((payload) => payload.uid === uid));
  }

  findByUserCode(userCode: string): Promise<AdapterPayload | undefined> {
    return Promise.resolve(this.firstWhere((payload) => payload.userCode === userCode));
  }

  consume(id: string): Promise<void> {
    const payload = this.living(id);
    if (payload) payload.consumed = Math.floor(Date.now() / 1000);
    return Promise.resolve();
  }

  destroy(id: string): Promise<void> {
    this.kept.delete(id);
    return Promise.resolve();
  }

  revokeByGrantId(grantId: string): Promise<void> {
    for (const [id, { payload }] of this.kept) if (payload.grantId === grantId) this.kept.delete(id);
    return Promise.resolve();
  }

  private living(id: string): AdapterPayload | undefined {
    const found = this.kept.get(id);
    return found && found.until > Date.now() ? found.payload : undefined;
  }

  private firstWhere(matches: (payload: AdapterPayload) => boolean): AdapterPayload | undefined {
    return [...this.kept.keys()].map((id) => this.living(id)).find((payload) => payload && matches(payload));
  }

  private forgetExpired(): void {
    for (const [id, { until }] of this.kept) if (until <= Date.now()) this.kept.delete(id);
  }
}
