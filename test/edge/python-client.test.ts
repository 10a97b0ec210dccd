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

test("the Python library waits for a command in vain and goes on, and takes no number for a payload", async () => {
  const device = await lab.device("gw-2");
  await lab.start(device).said(/connected:/);
  const master = await lab.client("master");
  const inbox = await openInbox(master, "plant/line/gw-2/data/#");
  const program = `
import sys; sys.path.insert(0, ${JSON.stringify(CLIENTS)})
from dmz_agent import Agent
agent = Agent(${JSON.stringify(device.socket)}, timeout=0.2)
agent.take_commands()
try:
    agent.next_command()
except TimeoutError:
    print("none")
agent._socket.settimeout(30)
try:
    agent.publish("data/level", 5)
except TypeError:
    print("no number")
agent.publish("data/level", "5")
print(agent.next_command())
`;
  const done = promisify(execFile)("/usr/bin/python3", ["-B", "-c", program]);
  expect((await inbox.got(({ topic }) => topic.endsWith("/level"))).payload.toString()).toBe("5");
  await master.publishAsync("plant/line/gw-2/cmd/valve", "open", { qos: 1 });
  expect((await done).stdout.trim().split("\n")).toEqual([
    "none",
    "no number",
    "('plant/line/gw-2/cmd/valve', b'open')",
  ]);
});
