import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "@jest/globals";
import { chmodSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { CleanUp } from "../e2e/clean-up";
import { findTool } from "../e2e/find-tool";
import { until } from "../e2e/until";
import { openLab } from "../edge-agent/lab";
import { type Device, startDevice } from "./device";
import { Lab } from "./lab";
import { type LabBroker, startLabBroker } from "./lab-broker";
import { start } from "./spawned";
import { DEVICE } from "./test-site";
import { UNPACKED } from "./test-image";

const UNIT = "/usr/lib/systemd/system/dmz-agent.service";
const AGENT = "/usr/lib/dmz-agent/agent.cjs";

test("the agent tells the service manager that it is up, then that its event loop turns, and no more once it hangs", async () => {
  const cleanUp = new CleanUp();
  const agents = await openLab();
  cleanUp.add("agents", () => agents.close());
  try {
    const device = await agents.device();
    const socket = join(device.folder, "notify");
    const listener = start(cleanUp, undefined, findTool("python3", "apt-get install python3"), [
      join(__dirname, "notify-socket.py"),
      socket,
    ]);
    await listener.line((line) => line === "ready", "the socket");
    const agent = agents.start(device, {
      PATH: process.env["PATH"]!,
      NOTIFY_SOCKET: socket,
      WATCHDOG_USEC: String(900_000),
    });
    await listener.line((line) => line === "READY=1", "that the agent is up");
    const alive = (): number => listener.lines.filter((line) => line === "WATCHDOG=1").length;
    await until("signs of life", 60_000, () => alive() >= 5);
    agent.child.kill("SIGSTOP");
    // What was said before it stopped has come when the socket has been silent for as long as the limit.
    await listener.line((line) => line === "silent", "silence", 60_000, listener.lines.length);
    const said = alive();
    agent.child.kill("SIGCONT");
    await until("life again", 60_000, () => alive() > said);
  } finally {
    await cleanUp.run();
  }
});

let lab: Lab;
let broker: LabBroker;
let device: Device | undefined;

beforeAll(async () => {
  lab = await Lab.create();
  broker = await startLabBroker(lab);
});
afterAll(async () => lab?.close());
beforeEach(async () => {
  await lab.run("dev", "nft", ["flush", "ruleset"]);
  await lab.run("dev", "ip", ["link", "set", "eth0", "down"]);
});
afterEach(async () => device?.stop());

/** The device, with an agent that a signal sends into an endless loop. @param watchdog what its unit says of it */
const boot = async (watchdog: string): Promise<Device> => {
  const [unit, agent] = [join(lab.folder, "hang.service"), join(lab.folder, "hang.cjs")];
  const text = readFileSync(join(UNPACKED, UNIT), "utf8");
  expect(text).toMatch(/^WatchdogSec=120$/m);
  writeFileSync(unit, text.replace(/^WatchdogSec=120$/m, watchdog));
  const hangs = "process.on('SIGUSR2', () => { for (;;); });\n";
  writeFileSync(agent, hangs + readFileSync(join(UNPACKED, AGENT), "utf8"));
  for (const file of [unit, agent]) chmodSync(file, 0o644);
  device = await startDevice(lab, { bundle: join(broker.clients, DEVICE), replace: { [UNIT]: unit, [AGENT]: agent } });
  return device;
};
const shown = (property: string, of: string): string =>
  device!.run("systemctl", "show", `--property=${property}`, "--value", of).trim();

test("an agent that hangs is ended and started again by systemd, and publishes again", async () => {
  const { run } = await boot("WatchdogSec=6");
  await broker.nextMessage("", 90_000);
  const hung = shown("MainPID", "dmz-agent.service");
  const seen = broker.messages().length;
  run("systemctl", "kill", "--kill-who=main", "--signal=SIGUSR2", "dmz-agent.service");
  await until("another agent", 60_000, () => !["0", hung].includes(shown("MainPID", "dmz-agent.service")));
  expect(Number(shown("NRestarts", "dmz-agent.service"))).toBe(1);
  expect(run("journalctl", "-u", "dmz-agent.service", "--no-pager")).toMatch(/Watchdog timeout/);
  // The will of the one that hung may come before or after the look at its process.
  const isBack = (line: string): boolean => /\/status .*"online":true/.test(line);
  await until("the word of the new one", 90_000, () => broker.messages().slice(seen).some(isBack));
});

test("without the watchdog the same agent hangs on: it is the watchdog that helps", async () => {
  const { run } = await boot("WatchdogSec=0");
  await broker.nextMessage("", 90_000);
  const hung = shown("MainPID", "dmz-agent.service");
  run("systemctl", "kill", "--kill-who=main", "--signal=SIGUSR2", "dmz-agent.service");
  // As long as the next round of another timer of the device, half a minute: five times what the watchdog had.
  const round = (): string => shown("LastTriggerUSec", "dmz-broker-addresses.timer");
  for (let rounds = 0; rounds < 2; rounds++) {
    const before = round();
    await until("a round of the device's timer", 120_000, () => round() !== before);
  }
  expect(shown("MainPID", "dmz-agent.service")).toBe(hung);
});
