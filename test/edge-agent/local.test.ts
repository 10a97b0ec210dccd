import { once } from "node:events";
import { connect } from "node:net";
import { stat } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, expect, test } from "@jest/globals";
import { LIMIT_TABLE } from "../../broker/src/limits";
import { LOCAL_LIMITS } from "../../edge-image/agent/local/protocol";
import { json, openFloodInbox, openInbox } from "./inbox";
import { type Lab, openLab } from "./lab";
import { connectAgent } from "./local-client";

let lab: Lab;
beforeAll(async () => {
  lab = await openLab();
});
afterEach(() => lab.clean());
afterAll(() => lab.close());

const ready = async (name?: string) => {
  const device = await lab.device(name);
  const agent = lab.start(device);
  await agent.said(/ready:/);
  return { device, agent };
};

/** Says something to the socket as it is, and reads until the agent closes the connection. */
const raw = async (path: string, bytes: Buffer | string): Promise<string> => {
  const socket = connect(path);
  let text = "";
  socket.on("data", (chunk: Buffer) => (text += chunk.toString()));
  socket.on("error", () => undefined);
  socket.write(bytes);
  await once(socket, "close");
  return text;
};

test("an application's message reaches the broker, and a command reaches the application", async () => {
  const { device } = await ready();
  const master = await lab.client("master");
  const inbox = await openInbox(master, "plant/line/gw-1/data/#");
  let take: (command: readonly [string, string]) => void = () => undefined;
  const command = new Promise<readonly [string, string]>((resolve) => (take = resolve));
  const application = await connectAgent(device.socket, (topic, payload) => take([topic, payload.toString()]));
  expect(application.hello).toMatchObject({ protocol: 1, device: "gw-1", prefix: "plant/line/gw-1" });
  await application.publish("data/temperature", "21.5");
  expect(await inbox.got(({ topic }) => topic === "plant/line/gw-1/data/temperature")).toMatchObject({ retain: false });
  await master.publishAsync("plant/line/gw-1/cmd/valve", "open", { qos: 1 });
  expect(await command).toEqual(["plant/line/gw-1/cmd/valve", "open"]);
  application.close();
});

test.each([
  ["another device's topic", "plant/line/gw-2/data/x", "is not among what this device may publish"],
  ["a topic outside its grants", "config/x", "is not among what this device may publish"],
  ["a wildcard", "data/#", "wildcard"],
  ["the agent's own status", "status", "is the agent's own"],
  ["the agent's own health", "event/agent/health", "is the agent's own"],
  ["more levels than the broker takes", `data/${"a/".repeat(40)}b`, "levels"],
  ["more bytes than the broker takes", `data/${"a".repeat(1100)}`, "bytes"],
])("a message on %s is refused before it is accepted", async (_, topic, words) => {
  const { device } = await ready();
  const application = await connectAgent(device.socket);
  await expect(application.publish(topic, "x")).rejects.toMatchObject({ code: "topic" });
  await expect(application.publish(topic, "x")).rejects.toThrow(words);
  // The connection goes on.
  await application.publish("data/x", "1");
  application.close();
});

