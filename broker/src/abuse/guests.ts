/** Ends a connection that has not logged in. */
type TurnAway = () => void;

/**
 * Connections that have begun to shake hands and have not logged in yet. Where there are too many of them, one of the
 * address that has most goes, the oldest: it had the longest to log in. So who opens connections and says nothing holds no
 * place that anybody else needs, and loses its own first; a plant that comes back logs in faster than its turn comes.
 */
export class Guests {
  readonly #byAddress = new Map<string, Set<TurnAway>>();
  #size = 0;

  constructor(private readonly limits: { readonly total: number; readonly perAddress: number }) {}

  get size(): number {
    return this.#size;
  }

  /** @returns to be called when it has logged in or is gone: it is no guest any more. */
  add(address: string, turnAway: TurnAway): () => void {
    const before = this.#byAddress.get(address);
    if (before && before.size >= this.limits.perAddress) this.#turnAwayOneOf(address, before);
    else if (this.#size >= this.limits.total) this.turnAwayOne();
    // Its own entry, whoever else is turned away the same way.
    const own = (): void => turnAway();
    const guests = this.#byAddress.get(address) ?? new Set<TurnAway>();
    this.#byAddress.set(address, guests.add(own));
    this.#size += 1;
    return () => this.#remove(address, guests, own);
  }

  /** @param address of which one goes; else of the one that has most. @returns whether there was one. */
  turnAwayOne(address?: string): boolean {
    let most = address === undefined ? undefined : this.#byAddress.get(address);
    let of = address;
    if (address === undefined)
      for (const [each, guests] of this.#byAddress) if (!most || guests.size > most.size) [of, most] = [each, guests];
    if (of === undefined || !most) return false;
    this.#turnAwayOneOf(of, most);
    return true;
  }

  #turnAwayOneOf(address: string, guests: Set<TurnAway>): void {
    const [oldest] = guests;
    this.#remove(address, guests, oldest!);
    oldest!();
  }

  #remove(address: string, guests: Set<TurnAway>, own: TurnAway): void {
    if (!guests.delete(own)) return;
    this.#size -= 1;
    if (guests.size === 0) this.#byAddress.delete(address);
  }
}
