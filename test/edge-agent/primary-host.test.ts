import { existsSync } from "node:fs";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "@jest/globals";
import type { MqttClient } from "mqtt";
import { readMetric } from "../../edge-image/agent/sparkplug/metric";
import { decodePayload, encodePayload } from "../../edge-image/agent/sparkplug/payload";
import { accepted } from "../broker/client";
import { type Inbox, openInbox, type Received } from "./inbox";
import { type Lab, openLab } from "./lab";
import { connectAgent, type LocalClient } from "./local-client";
import type { Device } from "./run-edge-agent";

const STATE = "spBv1.0/STATE/scada";

let lab: Lab;
let scada: MqttClient;
let inbox: Inbox;
beforeAll(async () => {
  lab = await openLab();
});
beforeEach(async () => {
  scada = await lab.client("scada");
  // What the test before left.
  await scada.publishAsync(STATE, "", { qos: 1, retain: true });
  inbox = await openInbox(scada, "spBv1.0/line1/+/#");
});
afterEach(() => lab.clean());
afterAll(() => lab.close());

const stateOf = (online: boolean, timestamp: number): string => JSON.stringify({ online, timestamp });
const say = (online: boolean, timestamp = Date.now()) =>
  scada.publishAsync(STATE, stateOf(online, timestamp), { qos: 1, retain: true });
const typeOf = ({ topic }: Received): string => topic.split("/")[2]!;
const metricsOf = ({ payload }: Received) =>
  Object.fromEntries(decodePayload(payload).metrics.map((metric) => [metric.name, readMetric(metric).value]));
const fromNode = () => inbox.messages.filter((message) => !["NCMD", "DCMD"].includes(typeOf(message)));
const data = () => inbox.messages.filter((message) => typeOf(message) === "DDATA");
const levels = () => data().map((message) => metricsOf(message)["Level"]);
const isHistory = (message: Received) => decodePayload(message.payload).metrics.every((each) => each.isHistorical);
const level = (value: number) => (message: Received) =>
  typeOf(message) === "DDATA" && metricsOf(message)["Level"] === value;
const bdSeqs = (type: string) =>
  inbox.messages.filter((message) => typeOf(message) === type).map((message) => metricsOf(message)["bdSeq"]);

/** An application that hands values over, and takes commands. */
const openApplication = async (device: Device) => {
  const taken: string[] = [];
  const watchers = new Set<() => void>();
  const client: LocalClient = await connectAgent(device.socket, (_, payload) => {
    taken.push(payload.toString());
    for (const look of watchers) look();
  });
  let turn = 0;
  return {
    client,
    hand: async (from: number, to: number): Promise<void> => {
      for (let value = from; value <= to; value++) await client.data([{ name: "Level", value }], "tank");
    },
    /** A command all the way from the host to the application: what the agent meant to publish before has left by then. */
    reached: async (): Promise<void> => {
      const name = `Turn ${++turn}`;
      const metrics = [{ name, datatype: 3, intValue: turn }];
      const came = new Promise<void>((resolve) => {
        const look = (): void => (taken.some((text) => text.includes(`"${name}"`)) ? resolve() : undefined);
        watchers.add(look);
      });
      const payload = encodePayload({ timestamp: Date.now(), metrics });
      await scada.publishAsync("spBv1.0/line1/NCMD/node-2", payload, { qos: 1 });
      await came;
    },
  };
};