test.each([
  ["random bytes", Buffer.from([0x16, 3, 1, 2, 0, 1, 0, 10, 0xff, 0x0a]), "JSON"],
  ["an HTTP request", "GET / HTTP/1.1\r\nHost: x\r\n\r\n", "JSON"],
  ["a line without end", "x".repeat(LOCAL_LIMITS.headerBytes + 2), "no longer than"],
  ["an unknown operation", '{"op":"delete","id":1}\n', "'op' must be"],
  ["an unknown field", '{"op":"publish","id":1,"topic":"data/x","qos":2}\n', "holds only"],
  ["a negative length", '{"op":"publish","id":1,"topic":"data/x","bytes":-1}\n', "'bytes' must be"],
  ["a length of gigabytes", '{"op":"publish","id":1,"topic":"data/x","bytes":9999999999}\n', "'bytes' must be"],
  ["JSON that is no object", "[1]\n", "must be an object"],
])(
  "%s on the socket ends that connection with a clear error, in the log and on the health topic",
  async (_, bytes, words) => {
    const { device, agent } = await ready();
    const inbox = await openInbox(await lab.client("master"), "plant/line/gw-1/event/agent/health");
    const neighbour = await connectAgent(device.socket);
    const answer = await raw(device.socket, bytes);
    expect(answer).toContain('"error":"protocol"');
    expect(answer).toContain(words);
    expect(await agent.said(/^socket: /)).toContain("broke the local protocol");
    // Not what is retained of the device of the test before.
    const tells = (text: string): boolean => text.includes("broke the local protocol");
    await inbox.got((message) => !message.retain && tells(JSON.stringify(json(message)["faults"])));
    await neighbour.publish("data/x", "still served");
    neighbour.close();
  },
);

test("a message above the limit is refused and skipped, and the next one is taken", async () => {
  const { device, agent } = await ready();
  const application = await connectAgent(device.socket);
  const large = Buffer.alloc(LOCAL_LIMITS.payloadBytes + 1);
  await expect(application.publish("data/x", large)).rejects.toMatchObject({ code: "too-large" });
  expect(await agent.said(/^socket: /)).toContain(`at most ${LOCAL_LIMITS.payloadBytes} bytes`);
  await application.publish("data/x", "1");
  application.close();
});

test("the largest message that the agent takes is one that the broker takes", async () => {
  expect(LOCAL_LIMITS.payloadBytes + LOCAL_LIMITS.topicBytes + 16).toBeLessThan(LIMIT_TABLE.packetBytes.value);
  const { device } = await ready();
  const inbox = await openInbox(await lab.client("master"), "plant/line/gw-1/data/#");
  const application = await connectAgent(device.socket);
  await application.publish("data/large", Buffer.alloc(LOCAL_LIMITS.payloadBytes, 7));
  expect((await inbox.got(({ topic }) => topic.endsWith("data/large"))).payload.length).toBe(LOCAL_LIMITS.payloadBytes);
  application.close();
});

test("an application that sends without reading is made to wait, and loses nothing", async () => {
  const { device } = await ready();
  const inbox = await openFloodInbox(await lab.client("master"), "plant/line/gw-1/data/#");
  const socket = connect(device.socket);
  const count = 3000;
  const frames = Array.from({ length: count }, (_, id) => {
    const body = `${id}`;
    return `${JSON.stringify({ op: "publish", id, topic: "data/n", bytes: body.length })}\n${body}`;
  });
  socket.pause();
  socket.write(frames.join(""));
  await inbox.got(({ payload }) => payload.toString() === `${count - 1}`);
  expect(inbox.messages.map(({ payload }) => Number(payload.toString()))).toEqual([...Array(count).keys()]);
  socket.destroy();
});

test("an application beyond the agent's connections is told so, rather than left to wait", async () => {
  const { device } = await ready();
  const others = await Promise.all(Array.from({ length: LOCAL_LIMITS.connections }, () => connectAgent(device.socket)));
  await expect(connectAgent(device.socket)).rejects.toThrow("the agent closed the connection");
  for (const other of others) other.close();
});

test("a header that is no UTF-8 is refused: its topic would be another", async () => {
  const { device } = await ready();
  const header = Buffer.concat([
    Buffer.from('{"op":"publish","id":1,"topic":"data/'),
    Buffer.from([0xe9]),
    Buffer.from('"}\n'),
  ]);
  expect(await raw(device.socket, header)).toMatch(/"error":"protocol".*UTF-8/);
});

test("only the owner and its group may use the socket", async () => {
  const { device } = await ready();
  expect((await stat(join(device.run, "agent.sock"))).mode & 0o777).toBe(0o660);
});
