import { EventEmitter } from "node:events";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "@jest/globals";
import type { MqttClient } from "mqtt";
import { createHealth } from "../../edge-image/agent/health";
import type { DeviceIdentity } from "../../edge-image/agent/identity/read-identity";
import { createLocalHandler } from "../../edge-image/agent/local/local-handler";
import { Refusal, type Request } from "../../edge-image/agent/local/protocol";
import type { MessageQueue } from "../../edge-image/agent/queue/message-queue";
import { LARGEST_RECORD, MESSAGE_LIMITS, type QueuedMessage, recordBytes } from "../../edge-image/agent/queue/record";
import { readMetric } from "../../edge-image/agent/sparkplug/metric";
import { decodePayload, encodePayload } from "../../edge-image/agent/sparkplug/payload";
import { openSparkplugMemory, type SparkplugMemory } from "../../edge-image/agent/sparkplug/sparkplug-memory";
import { createSparkplugNode, type SparkplugNode } from "../../edge-image/agent/sparkplug/sparkplug-node";
import { type Inbox, openInbox, type Received } from "./inbox";
import { type Lab, openLab } from "./lab";
import { openLink } from "./link";
import { connectAgent } from "./local-client";

const typeOf = ({ topic }: Received): string => topic.split("/")[2]!;
const values = ({ payload }: Received): Record<string, unknown> =>
  Object.fromEntries(decodePayload(payload).metrics.map((metric) => [metric.name, readMetric(metric).value]));
const json = (value: unknown): Buffer => Buffer.from(JSON.stringify(value));

