import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, expect, test } from "@jest/globals";
import type { MqttClient } from "mqtt";
import { readMetric } from "../../edge-image/agent/sparkplug/metric";
import { decodePayload, encodePayload } from "../../edge-image/agent/sparkplug/payload";
import { type Inbox, openInbox, type Received } from "./inbox";
import { type Lab, openLab } from "./lab";
import { openLink } from "./link";
import { connectAgent } from "./local-client";

let lab: Lab;
let scada: MqttClient;
let inbox: Inbox;
beforeAll(async () => {
  lab = await openLab();
});
afterEach(() => lab.clean());
afterAll(() => lab.close());

const watch = async (): Promise<void> => {
  scada = await lab.client("scada");
  inbox = await openInbox(scada, "spBv1.0/line1/#");
};
const typeOf = ({ topic }: Received): string => topic.split("/")[2]!;
const read = ({ payload }: Received) => {
  const { seq, metrics } = decodePayload(payload);
  const values = Object.fromEntries(metrics.map((metric) => [metric.name, readMetric(metric).value]));
  return { seq: seq === undefined ? undefined : Number(seq), values, metrics };
};
const isOf = (type: string) => (message: Received) => typeOf(message) === type;
const bdSeqOf = (message: Received): unknown => read(message).values["bdSeq"];
const command = (metrics: Parameters<typeof encodePayload>[0]["metrics"]) =>
  scada.publishAsync("spBv1.0/line1/NCMD/node-1", encodePayload({ timestamp: Date.now(), metrics }), { qos: 1 });
/** Numbers of all that was sent between two births, which must run on without a gap. */
const gapless = (messages: readonly Received[]): void => {
  let next: number | undefined;
  for (const message of messages.filter((each) => !["NDEATH", "NCMD", "DCMD"].includes(typeOf(each)))) {
    const { seq } = read(message);
    if (typeOf(message) === "NBIRTH") next = 0;
    if (next !== undefined) expect(seq).toBe(next);
    next = (seq! + 1) % 256;
  }
};

test("a node is born with bdSeq and its metrics, numbers what it sends, and dies by the will of that birth", async () => {
  await watch();
  const device = await lab.device("node-1");
  const agent = lab.start(device);
  const birth = await inbox.got(isOf("NBIRTH"));
  expect(read(birth)).toMatchObject({
    seq: 0,
    values: { bdSeq: "0", "Node Control/Rebirth": false, "Agent/Image": "1.0.0" },
  });
  const application = await connectAgent(device.socket);
  await application.birth([{ name: "Temperature", type: "Double", value: 20 }], "press");
  await inbox.got(isOf("DBIRTH"));
  for (let n = 0; n < 300; n++) await application.data([{ name: "Temperature", value: n }], "press");
  await inbox.got((message) => typeOf(message) === "DDATA" && read(message).values["Temperature"] === 299);
  const values = inbox.messages.filter(isOf("DDATA")).map((message) => read(message).values["Temperature"]);
  expect(values).toEqual([...Array(300).keys()]);
  gapless(inbox.messages);
  await agent.stop("SIGKILL");
  expect(bdSeqOf(await inbox.got(isOf("NDEATH")))).toBe("0");
  const seen = inbox.messages.length;
  lab.start(device);
  await inbox.got((message) => inbox.messages.indexOf(message) >= seen && typeOf(message) === "DBIRTH");
  expect(bdSeqOf(inbox.messages.filter(isOf("NBIRTH"))[1]!)).toBe("1");
});

test("a host's rebirth command brings every birth again, under the same bdSeq, with the last values", async () => {
  await watch();
  const device = await lab.device("node-1");
  lab.start(device);
  await inbox.got(isOf("NBIRTH"));
  const application = await connectAgent(device.socket);
  await application.birth([{ name: "Count", type: "Int32", value: -5 }]);
  const births = () => inbox.messages.filter(isOf("NBIRTH"));
  await inbox.got((message) => message === births()[1]);
  await application.data([{ name: "Count", value: -7 }]);
  await command([{ name: "Node Control/Rebirth", datatype: 11, booleanValue: true }]);
  await inbox.got((message) => message === births()[2]);
  expect(births().map(bdSeqOf)).toEqual(["0", "0", "0"]);
  expect(read(births()[2]!)).toMatchObject({ seq: 0, values: { Count: -7 } });
  gapless(inbox.messages);
});

