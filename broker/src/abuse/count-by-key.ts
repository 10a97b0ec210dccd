/** How many are open, in all and of each key (an address, an identity). It holds what is open and nothing else. */
export class CountByKey {
  readonly #counts = new Map<string, number>();
  #total = 0;

  constructor(private readonly limits: { readonly total: number; readonly perKey: number }) {}

  get total(): number {
    return this.#total;
  }

  of(key: string): number {
    return this.#counts.get(key) ?? 0;
  }

  /** Counts one more. @returns gives it back, at most once; or why there is no room. */
  open(key: string): (() => void) | { readonly reason: "too many in all" | "too many of this one" } {
    const { total, perKey } = this.limits;
    if (this.#total >= total) return { reason: "too many in all" };
    const count = this.of(key);
    if (count >= perKey) return { reason: "too many of this one" };
    this.#counts.set(key, count + 1);
    this.#total += 1;
    let isOpen = true;
    return () => {
      if (!isOpen) return;
      isOpen = false;
      this.#total -= 1;
      const left = this.of(key) - 1;
      if (left > 0) this.#counts.set(key, left);
      else this.#counts.delete(key);
    };
  }
}
