import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, describe, expect, test } from "@jest/globals";
import type { Packet } from "mqtt-packet";
import type { Change } from "../../../broker/src/persistence/key-value";
import { MemoryKeyValue } from "../../../broker/src/persistence/memory-key-value";
import { RawClient } from "./raw-client";
import { startDelivery, type TestDelivery } from "./start-delivery";

/* Every acknowledgement waits for the store, and leaves only if the lease still holds then. */

/** A store whose next batch ends when the test says so, and how. */
class HeldKeyValue extends MemoryKeyValue {
  #held: { asked: () => void; ended: Promise<"stored" | "failed"> } | undefined;

  /** Holds the batches from now on. @returns how to wait for one and to end it */
  hold(): { readonly asked: Promise<void>; readonly end: (how: "stored" | "failed") => void } {
    let asked!: () => void;
    let end!: (how: "stored" | "failed") => void;
    const isAsked = new Promise<void>((resolve) => (asked = resolve));
    const ended = new Promise<"stored" | "failed">((resolve) => (end = resolve));
    this.#held = { asked, ended };
    return { asked: isAsked, end };
  }

  override async batch(changes: readonly Change[]): Promise<void> {
    this.#held?.asked();
    if ((await this.#held?.ended) === "failed") throw new Error("input/output error");
    return super.batch(changes);
  }
}

let broker: TestDelivery | undefined;
afterEach(async () => {
  await broker?.close();
  broker = undefined;
});

/** How the batch ends that an acknowledgement waits for. */
interface Ending {
  readonly what: string;
  readonly how: "stored" | "failed";
  readonly leaseHolds: boolean;
}

interface Case {
  /** What is ready before. */
  readonly prepare?: (client: RawClient) => Promise<void>;
  readonly ask: (client: RawClient) => void;
  /** @default the one that the case is called */
  readonly answers?: readonly string[];
}
const twice = (packet: Packet): readonly Packet[] => [packet, packet];
const CASES: Readonly<Record<string, Case>> = {
  puback: { ask: (client) => client.sendPublish("kept", "x", 1, { retain: true }) },
  pubrec: { ask: (client) => client.sendPublish("kept", "x", 2) },
  pubcomp: {
    prepare: async (client) => {
      client.sendPublish("kept", "x", 2);
      await client.next("pubrec");
    },
    ask: (client) => client.send({ cmd: "pubrel", messageId: 1 }),
  },
  pubrel: {
    prepare: async (client) => {
      await client.subscribe(["kept", 2]);
      await (await RawClient.connect(broker!.port, "other")).publish("kept", "x", 2);
      await client.message();
    },
    ask: (client) => client.send({ cmd: "pubrec", messageId: 1 }),
  },
  // A client that says it twice must not be answered before the first one is stored.
  "pubcomp, asked for twice": {
    prepare: async (client) => {
      client.sendPublish("kept", "x", 2);
      await client.next("pubrec");
    },
    ask: (client) => client.send(...twice({ cmd: "pubrel", messageId: 1 })),
    answers: ["pubcomp", "pubcomp"],
  },
  "pubrel, asked for twice": {
    prepare: async (client) => {
      await client.subscribe(["kept", 2]);
      await (await RawClient.connect(broker!.port, "other")).publish("kept", "x", 2);
      await client.message();
    },
    ask: (client) => client.send(...twice({ cmd: "pubrec", messageId: 1 })),
    answers: ["pubrel", "pubrel"],
  },
  suback: {
    ask: (client) => client.send({ cmd: "subscribe", messageId: 1, subscriptions: [{ topic: "kept", qos: 1 }] }),
  },
  unsuback: {
    prepare: async (client) => void (await client.subscribe(["kept", 1])),
    ask: (client) => client.send({ cmd: "unsubscribe", messageId: 1, unsubscriptions: ["kept"] }),
  },
};

describe.each(Object.entries(CASES))("%s", (cmd, { prepare, ask, answers = [cmd] }) => {
  test.each<Ending>([
    { what: "leaves when the store has it and the lease holds", how: "stored", leaseHolds: true },
    { what: "never leaves when the lease ended before the store had it", how: "stored", leaseHolds: false },
    { what: "never leaves when the store failed", how: "failed", leaseHolds: true },
  ])("$what", async ({ how, leaseHolds }) => {
    const expected = how === "stored" && leaseHolds ? answers : [];
    let active = true;
    const store = new HeldKeyValue();
    broker = await startDelivery({ keyValue: store, isActive: () => active });
    const client = await RawClient.connect(broker.port, "client", { clean: false });
    await prepare?.(client);
    const { asked, end } = store.hold();
    ask(client);
    await asked;
    expect(await client.all()).toEqual([]);
    active = leaseHolds;
    end(how);
    expect((await client.all()).map((packet) => packet.cmd)).toEqual(expected);
    expect(broker.failures).toHaveLength(how === "failed" ? 1 : 0);
  });
});

describe("connack", () => {
  /** Whether there is a CONNACK by the time in which another connection is answered. */
  const connack = async (client: RawClient): Promise<boolean> => {
    const answered = client.next("connack").then(() => true);
    const other = await RawClient.open(broker!.port);
    other.send({ cmd: "pingreq" });
    await other.closed();
    return Promise.race([answered, new Promise<boolean>((resolve) => setImmediate(resolve, false))]);
  };

  test.each<Ending>([
    { what: "leaves when the store has the session and the lease holds", how: "stored", leaseHolds: true },
    { what: "never leaves when the lease ended before the store had the session", how: "stored", leaseHolds: false },
    { what: "never leaves when the store failed", how: "failed", leaseHolds: true },
  ])("$what", async ({ how, leaseHolds }) => {
    const expected = how === "stored" && leaseHolds;
    let active = true;
    const store = new HeldKeyValue();
    broker = await startDelivery({ keyValue: store, isActive: () => active });
    const client = await RawClient.open(broker.port);
    const { asked, end } = store.hold();
    client.sendConnect("client", { clean: false });
    await asked;
    expect(await connack(client)).toBe(false);
    active = leaseHolds;
    end(how);
    expect(await connack(client)).toBe(expected);
  });

  test("comes before what waited for the client, and what came behind the CONNECT is handled after it", async () => {
    const store = new HeldKeyValue();
    broker = await startDelivery({ keyValue: store });
    const first = await RawClient.connect(broker.port, "client", { clean: false });
    await first.subscribe(["kept", 1]);
    await first.disconnect();
    await (await RawClient.connect(broker.port, "writer")).publish("kept", "x", 1);
    const client = await RawClient.open(broker.port);
    const { asked, end } = store.hold();
    client.sendConnect("client", { clean: false });
    client.sendPublish("other", "y", 1, { messageId: 9 });
    await asked;
    end("stored");
    expect((await client.all()).map(({ cmd }) => cmd)).toEqual(["connack", "publish", "puback"]);
  });
});

test("nobody but the journal and the probe writes to the store, and both wait for it", () => {
  const folder = join(__dirname, "../../../broker/src");
  const sources = readdirSync(folder, { recursive: true, encoding: "utf8" }).filter((name) => name.endsWith(".ts"));
  const writers = sources.flatMap((name) =>
    readFileSync(join(folder, name), "utf8")
      .split("\n")
      .filter((line) => /\.batch\(/.test(line) && !/^\s*\*/.test(line))
      .map((line) => `${name}: ${line.trim()}`),
  );
  const own = writers.filter(
    (writer) =>
      !/^persistence\/(level-key-value|open-store|upgrade-format|import-store)\.ts|^store\/folder-store\.ts/.test(
        writer,
      ),
  );
  expect(own).toEqual([
    'engine.ts: probeStore: () => keyValue.batch([{ type: "put", key: PROBE_KEY, value: Buffer.alloc(0) }]),',
    "persistence/journal.ts: if (changes.length > 0) await this.#store.batch(changes);",
  ]);
});