describe("a node", () => {
  let folder: string;
  let memory: SparkplugMemory;
  let node: SparkplugNode;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "dmz-sparkplug-"));
    memory = await openSparkplugMemory(
      folder,
      () => undefined,
      () => undefined,
    );
    node = createSparkplugNode({ group: "line1", node: "node-1", memory, now: Date.now });
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  test("takes no values that grow, as a message, beyond what the queue reads back", async () => {
    const names = Array.from({ length: 1900 }, (_, i) => `m${i}`);
    await node.declare("", json([...names.map((name) => ({ name, type: "Int64" })), { name: "Text", type: "String" }]));
    const few = names.map((name) => ({ name }));
    const room = MESSAGE_LIMITS.payloadBytes - json([...few, { name: "Text", value: "" }]).length;
    const full = json([...few, { name: "Text", value: "x".repeat(room) }]);
    expect(full.length).toBe(MESSAGE_LIMITS.payloadBytes);
    expect(() => node.encode("", full)).toThrow(
      expect.objectContaining({ code: "too-large", message: expect.stringContaining("at most 245760 bytes") }),
    );
    const fits = node.encode("", json([{ name: "Text", value: "x".repeat(room) }]));
    expect(recordBytes(fits)).toBeLessThan(LARGEST_RECORD);
  });

  test("has no more metrics than its memory is for", async () => {
    const list = json(Array.from({ length: 2000 }, (_, i) => ({ name: `m${i}`, type: "Int32" })));
    for (let i = 0; i < 5; i++) await node.declare(`press-${i}`, list);
    const more = node.declare("press-5", json([{ name: "one", type: "Int32" }]));
    await expect(more).rejects.toThrow(new Refusal("metrics", "a node and its devices have at most 10000 metrics"));
    // What is declared anew takes the place of what was.
    await node.declare("press-4", json([{ name: "one", type: "Int32" }]));
    await node.declare("press-5", json([{ name: "one", type: "Int32" }]));
  });

  test("says no birth that its disk did not take, and none of the agent's ends by it", async () => {
    await rm(folder, { recursive: true });
    const birth = (): Promise<void> => node.declare("", json([{ name: "Level", type: "Int32" }]));
    await expect(birth()).rejects.toMatchObject({ code: "disk" });
    await expect(birth()).rejects.toMatchObject({ code: "disk" });
    await mkdir(folder);
    await birth();
    expect(
      (
        await openSparkplugMemory(
          folder,
          () => undefined,
          () => undefined,
        )
      ).declared.get(""),
    ).toEqual([{ name: "Level", type: "Int32" }]);
  });

  const handed = (queued: QueuedMessage[]) => {
    const identity = { name: "node-1", device: { version: 1 }, topics: {} } as DeviceIdentity;
    const queue = { append: async (message: QueuedMessage) => void queued.push(message) } as MessageQueue;
    return createLocalHandler({
      identity,
      queue,
      sparkplug: node,
      health: createHealth(
        () => undefined,
        () => new Date(),
      ),
    });
  };
  const birth: Request = { op: "birth", id: 1, device: "press", payload: json([{ name: "Level", type: "Int32" }]) };
  const data: Request = { op: "data", id: 2, device: "press", payload: json([{ name: "Level", value: 1 }]) };

  test("takes values that come right behind a birth after it, so that no host hears of them first", async () => {
    let release: () => void = () => undefined;
    const saved = new Promise<void>((resolve) => (release = resolve));
    const declare: SparkplugMemory["declare"] = async (...args) => {
      const changed = await memory.declare(...args);
      await saved;
      return changed;
    };
    node = createSparkplugNode({ group: "line1", node: "node-1", memory: { ...memory, declare }, now: Date.now });
    const queued: QueuedMessage[] = [];
    const { handle } = handed(queued);
    const order: string[] = [];
    const born = handle(birth).then(() => order.push(`born before ${queued.length}`));
    const [first, second] = [handle(data), handle(data)];
    // What does not wait for the disk is through by then.
    await new Promise((resolve) => setImmediate(resolve));
    release();
    await Promise.all([born, first, second]);
    expect(order).toEqual(["born before 0"]);
    expect(queued.map(({ topic }) => topic)).toEqual(Array(2).fill("spBv1.0/line1/DDATA/node-1/press"));
    // And without one nothing waits.
    void handle(data);
    expect(queued).toHaveLength(3);
  });

  test("takes no values for metrics whose birth its disk refused, however soon they come", async () => {
    await rm(folder, { recursive: true });
    const queued: QueuedMessage[] = [];
    const { handle } = handed(queued);
    const answers = await Promise.allSettled([handle(birth), handle(data)]);
    expect(answers.map((answer) => answer.status === "rejected" && (answer.reason as Refusal).code)).toEqual([
      "disk",
      "metrics",
    ]);
    expect(queued).toEqual([]);
  });

  test("answers a storm of demands for births with no more than its line takes", async () => {
    const leaving: (() => void)[] = [];
    let births = 0;
    const client = Object.assign(new EventEmitter(), {
      publish: (_topic: string, _payload: Buffer, _options: object, done: () => void) => {
        births++;
        leaving.push(done);
      },
    }) as unknown as MqttClient;
    const allLeave = async (): Promise<void> => {
      for (const done of leaving.splice(0)) done();
      await new Promise((resolve) => setImmediate(resolve));
    };
    const versions = { agent: "1", image: "1.0.0", deviceClass: "gateway", node: "20" };
    const queue = { waiting: 0, bytes: 0, accepted: 0, sent: 0, dropped: 0, refused: 0 };
    const report = { time: new Date().toISOString(), uptime: 0, rss: 0, faults: [], queue };
    const begun = node.begin(client, versions, report, new AbortController().signal, () => undefined);
    await allLeave();
    await begun;
    expect(births).toBe(1);
    for (let n = 0; n < 100; n++) node.rebirth();
    expect(births).toBe(2);
    // One more for all who asked after that one was begun, and none when nobody did.
    await allLeave();
    expect(births).toBe(3);
    await allLeave();
    expect(births).toBe(3);
    node.rebirth();
    expect(births).toBe(4);
  });

  test.each([
    ["half written", '{"version":1,"bdSeq":7,"decl'],
    ["empty", ""],
    ["another thing", "[1]"],
    ["null", "null"],
    ["of a newer agent", '{"version":2,"bdSeq":7,"declared":{}}'],
    ["with a counter that is none", '{"version":1,"bdSeq":256,"declared":{}}'],
    ["with a list of metrics that is none", '{"version":1,"bdSeq":7,"declared":{"":7}}'],
    ["with a type that is none", '{"version":1,"bdSeq":7,"declared":{"":[{"name":"a","type":"toString"}]}}'],
  ])("whose memory is %s says so, keeps the file beside, and is counted on", async (_, text) => {
    const path = join(folder, "sparkplug.json");
    await writeFile(path, text);
    const said: string[] = [];
    const open = () =>
      openSparkplugMemory(
        folder,
        () => undefined,
        (words) => said.push(words),
      );
    const damaged = await open();
    expect(said).toEqual([expect.stringContaining(`it was kept as ${path}.damaged`)]);
    expect(await readFile(`${path}.damaged`, "utf8")).toBe(text);
    expect(damaged.declared.size).toBe(0);
    const first = await damaged.nextBdSeq();
    expect([...Array(256).keys()]).toContain(first);
    // And from then on as ever.
    expect(await (await open()).nextBdSeq()).toBe((first + 1) % 256);
    expect(said).toHaveLength(1);
  });

  test("is counted on with a full disk: it must connect, for only what is sent makes room", async () => {
    const errors: unknown[] = [];
    memory = await openSparkplugMemory(
      folder,
      (error) => errors.push(error),
      () => undefined,
    );
    expect(await memory.nextBdSeq()).toBe(0);
    await rm(folder, { recursive: true });
    expect([await memory.nextBdSeq(), await memory.nextBdSeq()]).toEqual([1, 2]);
    await mkdir(folder);
    expect(await memory.nextBdSeq()).toBe(3);
    expect(errors).toEqual([undefined, expect.any(Error), expect.any(Error), undefined]);
  });
});

