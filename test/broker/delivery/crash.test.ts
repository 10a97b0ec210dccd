import { afterEach, expect, test } from "@jest/globals";
import type { IPublishPacket } from "mqtt-packet";
import type { Change } from "../../../broker/src/persistence/key-value";
import { MemoryKeyValue } from "../../../broker/src/persistence/memory-key-value";
import { RawClient, type Received } from "./raw-client";
import { startDelivery, type TestDelivery } from "./start-delivery";

/* A crash at any moment: what the store had acknowledged is there, and nothing else of it. */

/** Batches take some turns of the event loop; after `crash` they are as if they had never been asked for. */
class CrashingKeyValue extends MemoryKeyValue {
  crashed = false;
  onStored: () => void = () => undefined;

  constructor(readonly turns: () => number) {
    super();
  }

  override async batch(changes: readonly Change[]): Promise<void> {
    for (let left = this.turns(); left > 0; left--) await new Promise((resolve) => setImmediate(resolve));
    if (this.crashed) throw new Error("crash");
    await super.batch(changes);
    this.onStored();
  }
}

/** Random numbers that are the same in every run (a linear congruential generator, Numerical Recipes' constants). */
function randomOf(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

let broker: TestDelivery | undefined;
afterEach(async () => {
  await broker?.close();
  broker = undefined;
});

const MESSAGES = 260;

/** A subscriber as the standard has it, and what it noticed. */
class Reader {
  readonly delivered: string[] = [];
  /** Identifiers of QoS 2 messages that it owns and that are not released [MQTT-4.3.3-2]. */
  readonly #owned = new Set<number>();
  /** QoS 1 messages that came, however often. */
  readonly #seen = new Set<string>();
  /** Messages that came again as if they were new. */
  readonly notMarked: string[] = [];

  /** @returns the answers it owes. */
  take(packet: Received): Received[] {
    const messageId = packet.messageId!;
    if (packet.cmd === "pubrel") {
      this.#owned.delete(messageId);
      return [{ cmd: "pubcomp", messageId } as Received];
    }
    if (packet.cmd !== "publish") return [];
    const { payload, qos, dup } = packet as unknown as IPublishPacket;
    const text = payload.toString();
    if (this.#seen.has(text) && !dup) this.notMarked.push(text);
    this.#seen.add(text);
    if (qos === 1) {
      this.delivered.push(text);
      return [{ cmd: "puback", messageId } as Received];
    }
    if (!this.#owned.has(messageId)) this.delivered.push(text);
    this.#owned.add(messageId);
    return [{ cmd: "pubrec", messageId } as Received];
  }
}

test.each(Array.from({ length: 12 }, (_, seed) => seed))(
  "nothing acknowledged is lost, QoS 2 comes once, and what came before carries DUP (seed %i)",
  async (seed) => {
    const random = randomOf(seed + 1);
    const store = new CrashingKeyValue(() => random(4));
    const acknowledged = new Set<string>();
    const reader = new Reader();
    const read = async (client: RawClient, answerAtMost = Infinity): Promise<number> => {
      const packets = await client.all();
      const answers = packets.flatMap((packet) => reader.take(packet)).slice(0, answerAtMost);
      if (answers.length > 0) client.send(...answers);
      return packets.length;
    };

    broker = await startDelivery({ keyValue: store });
    const first = await RawClient.connect(broker.port, "reader", { clean: false });
    await first.subscribe(["a/#", 2]);
    const writer = await RawClient.connect(broker.port, "writer", { clean: false });
    const crashAfter = 1 + random(seed % 4 === 3 ? 1_000 : 60);
    let stored = 0;
    store.onStored = () => {
      stored += 1;
      if (stored >= crashAfter) store.crashed = true;
    };
    // Half of the readers are so far behind that more waits for them than may be under way.
    const slow = seed % 2 === 0 ? 9 : 200;
    const texts = new Map<number, string>();
    const hear = async (): Promise<void> => {
      for (const packet of await writer.all()) {
        if (packet.cmd === "puback" || packet.cmd === "pubrec") acknowledged.add(texts.get(packet.messageId!)!);
        if (packet.cmd === "pubrec") writer.send({ cmd: "pubrel", messageId: packet.messageId! });
      }
    };
    for (let id = 1; id <= MESSAGES; id++) {
      texts.set(id, `${id}`);
      // At most so many may be under way at QoS 2 in either direction: the rest goes at QoS 1.
      writer.sendPublish("a/b", `${id}`, id % 3 === 0 ? 2 : 1, { messageId: id });
      if (random(5) === 0) await hear();
      if (random(slow) === 0) await read(first, random(3) === 0 ? random(20) : Infinity);
    }
    await hear();
    // The store is slow, and then gone: what the reader acknowledges from here on makes room for more, and is forgotten.
    if (seed % 4 > 1) store.crashed = true;
    for (let i = 0; i < 3; i++) await read(first);
    await hear();
    store.crashed = true;
    await broker.close();

    store.crashed = false;
    store.onStored = () => undefined;
    broker = await startDelivery({ keyValue: store });
    const second = await RawClient.connect(broker.port, "reader", { clean: false });
    expect(second.sessionPresent).toBe(true);
    while ((await read(second)) > 0);
    const missing = [...acknowledged].filter((text) => !reader.delivered.includes(text));
    expect(missing).toEqual([]);
    expect(reader.notMarked).toEqual([]);
    const twice = reader.delivered.filter((text, i) => Number(text) % 3 === 0 && reader.delivered.indexOf(text) !== i);
    expect(twice).toEqual([]);
    expect(acknowledged.size).toBeGreaterThan(0);
  },
);
