import type { Journal } from "../persistence/journal";
import { key } from "../persistence/key";
import { decodeMessage, encodeMessage, Message } from "./message";

/** A will and whose it is: its authorization is asked for again when it is published. */
export interface Will {
  readonly identity: string;
  readonly message: Message;
  /** What its client was accepted on; whoever accepted it can read it. Undefined: it was stored without. */
  readonly admission: Buffer | undefined;
}

/** A will of the task before this one. */
export interface OrphanedWill extends Will {
  readonly clientId: string;
}

/** Wills of connected clients (MQTT 3.1.1, 3.1.2.5), stored so that they survive the broker that would publish them. */
export class Wills {
  readonly #journal: Journal;
  /** Of the task before this one, whose clients have not come back yet. */
  readonly #orphans = new Map<string, Will>();
  /** ClientIds of which the store has one: a client without a will must not cost a sync of the disk as it comes. */
  readonly #stored = new Set<string>();

  constructor(journal: Journal) {
    this.#journal = journal;
  }

  put(clientId: string, { identity, message, admission }: Will): void {
    const name = Buffer.from(identity);
    this.#orphans.delete(clientId);
    this.#stored.add(clientId);
    this.#journal.put(key.will(clientId), Buffer.concat([Buffer.from([name.length]), name, encodeMessage(message)]));
    // A record of its own: stores of this format have wills without one, and what reads only those is not disturbed by it.
    if (admission) this.#journal.put(key.admission(clientId), admission);
    else this.#journal.delete(key.admission(clientId));
  }

  delete(clientId: string): void {
    if (!this.#stored.delete(clientId)) return;
    this.#orphans.delete(clientId);
    this.#journal.delete(key.will(clientId));
    this.#journal.delete(key.admission(clientId));
  }

  /** Takes what the store held. */
  restore(clientId: string, record: Buffer, admission: Buffer | undefined): void {
    const messageAt = 1 + record[0]!;
    const identity = record.toString("utf8", 1, messageAt);
    this.#stored.add(clientId);
    this.#orphans.set(clientId, { identity, message: decodeMessage(record.subarray(messageAt)), admission });
  }

  /** Those whose client had its time to come back and did not: to be published now. They are forgotten with this call. */
  takeOrphans(): readonly OrphanedWill[] {
    const orphans = [...this.#orphans];
    for (const [clientId] of orphans) this.delete(clientId);
    return orphans.map(([clientId, will]) => ({ clientId, ...will }));
  }
}