describe("a node at its broker", () => {
  let lab: Lab;
  let inbox: Inbox;
  beforeAll(async () => {
    lab = await openLab();
  });
  afterEach(() => lab.clean());
  afterAll(() => lab.close());

  test("whose last values outgrow a birth is born all the same, without the longest of them", async () => {
    inbox = await openInbox(await lab.client("scada"), "spBv1.0/line1/#");
    const link = await openLink(() => lab.broker.ports.mqtt);
    const device = await lab.device("node-1", { mqtt: link.port, https: 1 });
    const agent = lab.start(device);
    await agent.said(/^connected:/);
    const application = await connectAgent(device.socket);
    await application.birth([
      ...["A", "B", "C"].map((name) => ({ name, type: "String" as const })),
      { name: "Level", type: "Int32", value: 7 },
    ]);
    for (const [name, length] of [
      ["A", 100_000],
      ["B", 110_000],
      ["C", 90_000],
    ] as const)
      await application.data([{ name, value: name.repeat(length) }]);
    await inbox.got((message) => typeOf(message) === "NDATA" && "C" in values(message));
    const seen = inbox.messages.length;
    link.cut();
    await agent.said(/^disconnected:/);
    link.mend();
    const birth = await inbox.got((each) => inbox.messages.indexOf(each) >= seen && typeOf(each) === "NBIRTH");
    expect(values(birth)).toMatchObject({ A: "A".repeat(100_000), B: null, C: "C".repeat(90_000), Level: 7 });
    await application.data([{ name: "Level", value: 8 }]);
    await inbox.got((message) => typeOf(message) === "NDATA" && values(message)["Level"] === 8);
    application.close();
    await link.close();
  });

  test("connects with a disk that takes nothing, and says so", async () => {
    inbox = await openInbox(await lab.client("scada"), "spBv1.0/line1/#");
    const device = await lab.device("node-1");
    // Nothing can be renamed over a folder: whoever the user is, the file is not written.
    await mkdir(join(device.data, "state/time.json"));
    const agent = lab.start(device);
    expect(await agent.said(/^state-disk:/)).toContain("time.json");
    const application = await connectAgent(device.socket);
    await application.birth([{ name: "Level", type: "Int32" }]);
    await application.data([{ name: "Level", value: 1 }]);
    await inbox.got((message) => typeOf(message) === "NDATA" && values(message)["Level"] === 1);
    await inbox.got((message) => String(values(message)["Agent/Faults"]).includes("state-disk"));
    expect(agent.lines.filter((line) => line.startsWith("connected:"))).toHaveLength(1);
    application.close();
  });

  test("obeys no command that somebody left at the broker", async () => {
    const scada = await lab.client("scada");
    const left = encodePayload({ timestamp: 0, metrics: [{ name: "Valve", datatype: 11, booleanValue: true }] });
    const now = encodePayload({ timestamp: 0, metrics: [{ name: "Valve", datatype: 11, booleanValue: false }] });
    const topic = "spBv1.0/line1/NCMD/node-1";
    const link = await openLink(() => lab.broker.ports.mqtt);
    const device = await lab.device("node-1", { mqtt: link.port, https: 1 });
    link.cut();
    const agent = lab.start(device);
    await agent.said(/^ready:/);
    const commands: string[] = [];
    let take: () => void = () => undefined;
    const taken = new Promise<void>((resolve) => (take = resolve));
    const application = await connectAgent(device.socket, (_, payload) => {
      commands.push(payload.toString());
      take();
    });
    await scada.publishAsync(topic, left, { qos: 1, retain: true });
    link.mend();
    expect(await agent.said(/^command: .*retained/)).toContain(topic);
    await scada.publishAsync(topic, now, { qos: 1 });
    await taken;
    expect(commands.map((each) => JSON.parse(each))).toEqual([[{ name: "Valve", type: "Boolean", value: false }]]);
    await scada.publishAsync(topic, "", { qos: 1, retain: true });
    application.close();
    await link.close();
  });
});