test("what was taken while the broker was gone comes after the birth, in order, marked as history", async () => {
  await watch();
  const link = await openLink(() => lab.broker.ports.mqtt);
  const device = await lab.device("node-1", { mqtt: link.port, https: 1 });
  const agent = lab.start(device);
  await inbox.got(isOf("NBIRTH"));
  const application = await connectAgent(device.socket);
  await application.birth([{ name: "Level", type: "UInt16", value: 0 }]);
  link.cut();
  await agent.said(/^disconnected:/);
  for (let n = 1; n <= 20; n++) await application.data([{ name: "Level", value: n }]);
  link.mend();
  await inbox.got((message) => typeOf(message) === "NDATA" && read(message).values["Level"] === 20);
  const data = inbox.messages.filter((message) => typeOf(message) === "NDATA" && "Level" in read(message).values);
  expect(data.map((message) => read(message).values["Level"])).toEqual(Array.from({ length: 20 }, (_, i) => i + 1));
  expect(data.every((message) => read(message).metrics.every(({ isHistorical }) => isHistorical === true))).toBe(true);
  const last = inbox.messages.map(typeOf).lastIndexOf("NBIRTH");
  expect(last).toBeLessThan(inbox.messages.indexOf(data[0]!));
  gapless(inbox.messages.slice(last));
  await link.close();
});

test("a node whose memory a power cut damaged is born all the same, tells its host, and sends what was queued", async () => {
  await watch();
  const link = await openLink(() => lab.broker.ports.mqtt);
  const device = await lab.device("node-1", { mqtt: link.port, https: 1 });
  link.cut();
  const before = lab.start(device);
  await before.said(/^ready:/);
  const application = await connectAgent(device.socket);
  await application.birth([{ name: "Level", type: "UInt16", value: 0 }]);
  for (let n = 1; n <= 5; n++) await application.data([{ name: "Level", value: n }]);
  await before.stop("SIGKILL");
  await writeFile(join(device.data, "state/sparkplug.json"), '{"version":1,"bdSeq":3,"decl');
  link.mend();
  const agent = lab.start(device);
  expect(await agent.said(/^state-damaged:/)).toContain("sparkplug.json");
  const faults = (message: Received): unknown => read(message).values["Agent/Faults"];
  await inbox.got((message) => String(faults(message)).includes("state-damaged"));
  await inbox.got((message) => typeOf(message) === "NDATA" && read(message).values["Level"] === 5);
  const birth = inbox.messages.find(isOf("NBIRTH"))!;
  await agent.stop("SIGKILL");
  expect(bdSeqOf(await inbox.got(isOf("NDEATH")))).toBe(bdSeqOf(birth));
  await link.close();
});

test("metrics that nobody declared, wrong values and Sparkplug's own topics are refused", async () => {
  const device = await lab.device("node-1");
  const agent = lab.start(device);
  await agent.said(/^ready:/);
  const application = await connectAgent(device.socket);
  await expect(application.data([{ name: "X", value: 1 }])).rejects.toMatchObject({ code: "metrics" });
  await application.birth([{ name: "Small", type: "UInt8", value: 255 }]);
  await expect(application.data([{ name: "Small", value: 256 }])).rejects.toThrow("from 0 to 255");
  await expect(application.data([{ name: "Other", value: 1 }])).rejects.toThrow("was not declared");
  await expect(application.birth([{ name: "bdSeq", type: "Int64" }])).rejects.toThrow("is the agent's own");
  await expect(application.publish("spBv1.0/line1/NDATA/node-1", "x")).rejects.toThrow("the agent numbers them");
});

test("other commands of a host reach the application as metrics", async () => {
  await watch();
  const device = await lab.device("node-1");
  const agent = lab.start(device);
  await agent.said(/^connected:/);
  await inbox.got(isOf("NBIRTH"));
  let take: (text: string) => void = () => undefined;
  const got = new Promise<string>((resolve) => (take = resolve));
  await connectAgent(device.socket, (_, payload) => take(payload.toString()));
  await command([{ name: "Setpoint", datatype: 3, intValue: 4294967295 }]);
  expect(JSON.parse(await got)).toEqual([{ name: "Setpoint", type: "Int32", value: -1 }]);
});
