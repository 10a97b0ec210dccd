import type { Clock } from "./clock";

export interface HandshakeQueueProps {
  /** Begun in one turn. */
  readonly perTurn: number;
  /** Waiting at most, in all. */
  readonly capacity: number;
  /** Milliseconds after which who waits is turned away. */
  readonly longestMs: number;
  readonly now: Clock;
  /** Runs when the event loop has looked after everybody else. @default setImmediate */
  readonly nextTurn?: (call: () => void) => void;
  /** 0 (included) to 1 (excluded). @default Math.random */
  readonly random?: () => number;
}

interface Waiting {
  readonly begin: () => void;
  readonly turnAway: () => void;
  readonly since: number;
}

/**
 * Whose TLS handshake is next. A handshake is what a connection costs, so a few are begun in each turn of the event loop,
 * the addresses taking turns: a flood from one address delays neither clients that are connected nor those that come
 * from elsewhere, and an idle broker begins each at once. When too many wait, a random one of the address with most goes: who shares
 * an attacker's address keeps its chance.
 */
export class HandshakeQueue {
  readonly #byAddress = new Map<string, Waiting[]>();
  readonly #nextTurn: (call: () => void) => void;
  readonly #random: () => number;
  #size = 0;
  #armed = false;
  #begun = 0;

  constructor(private readonly props: HandshakeQueueProps) {
    this.#nextTurn = props.nextTurn ?? ((call) => void setImmediate(call));
    this.#random = props.random ?? Math.random;
  }

  get size(): number {
    return this.#size;
  }

  /** @param begin or `turnAway` is called, exactly one of them and once; `begin` at once if nobody waits. */
  add(address: string, begin: () => void, turnAway: () => void): void {
    this.#arm();
    if (this.#size === 0 && this.#begun < this.props.perTurn) {
      this.#begun += 1;
      begin();
      return;
    }
    if (this.#size >= this.props.capacity) this.#evict();
    const queue = this.#byAddress.get(address);
    const waiting = { begin, turnAway, since: this.props.now() };
    if (queue) queue.push(waiting);
    else this.#byAddress.set(address, [waiting]);
    this.#size += 1;
  }

  #arm(): void {
    if (this.#armed) return;
    this.#armed = true;
    this.#nextTurn(() => this.#turn());
  }

  #turn(): void {
    this.#armed = false;
    this.#begun = 0;
    while (this.#size > 0 && this.#begun < this.props.perTurn) {
      const next = this.#next();
      if (this.props.now() - next.since > this.props.longestMs) {
        next.turnAway();
      } else {
        this.#begun += 1;
        next.begin();
      }
    }
    if (this.#size > 0 || this.#begun > 0) this.#arm();
  }

  /** The first of the address whose turn it is; that address goes to the end. */
  #next(): Waiting {
    const [address, queue] = this.#byAddress.entries().next().value!;
    const waiting = queue.shift()!;
    this.#byAddress.delete(address);
    if (queue.length > 0) this.#byAddress.set(address, queue);
    this.#size -= 1;
    return waiting;
  }

  #evict(): void {
    let longest: readonly [string, Waiting[]] | undefined;
    for (const entry of this.#byAddress) if (!longest || entry[1].length > longest[1].length) longest = entry;
    const [address, queue] = longest!;
    const [gone] = queue.splice(Math.floor(this.#random() * queue.length), 1);
    if (queue.length === 0) this.#byAddress.delete(address);
    this.#size -= 1;
    gone!.turnAway();
  }
}
