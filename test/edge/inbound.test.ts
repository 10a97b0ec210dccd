import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { join } from "node:path";
import { until } from "../e2e/until";
import { capture, LINK_SPEECH } from "./capture";
import { type Device, startDevice } from "./device";
import { ADDRESS, DEVICE_ADDRESS, DEVICE_ADDRESS6, DEVICE_MAC, Lab } from "./lab";
import { type LabBroker, startLabBroker } from "./lab-broker";
import { forge, isOnLink, scan } from "./scan";
import { DEVICE } from "./test-site";

let lab: Lab;
let broker: LabBroker;
let device: Device;

beforeAll(async () => {
  lab = await Lab.create();
  broker = await startLabBroker(lab);
  const started = performance.now();
  const first = broker.nextMessage("", 150_000);
  device = await startDevice(lab, { bundle: join(broker.clients, DEVICE) });
  await first;
  process.stdout.write(`first message ${((performance.now() - started) / 1000).toFixed(1)} s after the start\n`);
  await until("the device's IPv6 address", 120_000, () => device.run("ip", "-6", "address").includes(DEVICE_ADDRESS6));
});
afterAll(async () => lab?.close());

/** Everything of the lab's attacks at once; the same for the device as it is and for the control without rules. */
const SCANS: readonly (readonly [string, readonly string[]])[] = [
  ["every TCP port, IPv4", ["-sS", "-p-", DEVICE_ADDRESS]],
  ["every TCP port, IPv6", ["-6", "-sS", "-p-", DEVICE_ADDRESS6]],
  ["ACK to every TCP port", ["-sA", "-p-", DEVICE_ADDRESS]],
  ["FIN to every TCP port", ["-sF", "-p-", DEVICE_ADDRESS]],
  ["SYN in fragments of eight bytes", ["-sS", "-f", "--top-ports", "1000", DEVICE_ADDRESS]],
  ["the thousand most common UDP ports, IPv4", ["-sU", "--top-ports", "1000", DEVICE_ADDRESS]],
  ["the thousand most common UDP ports, IPv6", ["-6", "-sU", "--top-ports", "1000", DEVICE_ADDRESS6]],
  ["SYN from the ports of DNS and MQTT", ["-sS", "-g", "8883", "--top-ports", "1000", DEVICE_ADDRESS]],
];

describe("a device that works", () => {
  test.each(SCANS)("answers nothing to %s", async (_, args) => {
    const frames = await capture(lab);
    const states = await scan(lab, ...args);
    for (const answer of ["open", "closed", "unfiltered"]) expect(states[answer]).toBeUndefined();
    expect((states["filtered"] ?? 0) + (states["open|filtered"] ?? 0)).toBeGreaterThan(999);
    expect(await frames.stop(LINK_SPEECH)).toEqual([]);
  });

  test.each([
    ["pings", [DEVICE_MAC, DEVICE_ADDRESS, DEVICE_ADDRESS6]],
    ["protocols", [DEVICE_MAC, DEVICE_ADDRESS, DEVICE_ADDRESS6]],
    ["replies", [DEVICE_MAC, DEVICE_ADDRESS, DEVICE_ADDRESS6]],
    ["neighbour", [DEVICE_MAC, DEVICE_ADDRESS6]],
    ["router", [DEVICE_MAC]],
    ["routed_router", [DEVICE_MAC]],
    ["redirect6", [DEVICE_MAC, DEVICE_ADDRESS6, "fe80::1", ADDRESS.broker6]],
    ["redirect4", [DEVICE_MAC, DEVICE_ADDRESS, ADDRESS.gateway, ADDRESS.broker, ADDRESS.neighbour]],
  ])("answers nothing to forged packets: %s", async (trick, args) => {
    const frames = await capture(lab);
    await forge(lab, trick, ...args);
    // The last frame of the trick has been seen by the device when it answers an ARP request that was sent after it.
    expect(await isOnLink(lab, DEVICE_ADDRESS)).toBe(true);
    expect(await frames.stop(`${LINK_SPEECH} or host ${ADDRESS.broker}`)).toEqual([]);
  });

  test("takes no route from a redirect, and no address from an advertisement that came through a router", () => {
    expect(device.run("ip", "route", "show", "cache")).not.toContain(ADDRESS.neighbour);
    expect(device.run("ip", "route", "get", ADDRESS.broker)).not.toContain(ADDRESS.neighbour);
    expect(device.run("ip", "-6", "address")).not.toContain("2001:db8:dead:");
  });

  test("goes on publishing all the while", async () => {
    expect(await broker.nextMessage("", 90_000)).toContain(DEVICE);
  });

  test("has nothing that listens but on loopback", () => {
    const sockets = device.run("ss", "-H", "-lntup").trim().split("\n").filter(Boolean);
    const open = sockets.map((line) => line.split(/\s+/)[4]!).filter((address) => !/^(127\.|\[::1\])/.test(address));
    // The DHCP clients' own ports, for which the firewall lets answers alone in.
    expect(open.filter((address) => !/(%eth0|%host0)?[\]:](68|546)$/.test(address))).toEqual([]);
  });

  test("has every attempt on its counters, and none that was let in", () => {
    const { nftables } = JSON.parse(device.run("nft", "-j", "list", "chain", "inet", "dmz", "input")) as {
      nftables: { rule?: { comment?: string; expr: { counter?: { packets: number } }[] } }[];
    };
    const dropped = nftables.find(({ rule }) => rule?.comment === "everything else")!.rule!;
    expect(dropped.expr.find(({ counter }) => counter)!.counter!.packets).toBeGreaterThan(3 * 65_535);
  });
});

describe("the control: the same device without its rules", () => {
  test("answers the same scans, and shows a listener that somebody planted", async () => {
    await lab.run("dev", "nft", ["flush", "ruleset"]);
    const planted = lab.start("dev", "socat", ["TCP6-LISTEN:2222,fork,reuseaddr,ipv6only=0", "SYSTEM:cat"]);
    await until("the planted listener", 60_000, async () =>
      (await lab.run("dev", "ss", ["-lnt"])).stdout.includes(":2222"),
    );
    for (const [name, args] of SCANS.slice(0, 3)) {
      const frames = await capture(lab);
      // Answers can be lost where thousands come back at once: here each question may be asked again.
      const states = await scan(lab, "--max-retries", "3", "--min-rate", "4000", ...args);
      const sent = await frames.stop(LINK_SPEECH);
      expect({ name, answers: sent.length > 1000 }).toEqual({ name, answers: true });
      if (!args.includes("-sA")) expect({ name, open: states["open"] }).toEqual({ name, open: 1 });
      else expect(states["unfiltered"]).toBeGreaterThan(60_000);
    }
    await planted.stop();
  });
});
