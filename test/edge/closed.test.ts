import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "@jest/globals";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { until } from "../e2e/until";
import { startDevice } from "./device";
import { ADDRESS, DEVICE_ADDRESS, Lab } from "./lab";
import { isOnLink } from "./scan";
import { type LabBroker, startLabBroker } from "./lab-broker";
import { DEVICE } from "./test-site";
import { UNPACKED } from "./test-image";

let lab: Lab;
let broker: LabBroker;
let stop: (() => Promise<void>) | undefined;

beforeAll(async () => {
  lab = await Lab.create();
  broker = await startLabBroker(lab);
});
afterAll(async () => lab?.close());
beforeEach(async () => {
  await lab.run("dev", "nft", ["flush", "ruleset"]);
  await lab.run("dev", "ip", ["link", "set", "eth0", "down"]);
});
afterEach(async () => stop?.());

const boot = async (replace?: Readonly<Record<string, string>>) => {
  const device = await startDevice(lab, { bundle: join(broker.clients, DEVICE), ...(replace && { replace }) });
  stop = device.stop;
  return device;
};
/** What systemd says of a unit; nothing while it does not answer yet. */
const state = (run: (...command: string[]) => string, unit: string): string => {
  try {
    return run("systemctl", "show", "--property=ActiveState", "--value", unit).trim();
  } catch {
    return "";
  }
};

test.each([
  ["does not parse", (rules: string) => rules.replace("policy drop", "policy dorp")],
  [
    "names a protocol that the device cannot look up",
    (rules: string) => rules.replace("meta l4proto { 6, 17 }", "meta l4proto qqq"),
  ],
  ["is empty of all but a syntax error at its end", () => "table inet dmz { }\n}"],
])("a ruleset that %s leaves the device off the network, not open", async (_, breakIt) => {
  const broken = join(lab.folder, "broken.nft");
  writeFileSync(broken, breakIt(readFileSync(join(UNPACKED, "etc/nftables.conf"), "utf8")));
  const device = await boot({ "/etc/nftables.conf": broken });
  await until("the failed firewall", 60_000, () => state(device.run, "nftables.service") === "failed");
  await until("the end of the start", 60_000, () => /running|degraded/.test(systemState(device.run)));
  expect(state(device.run, "systemd-networkd.service")).not.toBe("active");
  expect(state(device.run, "dmz-agent.service")).not.toBe("active");
  expect(device.run("ip", "-brief", "link", "show", "eth0")).toContain("DOWN");
  expect(await isOnLink(lab, DEVICE_ADDRESS)).toBe(false);
});

test("nobody on the device can stop the firewall, and a reload that fails changes nothing", async () => {
  const device = await boot();
  await until("the rules", 60_000, () => state(device.run, "nftables.service") === "active");
  expect(() => device.run("systemctl", "stop", "nftables.service")).toThrow(/may be requested by dependency only/);
  expect(device.run("nft", "list", "ruleset")).toContain("policy drop");
});

test("the agent follows the broker's name to another address", async () => {
  await boot();
  await broker.nextMessage("", 90_000);
  await lab.resolveBroker(ADDRESS.moved);
  // The old address is gone: what still goes there gets no answer.
  await lab.run("broker", "ip", ["address", "del", `${ADDRESS.broker}/24`, "dev", "eth0"]);
  await lab.run("broker", "ip", ["address", "add", `${ADDRESS.moved}/24`, "dev", "eth0"]);
  // It finds out by keep-alive that nobody answers any more, then asks for the name again.
  await until("a connection to the new address", 240_000, async () => {
    const { stdout } = await lab.run("broker", "ss", ["-Htn", "state", "established", `src ${ADDRESS.moved}`]);
    return stdout.includes(`${ADDRESS.moved}:8883`);
  });
  expect(await broker.nextMessage("", 120_000)).toContain(DEVICE);
}, 420_000);

function systemState(run: (...command: string[]) => string): string {
  try {
    return run("systemctl", "is-system-running");
  } catch (error) {
    // Ends with 1 for every state but "running".
    return String((error as { stdout?: string }).stdout);
  }
}