test("while its primary host is offline a node says nothing and stores all; when it comes, birth and history follow in order", async () => {
  const device = await lab.device("node-2");
  const first = lab.start(device);
  expect(await first.said(/^primary-host:/)).toContain("'scada' is not online: what applications hand over is stored");
  // An update on trial must not be given up because a host in the office is switched off.
  expect(existsSync(join(device.run, "connected"))).toBe(true);
  const application = await openApplication(device);
  await application.client.birth([{ name: "Level", type: "UInt16", value: 0 }], "tank");
  await application.hand(1, 60);
  await application.reached();
  await scada.publishAsync(
    "spBv1.0/line1/NCMD/node-2",
    encodePayload({
      timestamp: Date.now(),
      metrics: [{ name: "Node Control/Rebirth", datatype: 11, booleanValue: true }],
    }),
    { qos: 1 },
  );
  await application.reached();
  expect(fromNode()).toEqual([]);

  // What waits for the host is on the disk, not in memory. The death of a node that was never born says nothing to a host.
  await first.stop("SIGKILL");
  const second = lab.start(device);
  await second.said(/^primary-host:/);
  const again = await openApplication(device);
  await again.hand(61, 80);
  await again.reached();
  expect(fromNode().filter((message) => typeOf(message) !== "NDEATH")).toEqual([]);

  await say(true);
  await inbox.got(level(80));
  expect(await second.said(/^primary-host: is over/)).toBeDefined();
  expect(levels()).toEqual(Array.from({ length: 80 }, (_, index) => index + 1));
  expect(data().every(isHistory)).toBe(true);
  const born = inbox.messages.findIndex((message) => typeOf(message) === "NBIRTH");
  const types = inbox.messages.slice(born).map(typeOf);
  expect(types.slice(0, 2)).toEqual(["NBIRTH", "DBIRTH"]);
  const numbered = inbox.messages.slice(born).filter((message) => /BIRTH|DATA/.test(typeOf(message)));
  expect(numbered.map(({ payload }) => Number(decodePayload(payload).seq))).toEqual(
    numbered.map((_, seq) => seq % 256),
  );
});

test("when the host leaves, the node says its death and stores; when the host is back, it is born anew and catches up", async () => {
  await say(true);
  const device = await lab.device("node-2");
  const agent = lab.start(device);
  await inbox.got((message) => typeOf(message) === "NBIRTH");
  const application = await openApplication(device);
  await application.client.birth([{ name: "Level", type: "UInt16", value: 0 }], "tank");
  await application.hand(1, 5);
  await inbox.got(level(5));

  await say(false);
  await inbox.got((message) => typeOf(message) === "NDEATH");
  expect(bdSeqs("NDEATH")).toEqual(bdSeqs("NBIRTH"));
  await agent.said(/^primary-host: 'scada' is not online/);
  const seen = fromNode().length;
  await application.hand(6, 40);
  await application.reached();
  expect(fromNode()).toHaveLength(seen);

  await say(true);
  await inbox.got(level(40));
  expect(levels()).toEqual(Array.from({ length: 40 }, (_, index) => index + 1));
  expect(data().map(isHistory)).toEqual(Array.from({ length: 40 }, (_, index) => index >= 5));
  const [before, after] = bdSeqs("NBIRTH");
  expect(after).not.toBe(before);
});

test("a host that dies without a word is gone by its will, and the node leaves with it", async () => {
  const timestamp = Date.now();
  const will = { topic: STATE, payload: Buffer.from(stateOf(false, timestamp)), qos: 1 as const, retain: true };
  const host = await accepted(lab.broker, lab.plant, "scada", { clientId: "scada~host", will });
  await host.publishAsync(STATE, stateOf(true, timestamp), { qos: 1, retain: true });
  const device = await lab.device("node-2");
  const agent = lab.start(device);
  await inbox.got((message) => typeOf(message) === "NBIRTH");
  host.stream.destroy();
  await inbox.got((message) => typeOf(message) === "NDEATH");
  await agent.said(/^primary-host: 'scada' is not online/);
});

test("the late will of an older session of the host does not send the node away", async () => {
  const now = Date.now();
  await say(true, now);
  const device = await lab.device("node-2");
  lab.start(device);
  await inbox.got((message) => typeOf(message) === "NBIRTH");
  const application = await openApplication(device);
  await application.client.birth([{ name: "Level", type: "UInt16", value: 0 }], "tank");
  await say(false, now - 60_000);
  await application.reached();
  await application.hand(1, 3);
  await inbox.got(level(3));
  expect(inbox.messages.map(typeOf)).not.toContain("NDEATH");
});

test("a node without a primary host sends whoever listens: the same inbox sees it while the host is offline", async () => {
  await say(false);
  lab.start(await lab.device("node-1"));
  const birth = await inbox.got((message) => typeOf(message) === "NBIRTH");
  expect(birth.topic).toBe("spBv1.0/line1/NBIRTH/node-1");
});
