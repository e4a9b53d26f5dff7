/**
 * Remembers what was found under recent keys, never more than `most` of them: when a generation is full, the one before it is
 * forgotten, so that whoever is asked for often stays.
 */
export class RecentTokens<Found> {
  private young = new Map<string, Found>();
  private old = new Map<string, Found>();
  private readonly generation: number;

  constructor(most: number) {
    this.generation = Math.max(1, Math.floor(most / 2));
  }

  /** How many are remembered now. */
  get size(): number {
    return this.young.size + this.old.size;
  }

  find(token: string): Found | undefined {
    const found = this.young.get(token);
    if (found !== undefined) return found;
    const older = this.old.get(token);
    if (older === undefined) return undefined;
    this.old.delete(token);
    this.keep(token, older);
    return older;
  }

  keep(token: string, found: Found): void {
    if (this.young.size >= this.generation) {
      this.old = this.young;
      this.young = new Map();
    }
    this.young.set(token, found);
  }

  forget(token: string): void {
    this.young.delete(token);
    this.old.delete(token);
  }
}
