import { readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "@jest/globals";
import { json, openFloodInbox, openInbox } from "./inbox";
import { killCycles } from "./kill-cycles";
import { type Lab, openLab } from "./lab";
import { type Link, openLink } from "./link";
import { account } from "./numbering";
import { NumberedApplication, numberOf } from "./numbered-application";
import { randomFrom } from "./random";

let lab: Lab;
let link: Link;
beforeAll(async () => {
  lab = await openLab();
  link = await openLink(() => lab.broker.ports.mqtt);
});
afterEach(async () => {
  link.mend();
  await lab.clean();
});
afterAll(async () => {
  await link.close();
  await lab.close();
});

const none = { lost: [], disorder: [] };
const linked = () => lab.device("gw-1", { mqtt: link.port, https: 1 });
const dataInbox = async () => openFloodInbox(await lab.client("master"), "plant/line/gw-1/data/n");

describe("the numbering checker", () => {
  test("names what was accepted and never came, and what came out of order, and counts what came twice", () => {
    expect(account([1, 2, 3, 4], [1, 3, 3, 2])).toEqual({ lost: [4], duplicates: 1, disorder: [2] });
    expect(account([1, 2], [1, 2, 1, 2])).toEqual({ lost: [], duplicates: 2, disorder: [] });
  });
});

test("with the broker gone messages wait on disk, and all come in order when it is back", async () => {
  link.cut();
  const device = await linked();
  const agent = lab.start(device);
  await agent.said(/^ready:/);
  const inbox = await dataInbox();
  const application = new NumberedApplication(device.socket);
  await application.connect();
  await application.send(2_000, 200);
  expect(inbox.messages).toEqual([]);
  link.mend();
  await inbox.got((message) => numberOf(message) === 1_999);
  expect(account(application.accepted, inbox.messages.map(numberOf))).toEqual({ ...none, duplicates: 0 });
  application.close();
});

test("a link that flaps costs nothing but duplicates", async () => {
  const device = await linked();
  const agent = lab.start(device);
  await agent.said(/^connected:/);
  const inbox = await dataInbox();
  const application = new NumberedApplication(device.socket);
  await application.connect();
  const stop = new AbortController();
  const sending = application.sendUntil(stop.signal, 200);
  for (let flap = 0; flap < 6; flap++) {
    await inbox.reached(inbox.messages.length + 50);
    const said = agent.lines.length;
    link.cut();
    await agent.said(/^disconnected:/, said);
    link.mend();
    await agent.said(/^connected:/, said);
  }
  stop.abort();
  await sending;
  await application.send(1);
  const last = application.accepted.at(-1);
  await inbox.got((message) => numberOf(message) === last);
  expect(account(application.accepted, inbox.messages.map(numberOf))).toMatchObject(none);
  application.close();
});

test("kill -9 of the agent, again and again, loses nothing that it accepted", async () => {
  const report = await killCycles(lab, 6, randomFrom(5));
  expect(report).toMatchObject({ ...none, dark: 2 });
  expect(report.accepted).toBeGreaterThan(100);
});

test("the checker finds what a queue loses that is not kept: with the queue wiped between two kills", async () => {
  link.cut();
  const device = await linked();
  const inbox = await dataInbox();
  const application = new NumberedApplication(device.socket);
  const first = lab.start(device);
  await first.said(/^ready:/);
  await application.connect();
  await application.send(50);
  await first.stop("SIGKILL");
  for (const name of await readdir(join(device.data, "queue")))
    if (name.endsWith(".segment")) await writeFile(join(device.data, "queue", name), "");
  link.mend();
  const second = lab.start(device);
  await second.said(/^ready:/);
  await application.connect();
  await application.send(1);
  await inbox.got((message) => numberOf(message) === 50);
  expect(account(application.accepted, inbox.messages.map(numberOf)).lost.length).toBe(50);
  application.close();
});

test("damage to the queue is said on the console and on the health topic, and the rest is sent", async () => {
  link.cut();
  const device = await linked();
  const first = lab.start(device);
  await first.said(/^ready:/);
  const application = new NumberedApplication(device.socket);
  await application.connect();
  await application.send(30, 100);
  await first.stop("SIGKILL");
  const queue = join(device.data, "queue");
  const name = (await readdir(queue)).find((each) => each.endsWith(".segment"))!;
  const bytes = await readFile(join(queue, name));
  bytes.fill(0, 300, 320);
  await writeFile(join(queue, name), bytes);
  link.mend();
  const health = await openInbox(await lab.client("master"), "plant/line/gw-1/event/agent/health");
  const inbox = await dataInbox();
  const second = lab.start(device);
  await inbox.got((message) => numberOf(message) === 29);
  expect(account(application.accepted, inbox.messages.map(numberOf)).lost.length).toBe(1);
  expect(await second.said(/^queue-damaged:/)).toContain("1 messages lost; kept as");
  await health.got((message) => JSON.stringify(json(message)["faults"]).includes("queue-damaged"));
  expect((await readdir(join(queue, "aside"))).length).toBe(1);
  application.close();
});

test.each([
  ["a newer agent's", { version: 2, site: "plant", device: "gw-1" }, "queue-version", "newer agent"],
  ["another device's", { version: 1, site: "plant", device: "gw-2" }, "queue-foreign", "messages of 'gw-2'"],
])("%s queue is left alone: the device connects, says so, and accepts nothing", async (_, format, code, words) => {
  const device = await lab.device();
  const path = join(device.data, "queue/format.json");
  await writeFile(path, JSON.stringify(format));
  await writeFile(join(device.data, "queue/000000000000.segment"), "whatever a newer one writes");
  const health = await openInbox(await lab.client("master"), "plant/line/gw-1/event/agent/health");
  const agent = lab.start(device);
  expect(await agent.said(new RegExp(`^${code}:`))).toContain(words);
  await health.got((message) => JSON.stringify(json(message)["faults"]).includes(words));
  const application = new NumberedApplication(device.socket);
  await application.connect();
  await application.send(1);
  expect(application).toMatchObject({ accepted: [], refused: [0] });
  application.close();
  expect(await readFile(path, "utf8")).toBe(JSON.stringify(format));
  expect((await readdir(join(device.data, "queue"))).sort()).toEqual(["000000000000.segment", "format.json"]);
});

test("what was sent into a dead line is sent again on the next one", async () => {
  const device = await linked();
  const agent = lab.start(device);
  await agent.said(/^connected:/);
  const inbox = await dataInbox();
  const application = new NumberedApplication(device.socket);
  await application.connect();
  await application.send(10);
  await inbox.got((message) => numberOf(message) === 9);
  link.freeze();
  await application.send(10);
  link.mend();
  await inbox.got((message) => numberOf(message) === 19);
  expect(account(application.accepted, inbox.messages.map(numberOf))).toMatchObject(none);
  application.close();
});

test("a device goes on to the next address when one does not answer, and comes over WebSockets where only that is open", async () => {
  const { https } = lab.broker.ports;
  const device = await lab.device("gw-1", { mqtt: 1, https });
  const agent = lab.start(device);
  expect(await agent.said(/^connected:/)).toContain(`wss://localhost:${https}/mqtt`);
  expect(agent.lines.find((line) => line.startsWith("connect:"))).toContain("mqtts://localhost:1");
});
