import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { Message } from "../../../broker/src/delivery/message";
import type { Outlet } from "../../../broker/src/delivery/outlet";
import type { QueueLimits } from "../../../broker/src/delivery/queue-limits";
import { ENTRY_BYTES, QueueStore } from "../../../broker/src/delivery/queue-store";
import { SessionQueue } from "../../../broker/src/delivery/session-queue";
import { Sessions } from "../../../broker/src/delivery/sessions";
import type { OutgoingPacket } from "../../../broker/src/mqtt/encode-packet";
import type { Qos } from "../../../broker/src/mqtt/packet";
import { Journal } from "../../../broker/src/persistence/journal";
import { MemoryKeyValue } from "../../../broker/src/persistence/memory-key-value";
import { captureLog } from "../log-capture";

const LIMITS: QueueLimits = {
  inflightOutbound: 3,
  queuedMessages: 5,
  queuedBytes: 10_000,
  queuedBytesInAll: 100_000,
  queuedRetained: 8,
};

/** A client that takes what it is sent, or not. */
class Sink implements Outlet {
  readonly sent: (OutgoingPacket & { readonly cmd: "publish" })[] = [];
  isCongested = false;
  #relieve: () => void = () => undefined;
  send(packet: OutgoingPacket): void {
    if (packet.cmd === "publish") this.sent.push(packet);
  }
  relieved(): Promise<void> {
    return new Promise((resolve) => (this.#relieve = resolve));
  }
  async relieve(): Promise<void> {
    this.isCongested = false;
    this.#relieve();
    await new Promise((resolve) => setImmediate(resolve));
  }
  get texts(): string[] {
    return this.sent.map(({ payload }) => String(payload));
  }
}

const opened = (persistent: boolean, limits: Partial<QueueLimits> = {}) => {
  const keyValue = new MemoryKeyValue();
  const store = new QueueStore(new Journal({ store: keyValue, onFailure: (error) => expect(error).toBeUndefined() }));
  const dropped: Qos[] = [];
  const queue = new SessionQueue({
    clientId: "reader",
    persistent,
    store,
    onDropped: (qos) => dropped.push(qos),
    limits: { ...LIMITS, ...limits },
  });
  const sink = new Sink();
  /** As the router does, with a store that is done at once. */
  const offer = (text: string, qos: Qos, retain = false): void => {
    const entry = queue.offer(new Message("a", Buffer.from(text), qos, retain), qos, retain);
    if (entry) queue.release(entry);
  };
  return { queue, store, keyValue, sink, dropped, offer };
};
const numbers = (from: number, to: number): string[] => Array.from({ length: to - from }, (_, i) => `${from + i}`);

describe.each([
  ["a persistent session", true],
  ["a clean session", false],
])("the queue of %s", (_, persistent) => {
  test("sends a window of messages, and goes on with each acknowledgement", () => {
    const { queue, sink, offer } = opened(persistent);
    queue.connect(sink);
    for (const text of numbers(0, 8)) offer(text, 1);
    expect(sink.texts).toEqual(numbers(0, 3));
    queue.acknowledge(sink.sent[1]!.messageId!);
    queue.acknowledge(sink.sent[1]!.messageId!);
    expect(sink.texts).toEqual(numbers(0, 4));
  });

  test("keeps QoS 0 behind what waits, so that the order holds", () => {
    const { queue, sink, offer } = opened(persistent, { inflightOutbound: 1 });
    queue.connect(sink);
    offer("0", 1);
    offer("1", 1);
    offer("2", 0);
    expect(sink.texts).toEqual(["0"]);
    queue.acknowledge(sink.sent[0]!.messageId!);
    expect(sink.texts).toEqual(["0", "1", "2"]);
  });

  test("when full drops the newest, tells it, and keeps the order of the others", () => {
    const { queue, sink, dropped, offer } = opened(persistent);
    queue.connect(sink);
    for (const text of numbers(0, 12)) offer(text, 1);
    expect(dropped).toEqual([1, 1, 1, 1]);
    for (let i = 0; i < 8; i++) queue.acknowledge(sink.sent[i]!.messageId!);
    expect(sink.texts).toEqual(numbers(0, 8));
    expect(queue.length).toBe(0);
  });

  test("is bounded by bytes, its own and those of all", () => {
    const { queue, store, sink, dropped, offer } = opened(persistent, { inflightOutbound: 0 });
    queue.connect(sink);
    for (let i = 0; i < 4; i++) offer("x".repeat(3_000), 1);
    expect(dropped).toHaveLength(1);
    store.bytes = 100_000;
    offer("x", 1);
    expect(dropped).toHaveLength(2);
  });

  test("counts each session that a message waits for, and nothing once it is delivered", () => {
    const { queue, store, sink, offer } = opened(persistent);
    queue.connect(sink);
    const message = new Message("a", Buffer.from("x"), 1, false);
    const many = Array.from({ length: 100 }, () => store.hold(message));
    expect(store.bytes).toBeGreaterThanOrEqual(100 * ENTRY_BYTES);
    many.forEach(() => store.release(message));
    offer("x", 1);
    queue.acknowledge(sink.sent[0]!.messageId!);
    expect(store.bytes).toBe(0);
  });

  test("takes more of what a subscription is owed than of what comes live, but not without end", () => {
    const { queue, sink, dropped, offer } = opened(persistent, { inflightOutbound: 0 });
    queue.connect(sink);
    for (let i = 0; i < 20; i++) offer(`${i}`, 1, true);
    expect(queue.length).toBe(8);
    expect(dropped).toHaveLength(12);
  });

  test("lets QoS 1 wait for a client that is behind, and goes on when it has caught up", async () => {
    const { queue, sink, offer } = opened(persistent);
    queue.connect(sink);
    sink.isCongested = true;
    offer("0", 1);
    offer("1", 1);
    expect(sink.texts).toEqual([]);
    await sink.relieve();
    expect(sink.texts).toEqual(["0", "1"]);
  });

  test("holds all it is given until SUBACK has left", () => {
    const { queue, sink, offer } = opened(persistent);
    queue.connect(sink);
    queue.hold();
    offer("0", 0);
    offer("1", 1);
    expect(sink.texts).toEqual([]);
    queue.resume();
    expect(sink.texts).toEqual(["0", "1"]);
  });

  test("never uses an identifier twice at a time, also when all have been used once [MQTT-2.3.1-4]", () => {
    const { queue, sink, offer } = opened(persistent);
    queue.connect(sink);
    offer("kept", 1);
    const kept = sink.sent[0]!.messageId;
    const given = new Set<number>();
    for (let i = 0; i < 70_000; i++) {
      offer("x", 1);
      const { messageId } = sink.sent.pop()!;
      given.add(messageId!);
      queue.acknowledge(messageId!);
    }
    expect(given.size).toBe(65_534);
    expect(given.has(kept!) || given.has(0)).toBe(false);
  });

  test("leaves nothing behind: no memory counted, no key stored", async () => {
    const { queue, store, keyValue, sink, offer } = opened(persistent);
    queue.connect(sink);
    for (const text of numbers(0, 8)) offer(text, 2);
    for (let i = 0; i < sink.sent.length; i++) {
      queue.receive(sink.sent[i]!.messageId!);
      queue.complete(sink.sent[i]!.messageId!);
    }
    await store.journal.committed();
    expect({ length: queue.length, bytes: store.bytes, keys: keyValue.size }).toEqual({ length: 0, bytes: 0, keys: 0 });
  });
});

describe("of the room for all", () => {
  const ROOM = 300_000;
  const SIZE = 1_000;
  /** Sessions whose clients are away, by identity, and what of theirs is accepted. */
  const plant = () => {
    const journal = new Journal({
      store: new MemoryKeyValue(),
      onFailure: (error) => expect(error).toBeUndefined(),
    });
    const sessions = new Sessions({
      journal,
      store: new QueueStore(journal),
      log: captureLog().log,
      limits: { ...LIMITS, queuedMessages: 1_000, queuedBytes: 1e9, queuedBytesInAll: ROOM, queuedRetained: 1_000 },
    });
    let made = 0;
    /** @returns how many of so many messages to a new session of the identity are accepted. */
    const fill = (identity: string, count: number): number => {
      const session = sessions.create(`${identity}~${(made += 1)}`, identity, true, 0);
      let accepted = 0;
      for (let i = 0; i < count; i++) {
        const message = new Message("a", Buffer.alloc(SIZE - 202), 1, false);
        if (session.queue.offer(message, 1, false)) accepted += 1;
      }
      return accepted;
    };
    return { sessions, fill };
  };
  const ONE = SIZE + ENTRY_BYTES;

  test("a greedy identity takes a ninth, however many sessions it leaves behind", () => {
    const { fill } = plant();
    const taken = fill("greedy", 10) + fill("greedy", 10) + fill("greedy", 1_000);
    expect(Math.abs(taken - ROOM / 9 / ONE)).toBeLessThanOrEqual(1);
    expect(fill("greedy", 1_000)).toBe(0);
  });

  test("two greedy identities leave room to those that hold little, and lose their own newest messages", () => {
    const { fill } = plant();
    for (let i = 0; i < 16; i++) {
      fill("greedy", 1_000);
      fill("greedier", 1_000);
    }
    expect(fill("modest", 3)).toBe(3);
    expect(fill("greedy", 1)).toBe(0);
    expect(fill("greedier", 1)).toBe(0);
    expect(fill("another", 3)).toBe(3);
  });

  test("what is delivered or dropped is room again, for its identity too", () => {
    const { sessions, fill } = plant();
    const all = fill("greedy", 1_000);
    expect(fill("greedy", 1)).toBe(0);
    sessions.drop(sessions.get("greedy~1")!);
    expect(fill("greedy", 1_000)).toBe(all);
  });

  test("no mix of identities takes more than there is, and one that comes last gets its message in", () => {
    const steps = fc.array(fc.tuple(fc.nat(8), fc.integer({ min: 1, max: 400 })), { maxLength: 30 });
    fc.assert(
      fc.property(steps, (turns) => {
        const { sessions, fill } = plant();
        for (const [identity, count] of turns) fill(`id-${identity}`, count);
        const held = [...sessions.all].reduce((sum, { queue }) => sum + queue.length * ONE, 0);
        expect(held).toBeLessThanOrEqual(ROOM);
        expect(fill("last", 1)).toBe(1);
      }),
    );
  });
});

test("what is sent again waits for the client like everything else, before what is new, and is not sent once acknowledged", async () => {
  const { queue, sink, offer } = opened(true);
  queue.connect(sink);
  for (const text of ["1", "2", "3"]) offer(text, 1);
  queue.disconnect();
  sink.sent.length = 0;
  const slow = Object.assign(new Sink(), { isCongested: true });
  queue.connect(slow);
  offer("live", 0);
  offer("4", 1);
  expect(slow.texts).toEqual([]);
  queue.acknowledge(2);
  await slow.relieve();
  expect(slow.sent.map(({ payload, dup }) => `${String(payload)}${dup ? " dup" : ""}`)).toEqual([
    "1 dup",
    "3 dup",
    "live",
    "4",
  ]);
});

test("what a client that came back was not sent again yet is not sent after its grant has gone", async () => {
  const { queue, sink, offer } = opened(true);
  queue.connect(sink);
  for (const text of ["1", "2", "3"]) offer(text, 1);
  queue.disconnect();
  const slow = Object.assign(new Sink(), { isCongested: true });
  queue.connect(slow);
  expect(queue.dropRefused(() => false)).toBe(3);
  await slow.relieve();
  expect(slow.texts).toEqual([]);
  offer("granted", 1);
  expect(slow.texts).toEqual(["granted"]);
});

test("what this connection was sent already waits for its acknowledgement, whatever is granted now", () => {
  const { queue, sink, offer } = opened(true);
  queue.connect(sink);
  for (const text of ["1", "2", "3"]) offer(text, 1);
  expect(queue.dropRefused(() => false)).toBe(0);
  expect(queue.length).toBe(3);
});

test("a persistent session's queue outlives connections without loss, whatever is lost in between", () => {
  const step = fc.oneof(
    { weight: 4, arbitrary: fc.constantFrom<Qos>(1, 2).map((qos) => ({ do: "offer" as const, qos })) },
    { weight: 3, arbitrary: fc.nat(10).map((at) => ({ do: "acknowledge" as const, at })) },
    { weight: 1, arbitrary: fc.constant({ do: "reconnect" as const }) },
  );
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const { queue, store, sink, offer } = opened(true, {
        queuedMessages: 1_000,
        queuedRetained: 1_000,
        queuedBytes: 1e9,
        queuedBytesInAll: 1e9,
      });
      queue.connect(sink);
      let offered = 0;
      const finish = ({ messageId, qos }: { messageId?: number | undefined; qos: number }): void => {
        if (qos === 1) return queue.acknowledge(messageId!);
        queue.receive(messageId!);
        queue.complete(messageId!);
      };
      for (const one of steps) {
        if (one.do === "offer") offer(`${offered++}`, one.qos);
        else if (one.do === "acknowledge") {
          const packet = sink.sent[one.at];
          if (packet) finish(packet);
        } else {
          queue.disconnect();
          queue.connect(sink);
        }
      }
      for (let i = 0; i < sink.sent.length; i++) finish(sink.sent[i]!);
      // Each at least once, for the first time in order, and never again after its acknowledgement.
      expect([...new Set(sink.texts)]).toEqual(numbers(0, offered));
      expect([queue.length, store.bytes]).toEqual([0, 0]);
    }),
  );
});
