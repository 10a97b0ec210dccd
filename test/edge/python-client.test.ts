import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { openInbox } from "../edge-agent/inbox";
import { type Lab, openLab } from "../edge-agent/lab";
import { CLIENTS } from "../edge-agent/local-client";

let lab: Lab;
beforeAll(async () => {
  lab = await openLab();
});
afterAll(() => lab.close());

test("the Python library publishes, takes commands and says why it was refused", async () => {
  const device = await lab.device();
  await lab.start(device).said(/ready:/);
  const inbox = await openInbox(await lab.client("master"), "plant/line/gw-1/data/#");
  const program = `
import sys; sys.path.insert(0, ${JSON.stringify(CLIENTS)})
from dmz_agent import Agent, AgentRefused
agent = Agent(${JSON.stringify(device.socket)})
agent.publish("data/level", "7")
agent.publish("data/raw", bytes([0, 255, 10]))
try:
    agent.publish("secrets", "x")
except AgentRefused as refused:
    print(refused.code)
agent.close()
`;
  const { stdout } = await promisify(execFile)("/usr/bin/python3", ["-B", "-c", program]);
  expect(stdout.trim()).toBe("topic");
  expect((await inbox.got(({ topic }) => topic.endsWith("/level"))).payload.toString()).toBe("7");
  expect((await inbox.got(({ topic }) => topic.endsWith("/raw"))).payload).toEqual(Buffer.from([0, 255, 10]));
});
