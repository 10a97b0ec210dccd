import { EventEmitter } from "node:events";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, jest, test } from "@jest/globals";
import type { MqttClient } from "mqtt";
import { readIdentity } from "../../edge-image/agent/identity/read-identity";
import { readImage } from "../../edge-image/agent/identity/read-image";
import { createBackOff } from "../../edge-image/agent/uplink/back-off";
import { keepConnected, type Uplink } from "../../edge-image/agent/uplink/keep-connected";
import { watchAnswers } from "../../edge-image/agent/uplink/watch-answers";
import { openFloodInbox } from "./inbox";
import { type Lab, openLab } from "./lab";
import { type Link, openLink } from "./link";
import { NumberedApplication } from "./numbered-application";
import { account } from "./numbering";

describe("a broker counts as stuck", () => {
  let client: EventEmitter;
  let stuck: jest.Mock;
  let end: () => void;
  beforeEach(() => {
    jest.useFakeTimers();
    client = new EventEmitter();
    stuck = jest.fn();
    end = watchAnswers(client as unknown as MqttClient, 1_000, stuck as () => void);
  });
  afterEach(() => void jest.useRealTimers());
  const send = (messageId: number): unknown => client.emit("packetsend", { cmd: "publish", qos: 1, messageId });
  const answer = (messageId: number): unknown => client.emit("packetreceive", { cmd: "puback", messageId });

  test("when it acknowledges nothing of what is under way", () => {
    send(1);
    jest.advanceTimersByTime(999);
    send(2);
    expect(stuck).not.toHaveBeenCalled();
    jest.advanceTimersByTime(1);
    expect(stuck).toHaveBeenCalledTimes(1);
  });
  test("when it acknowledges only what was never sent, and answers pings", () => {
    send(1);
    jest.advanceTimersByTime(999);
    for (const id of [2, 65_535, 0]) answer(id);
    client.emit("packetreceive", { cmd: "pingresp" });
    jest.advanceTimersByTime(1);
    expect(stuck).toHaveBeenCalledTimes(1);
  });
  test("not when it is slow, nothing is under way, or the connection is over", () => {
    for (let id = 1; id < 10; id++) {
      send(id);
      jest.advanceTimersByTime(999);
      answer(id);
    }
    client.emit("packetsend", { cmd: "publish", qos: 0 });
    jest.advanceTimersByTime(5_000);
    send(11);
    end();
    jest.advanceTimersByTime(5_000);
    expect(stuck).not.toHaveBeenCalled();
  });
});

describe("on a line that went dead while messages flow", () => {
  let lab: Lab;
  let link: Link;
  beforeAll(async () => {
    lab = await openLab();
  });
  beforeEach(async () => {
    link = await openLink(() => lab.broker.ports.mqtt);
  });
  afterEach(async () => {
    await lab.clean();
    await link.close();
  });
  afterAll(() => lab.close());

  test("the device goes on to the next address, and loses nothing", async () => {
    const device = await lab.device("gw-1", { mqtt: link.port, https: lab.broker.ports.https });
    const agent = lab.start(device, { DMZ_AGENT_ANSWER_MS: "3000" });
    expect(await agent.said(/^connected:/)).toContain("mqtts:");
    const inbox = await openFloodInbox(await lab.client("master"), "plant/line/gw-1/data/#");
    const application = new NumberedApplication(device.socket);
    await application.connect();
    await application.send(1);
    link.freeze();
    let isOver = false;
    const over = agent.said(/^connected: to wss:/).finally(() => (isOver = true));
    // More often than keep-alive pings: each message puts the next ping off.
    while (!isOver) await application.send(1);
    await over;
    expect(await agent.said(/^connect:/)).toContain("the broker acknowledged nothing for 3 s");
    const last = application.accepted.at(-1)!;
    await inbox.got(({ payload }) => Number(payload.toString()) === last);
    const came = inbox.messages.map(({ payload }) => Number(payload.toString()));
    expect(account(application.accepted, came)).toMatchObject({ lost: [], disorder: [] });
    application.close();
  });

  test("that is what a device says, also of a line that died before the first report was through", async () => {
    const device = await lab.device("gw-1", { mqtt: link.port, https: 1 });
    const image = await readImage(join(device.folder, "image.json"));
    const identity = await readIdentity(join(device.data, "identity"), image);
    const isOver = new AbortController();
    const failed: string[] = [];
    const uplink: Uplink = {
      will: () => Promise.resolve(undefined),
      check: () => Promise.resolve({ rejectUnauthorized: true, accept: () => undefined }),
      // Fails when we hang up, as whatever was asked then.
      use: async (client) => {
        link.freeze();
        await client.publishAsync("plant/line/gw-1/event/agent/version", "{}", { qos: 1 });
      },
      answerMs: 200,
      failed: (_, { message }) => {
        failed.push(message);
        isOver.abort();
      },
    };
    await keepConnected(identity, uplink, createBackOff({ first: 1, longest: 1 }), () => undefined, isOver.signal);
    expect(failed).toEqual(["the broker acknowledged nothing for 0.2 s"]);
  });

  test("a device that is to stop does so at once, though nobody hears its last words", async () => {
    const device = await lab.device("gw-1", { mqtt: link.port, https: 1 });
    const agent = lab.start(device);
    await agent.said(/^connected:/);
    const application = new NumberedApplication(device.socket);
    await application.connect();
    link.freeze();
    await application.send(5);
    expect(await agent.stop()).toBe(0);
    application.close();
  });
});
