import { readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, expect, test } from "@jest/globals";
import { buildAgent } from "../../edge-image/agent/build";
import { json, openInbox } from "./inbox";
import { type Lab, openLab } from "./lab";

let lab: Lab;
beforeAll(async () => {
  lab = await openLab();
});
afterEach(() => lab.clean());
afterAll(() => lab.close());

test("the bundle is one reproducible file that knows nothing of this machine", async () => {
  const again = `${lab.bundle}.again.cjs`;
  await buildAgent(again);
  const text = await readFile(again, "utf8");
  expect(text).toBe(await readFile(lab.bundle, "utf8"));
  expect(text).not.toContain(join(__dirname, "../.."));
  await rm(again);
});

test("a device connects with its bundle and says that it is there, which software runs, and how it is", async () => {
  const inbox = await openInbox(await lab.client("master"), "plant/line/gw-1/#");
  const agent = lab.start(await lab.device());
  expect(json(await inbox.got(({ topic }) => topic.endsWith("/status")))).toMatchObject({ online: true });
  expect(json(await inbox.got(({ topic }) => topic.endsWith("/event/agent/version")))).toMatchObject({
    image: "1.0.0",
    deviceClass: "gateway-amd64",
  });
  expect(json(await inbox.got(({ topic }) => topic.endsWith("/event/agent/health")))).toMatchObject({ faults: [] });
  await inbox.got(({ topic }) => topic.endsWith("/event/agent/heartbeat"));
  expect(await agent.stop()).toBe(0);
  const last = await inbox.got((message) => message.topic.endsWith("/status") && json(message)["online"] === false);
  expect(last.topic).toBe("plant/line/gw-1/status");
});

test("a device that dies is said to be offline by its will", async () => {
  const inbox = await openInbox(await lab.client("master"), "plant/line/gw-1/status");
  const agent = lab.start(await lab.device());
  await inbox.got((message) => !message.retain && json(message)["online"] === true);
  await agent.stop("SIGKILL");
  // Not what is retained of the device of the test before.
  await inbox.got((message) => !message.retain && json(message)["online"] === false);
});
