import { readdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "@jest/globals";
import { installAccessDocument } from "../../ca/local-site";
import { decodeAt, type StoredMessage } from "../../edge-image/agent/queue/record";
import { RefusedMessages } from "../../edge-image/agent/queue/refused-messages";
import { createSuspicion } from "../../edge-image/agent/uplink/suspicion";
import { raw } from "../../policy/roles/raw";
import type { Site } from "../../policy/site";
import { edgeSite } from "./edge-plant";
import { type Fate, openFarEnd } from "./far-end";
import { json, openInbox } from "./inbox";
import { type Lab, openLab } from "./lab";
import { type Link, openLink } from "./link";
import { connectAgent } from "./local-client";
import { createDevice, type Device } from "./run-edge-agent";

const message = (seq: number, topic = "a"): StoredMessage => ({
  seq,
  topic,
  time: 0,
  certain: false,
  payload: Buffer.alloc(0),
  retain: false,
  sparkplug: false,
});

describe("a message is taken for refused", () => {
  const [m1, m2, m9] = [message(1), message(2, "b"), message(9, "c")];

  test("when two connections ended with it first in line, and three more with nothing else under way", () => {
    const suspicion = createSuspicion();
    suspicion.ended({ first: m1, last: m9, inOrder: true });
    expect(suspicion.isAlone(m1)).toBe(false);
    suspicion.ended({ first: m1, last: m9, inOrder: true });
    expect([m1, m9].map(suspicion.isAlone)).toEqual([true, true]);
    expect(suspicion.isAlone(message(10))).toBe(false);
    suspicion.ended({ first: m1, last: m1, inOrder: true });
    suspicion.ended({ first: m1, last: m1, inOrder: true });
    expect(suspicion.isRefused(m1)).toBe(false);
    suspicion.ended({ first: m1, last: m1, inOrder: true });
    expect(suspicion.isRefused(m1)).toBe(true);
    expect(suspicion.isRefused(m2)).toBe(false);
  });

  test("not when the broker took it meanwhile: another is first in line", () => {
    const suspicion = createSuspicion();
    for (const first of [m1, m1, m1, m1, m2, m2, m2, m2, m1]) suspicion.ended({ first, last: first, inOrder: true });
    expect(suspicion.isRefused(m1)).toBe(false);
  });

  test("never for a line that is reset or times out, however often", () => {
    const suspicion = createSuspicion();
    for (let i = 0; i < 50; i++) suspicion.ended({ first: m1, last: m1, inOrder: i % 3 === 0 });
    expect(suspicion.isDoubted(m1)).toBe(true);
    expect(suspicion.isRefused(m1)).toBe(false);
  });

  test("never for a line that ends as often without it", () => {
    const suspicion = createSuspicion();
    for (let i = 0; i < 50; i++) {
      suspicion.ended({ first: m1, last: m1, inOrder: true });
      if (i % 2 === 0) suspicion.endedQuiet();
    }
    expect(suspicion.isRefused(m1)).toBe(false);
  });

  test("with all others on its topic, which is tried again after an hour", () => {
    let time = 0;
    const suspicion = createSuspicion(() => time);
    for (let i = 0; i < 5; i++) suspicion.ended({ first: m1, last: m1, inOrder: true });
    expect(suspicion.isRefused(m1)).toBe(true);
    expect(suspicion.isRefused(message(77, "a"))).toBe(true);
    time = 3_600_000;
    expect(suspicion.isRefused(message(78, "a"))).toBe(false);
  });
});

describe("against a line that ends with the same message first in line, again and again,", () => {
  let lab: Lab;
  const close: (() => Promise<void>)[] = [];
  beforeAll(async () => {
    lab = await openLab();
  });
  afterEach(async () => {
    await lab.clean();
    for (const each of close.splice(0)) await each();
  });
  afterAll(() => lab.close());

  /** One message at the head, and two behind it on the same topic. */
  const boot = async (fate: Fate) => {
    const end = await openFarEnd(lab.plant.authority);
    close.push(end.close);
    const device = await lab.device("gw-1", { mqtt: end.port, https: 1 });
    end.meet(fate);
    const agent = lab.start(device);
    await agent.said(/^connected:/);
    const application = await connectAgent(device.socket);
    for (const n of ["0", "1", "2"]) await application.publish("data/n", n);
    application.close();
    return { end, agent, device };
  };

  test.each<[Fate, number]>([
    ["reset", 7],
    ["ended also without it", 3],
  ])("%s: nothing is set aside, and all of it comes when the line holds", async (fate, times) => {
    const { end, agent, device } = await boot(fate);
    await end.until((ends) => ends >= times);
    // In doubt by now: a line that ends on its own is met in the pause before the message, too.
    for (let n = 0; n < 4; n++) await agent.said(/^disconnected:/, agent.lines.length);
    end.meet("taken");
    await end.until((_, taken) => taken.includes("2"));
    expect([...new Set(end.taken)]).toEqual(["0", "1", "2"]);
    expect(agent.lines.join("\n")).not.toContain("message-refused");
    expect(await readdir(join(device.data, "queue"))).not.toContain("aside");
  });

  test("the control: ended by the broker on that message alone, it is taken for refused", async () => {
    const { agent } = await boot("ended");
    expect(await agent.said(/^message-refused:/)).toContain("data/n");
  });
});

describe("against a broker whose site grants less than when the messages were taken", () => {
  let lab: Lab;
  let link: Link;
  let device: Device;
  beforeAll(async () => {
    lab = await openLab();
    link = await openLink(() => lab.broker.ports.mqtt);
  });
  afterEach(async () => {
    link.mend();
    await lab.clean();
    await install(lab.plant.site);
  });
  afterAll(async () => {
    await link.close();
    await lab.close();
  });

  /** Until the broker decides by it. */
  const install = async (site: Site): Promise<void> => {
    await installAccessDocument(lab.plant.vault, site);
    const { sequence } = (await lab.plant.vault.readManifest("access"))!;
    await lab.broker.logs.until("access-document-loaded", (line) => line["sequence"] === sequence);
  };
  /** The same site, in which gw-1 may not publish alarms any more. */
  const narrowed = () => {
    const site = edgeSite();
    const own = "plant/line/{id}";
    const role = raw({
      name: "narrow",
      publish: [`${own}/data/#`, `${own}/event/agent/#`, `${own}/status`],
      subscribe: [`${own}/cmd/#`],
    });
    const resolved = { id: role.id, template: role.template, grants: role.grants("plant"), sharedReads: [] };
    const identities = site.identities.map((each) => (each.name === "gw-1" ? { ...each, role: resolved } : each));
    return { ...site, identities };
  };
  const kept = async (): Promise<readonly string[]> => {
    const folder = join(device.data, "queue/aside");
    const names = (await readdir(folder)).sort();
    return (await Promise.all(names.map((name) => readFile(join(folder, name))))).flatMap((bytes) => {
      const payloads: string[] = [];
      for (let at = 0; at < bytes.length;) {
        const found = decodeAt(bytes, at);
        if (typeof found === "string" || found.entry.kind !== "message") throw new Error("no message");
        payloads.push(found.entry.message.payload.toString());
        at = found.next;
      }
      return payloads;
    });
  };

  test("a message that it refuses is set aside, counted and told; all others come, in order, and the queue is empty", async () => {
    link.cut();
    device = await lab.device("gw-1", { mqtt: link.port, https: 1 });
    const agent = lab.start(device, { DMZ_AGENT_HEARTBEAT_MS: "200" });
    await agent.said(/^ready:/);
    const application = await connectAgent(device.socket);
    for (let n = 0; n < 60; n++)
      await application.publish(n % 20 === 7 ? "event/alarm" : n === 33 ? "event/other" : "data/n", `${n}`);
    await install(narrowed());
    const data = await openInbox(await lab.client("master"), "plant/line/gw-1/data/n");
    const health = await openInbox(await lab.client("operator"), "plant/line/gw-1/event/agent/health");
    link.mend();
    await data.got(({ payload }) => payload.toString() === "59");
    const report = await health.got((each) => {
      const { queue } = json(each) as { queue?: { waiting: number; refused: number } };
      return queue?.refused === 4 && queue.waiting === 0;
    });
    expect(JSON.stringify(json(report)["faults"])).toMatch(
      /message-refused.*4 messages, the last on 'plant\/line\/gw-1\/event\/alarm'/,
    );
    expect(await kept()).toEqual(["7", "27", "33", "47"]);
    const came = data.messages.map(({ payload }) => Number(payload.toString()));
    // At least once: what was under way when a connection ended comes again; nothing is missing or overtakes.
    const firsts = [...new Set(came)];
    expect(firsts).toEqual(Array.from({ length: 60 }, (_, n) => n).filter((n) => ![7, 27, 33, 47].includes(n)));
    // And it stays connected: the next message goes at once.
    const lines = agent.lines.length;
    await application.publish("data/n", "60");
    await data.got(({ payload }) => payload.toString() === "60");
    expect(agent.lines.slice(lines).filter((line) => /^(dis)?connected/.test(line))).toEqual([]);
    application.close();
  });

  test("one that the disk has no room to set aside stays, holds up no other, and is set aside once there is room", async () => {
    link.cut();
    device = await lab.device("gw-1", { mqtt: link.port, https: 1 });
    const aside = join(device.data, "queue/aside");
    // No folder can be made there, as on a full disk.
    await writeFile(aside, "");
    const agent = lab.start(device, { DMZ_AGENT_HEARTBEAT_MS: "200" });
    await agent.said(/^ready:/);
    const application = await connectAgent(device.socket);
    for (let n = 0; n < 30; n++) await application.publish(n % 10 === 3 ? "event/alarm" : "data/n", `${n}`);
    await install(narrowed());
    const data = await openInbox(await lab.client("master"), "plant/line/gw-1/data/n");
    const health = await openInbox(await lab.client("operator"), "plant/line/gw-1/event/agent/health");
    link.mend();
    await data.got(({ payload }) => payload.toString() === "29");
    const report = await health.got((each) => JSON.stringify(json(each)["faults"])?.includes("has no room"));
    expect(json(report)["queue"]).toMatchObject({ waiting: 27, refused: 0 });
    // What is handed over now goes out, too.
    await application.publish("data/n", "30");
    await data.got(({ payload }) => payload.toString() === "30");
    await rm(aside);
    await health.got((each) => {
      const { queue } = json(each) as { queue?: { waiting: number; refused: number } };
      return queue?.refused === 3 && queue.waiting === 0;
    });
    expect(await kept()).toEqual(["3", "13", "23"]);
    const firsts = [...new Set(data.messages.map(({ payload }) => Number(payload.toString())))];
    expect(firsts).toEqual(Array.from({ length: 31 }, (_, n) => n).filter((n) => n % 10 !== 3));
    application.close();
  });

  test("a line that breaks again and again in the midst of messages sets none aside", async () => {
    device = await lab.device("gw-1", { mqtt: link.port, https: 1 });
    const agent = lab.start(device);
    const application = await (await agent.said(/^connected:/), connectAgent(device.socket));
    const data = await openInbox(await lab.client("master"), "plant/line/gw-1/data/n");
    for (let n = 0; n < 5; n++) {
      const lines = agent.lines.length;
      for (let i = 0; i < 40; i++) await application.publish("data/n", `${n * 40 + i}`);
      link.cut();
      await agent.said(/^disconnected:/, lines);
      link.mend();
      await agent.said(/^connected:/, lines);
    }
    await data.got(({ payload }) => payload.toString() === "199");
    expect(await readdir(join(device.data, "queue"))).not.toContain("aside");
    application.close();
  });
});

test("what is set aside is bounded, too: the oldest gives way, and is counted", async () => {
  const device = await createDevice();
  const aside = new RefusedMessages(join(device.data, "queue"));
  const payload = Buffer.alloc(200 * 1024);
  let gaveWay = 0;
  const count = 200;
  for (let seq = 0; seq < count; seq++) gaveWay += await aside.keep({ ...message(seq), payload });
  const names = await readdir(join(device.data, "queue/aside"));
  expect(names).toHaveLength(8);
  const sizes = await Promise.all(
    names.map(async (name) => (await readFile(join(device.data, "queue/aside", name))).length),
  );
  const kept = sizes.reduce((sum, size) => sum + Math.round(size / payload.length), 0);
  expect(gaveWay).toBeGreaterThan(0);
  expect(kept + gaveWay).toBe(count);
  await device.remove();
});
