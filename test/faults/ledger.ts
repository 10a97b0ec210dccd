import type { Qos } from "../../broker/src/mqtt/packet";

/** One message, as its publisher numbered it. */
export interface Numbered {
  readonly from: string;
  readonly number: number;
  readonly qos: Qos;
}

/** What became of the messages of a run. */
export interface Account {
  readonly published: number;
  /** PUBACK or PUBREC came: the broker took it over. */
  readonly acknowledged: number;
  /** Acknowledged messages that every subscriber got. */
  readonly delivered: number;
  /** QoS 1 messages that a subscriber got more than once. */
  readonly duplicated: number;
  /** Of those, copies without DUP although their publisher sent them once: MQTT does not allow them. */
  readonly unmarked: number;
  /** QoS 2 messages that a subscriber got more than once: there may be none. */
  readonly duplicatedAtQos2: number;
  /** Acknowledged, and a subscriber never got it. */
  readonly lost: number;
  /** The first of them. */
  readonly examples: readonly string[];
}

interface Fate {
  readonly qos: Qos;
  sent: number;
  acknowledged: boolean;
  /** By subscriber. */
  readonly copies: Map<string, { count: number; unmarked: number }>;
}

/** Accounts for every message: who sent it, who acknowledged it, who got it and how often. */
export class Ledger {
  readonly #fates = new Map<string, Fate>();
  readonly #subscribers = new Set<string>();

  subscriber(name: string): void {
    this.#subscribers.add(name);
  }

  /** A publisher sends it, perhaps again. */
  sent(message: Numbered): void {
    this.#of(message).sent += 1;
  }

  acknowledged(message: Numbered): void {
    this.#of(message).acknowledged = true;
  }

  /** A subscriber got a copy. */
  received(subscriber: string, message: Numbered, dup: boolean): void {
    const { copies } = this.#of(message);
    const seen = copies.get(subscriber) ?? { count: 0, unmarked: 0 };
    seen.count += 1;
    if (seen.count > 1 && !dup) seen.unmarked += 1;
    copies.set(subscriber, seen);
  }

  /** Acknowledged messages that a subscriber still lacks. */
  get missing(): readonly string[] {
    return [...this.#fates]
      .filter(([, { acknowledged, copies }]) => acknowledged && copies.size < this.#subscribers.size)
      .map(([name]) => name);
  }

  get account(): Account {
    const fates = [...this.#fates.values()];
    const count = (fits: (fate: Fate) => boolean): number => fates.filter(fits).length;
    const twice = ({ copies }: Fate): boolean => [...copies.values()].some((copy) => copy.count > 1);
    const lost = this.missing;
    const acknowledged = count((fate) => fate.acknowledged);
    return {
      published: fates.length,
      acknowledged,
      delivered: acknowledged - lost.length,
      duplicated: count((fate) => fate.qos === 1 && twice(fate)),
      unmarked: count(
        ({ qos, sent, copies }) => qos === 1 && sent === 1 && [...copies.values()].some(({ unmarked }) => unmarked > 0),
      ),
      duplicatedAtQos2: count((fate) => fate.qos === 2 && twice(fate)),
      lost: lost.length,
      examples: lost.slice(0, 5),
    };
  }

  #of({ from, number, qos }: Numbered): Fate {
    const name = `${from}/${number}`;
    let fate = this.#fates.get(name);
    if (!fate) this.#fates.set(name, (fate = { qos, sent: 0, acknowledged: false, copies: new Map() }));
    return fate;
  }
}
