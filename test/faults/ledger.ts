import type { Qos } from "../../broker/src/mqtt/packet";

/** One message, as its publisher numbered it. */
export interface Numbered {
  readonly from: string;
  readonly number: number;
  readonly qos: Qos;
}

/** One copy of a message, as it came to a subscriber. */
export interface Copy {
  readonly dup: boolean;
  readonly packetId: number;
  /** Which one of the subscriber's connections brought it, counted from 1. */
  readonly connection: number;
  /** The connection on which PUBREL freed the identifier before, if ever. */
  readonly releasedOn: number | undefined;
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
  /** The first of those that must not be there: lost ones, and each copy of one that came twice at QoS 2. */
  readonly examples: readonly string[];
}

interface Fate {
  readonly qos: Qos;
  sent: number;
  acknowledged: boolean;
  /** By subscriber. */
  readonly copies: Map<string, Copy[]>;
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

  received(subscriber: string, message: Numbered, copy: Copy): void {
    const { copies } = this.#of(message);
    const before = copies.get(subscriber);
    if (before) before.push(copy);
    else copies.set(subscriber, [copy]);
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
    const lost = this.missing;
    const acknowledged = count((fate) => fate.acknowledged);
    return {
      published: fates.length,
      acknowledged,
      delivered: acknowledged - lost.length,
      duplicated: count((fate) => fate.qos === 1 && cameTwice(fate)),
      unmarked: count(
        ({ qos, sent, copies }) =>
          qos === 1 && sent === 1 && [...copies.values()].some((all) => all.slice(1).some(({ dup }) => !dup)),
      ),
      duplicatedAtQos2: count((fate) => fate.qos === 2 && cameTwice(fate)),
      lost: lost.length,
      examples: [...lost, ...this.#twiceAtQos2].slice(0, 5),
    };
  }

  /** Each with all its copies, so that it explains itself. */
  get #twiceAtQos2(): readonly string[] {
    return [...this.#fates].flatMap(([name, fate]) =>
      fate.qos === 2 && cameTwice(fate)
        ? [...fate.copies].flatMap(([subscriber, all]) =>
            all.length > 1 ? [`${name} to ${subscriber} as ${all.map(describe).join(", then as ")}`] : [],
          )
        : [],
    );
  }

  #of({ from, number, qos }: Numbered): Fate {
    const name = `${from}/${number}`;
    let fate = this.#fates.get(name);
    if (!fate) this.#fates.set(name, (fate = { qos, sent: 0, acknowledged: false, copies: new Map() }));
    return fate;
  }
}

const cameTwice = ({ copies }: Fate): boolean => [...copies.values()].some((all) => all.length > 1);

const describe = ({ packetId, dup, connection, releasedOn }: Copy): string =>
  `${packetId}${dup ? " with DUP" : ""} on connection ${connection}` +
  (releasedOn === undefined ? "" : ` (PUBREL for ${packetId} had come on connection ${releasedOn})`);
