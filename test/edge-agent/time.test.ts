import { once } from "node:events";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { type AddressInfo } from "node:net";
import { join } from "node:path";
import { createServer, type Server } from "node:tls";
import { Aedes } from "aedes";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "@jest/globals";
import { X509Certificate } from "node:crypto";
import type { Authority } from "../../ca/authority";
import { MessageQueue } from "../../edge-image/agent/queue/message-queue";
import { openDeviceClock } from "../../edge-image/agent/time/device-clock";
import { verifyAtFloor } from "../../edge-image/agent/time/verify-at-floor";
import { strangeAuthority } from "../broker/plant";
import { type Lab, openLab } from "./lab";
import type { Device } from "./run-edge-agent";
import { DAY, day, serverCertificate } from "./server-certificate";

let lab: Lab;
const servers: (() => Promise<unknown>)[] = [];
beforeAll(async () => {
  lab = await openLab();
});
afterEach(async () => {
  await lab.clean();
  for (const close of servers.splice(0)) await close();
});
afterAll(() => lab.close());

/** A broker that is up to date, for a device whose clock is not: it checks nothing, so that only the device decides. */
const brokerWith = async (authority: Authority, from: number, to: number, changes = {}): Promise<number> => {
  const { key, certificate } = await serverCertificate(authority, from, to, changes);
  const aedes = await Aedes.createBroker();
  const server: Server = createServer({ key, cert: certificate }, (socket) => {
    socket.on("error", () => undefined);
    aedes.handle(socket);
  });
  server.on("tlsClientError", () => undefined);
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  servers.push(async () => {
    await new Promise<void>((resolve) => aedes.close(() => resolve()));
    server.close();
  });
  return (server.address() as AddressInfo).port;
};

const deviceAt = async (port: number, lastKnown?: Date): Promise<Device> => {
  const device = await lab.device("gw-1", { mqtt: port, https: 1 });
  if (lastKnown)
    await writeFile(
      join(device.data, "state/time.json"),
      JSON.stringify({ version: 1, lastKnown: lastKnown.toISOString() }),
    );
  return device;
};
/** Waits for no network time. */
const start = (device: Device) => lab.start(device, { DMZ_AGENT_NETWORK_TIME_MS: "100" });
const lastKnownOf = async (device: Device): Promise<number> =>
  Date.parse(
    (JSON.parse(await readFile(join(device.data, "state/time.json"), "utf8")) as { lastKnown: string }).lastKnown,
  );

test("a device whose clock is years behind connects to a broker whose certificate is from its future", async () => {
  const port = await brokerWith(lab.plant.authority, 290, 380);
  const device = await deviceAt(port, day(300));
  const agent = start(device);
  expect(await agent.said(/^clock:/)).toContain("held against the last known time");
  await agent.said(/^connected:/);
});

test("without a last known time, too: a certificate that is not valid yet proves that time went on, and that is kept", async () => {
  const port = await brokerWith(lab.plant.authority, 100, 200);
  const device = await deviceAt(port);
  const agent = start(device);
  await agent.said(/^connect: .*not yet valid/);
  await agent.said(/^connected:/);
  await agent.stop();
  expect(Math.abs((await lastKnownOf(device)) - day(100).getTime())).toBeLessThan(DAY);
});

test("a clock that leapt ahead of the certificate does not brick the device either", async () => {
  const port = await brokerWith(lab.plant.authority, -90, -1);
  const device = await deviceAt(port, day(-10));
  const agent = start(device);
  await agent.said(/^connect: .*expired/);
  await agent.said(/^connected:/);
});

test("with network time set, an expired certificate is refused, and one that is not valid yet as well", async () => {
  for (const [from, to, words] of [
    [-90, -1, /^connect: .*expired/],
    [10, 90, /^connect: .*not yet valid/],
  ] as const) {
    const device = await deviceAt(await brokerWith(lab.plant.authority, from, to));
    await writeFile(join(device.folder, "synchronised"), "");
    const agent = start(device);
    await agent.said(words);
    const said = agent.lines.length;
    // Twice more on that address, with the other one between.
    await agent.said(words, said);
    expect(agent.lines.join()).not.toContain("connected:");
  }
});

test("a certificate that had expired at the last known time is refused, whatever the clock says", async () => {
  const device = await deviceAt(await brokerWith(lab.plant.authority, -90, 30), day(60));
  const agent = start(device);
  expect(await agent.said(/^connect: mqtts/)).toContain("before the last known time");
  expect(agent.lines.join()).not.toContain("connected:");
});

test.each([
  ["of another CA", async () => brokerWith(await strangeAuthority(), 290, 380), "was not issued by the site's CA"],
  [
    "for another name",
    () => brokerWith(lab.plant.authority, 290, 380, { dns: ["other.example"] }),
    "is not for localhost",
  ],
  ["of a client", () => brokerWith(lab.plant.authority, 290, 380, { usage: "clientAuth" }), "is not a server's"],
])("a clock that is behind opens nothing to a certificate %s", async (_, broker, words) => {
  const device = await deviceAt(await broker(), day(300));
  const agent = start(device);
  expect(await agent.said(/^connect: mqtts/)).toContain(words);
  expect(agent.lines.join()).not.toContain("connected:");
});

test("the password goes to nobody whose certificate was refused", async () => {
  const { key, certificate } = await serverCertificate(await strangeAuthority(), 290, 380);
  const heard: Buffer[] = [];
  const server = createServer({ key, cert: certificate }, (socket) => {
    socket.on("error", () => undefined);
    socket.on("data", (chunk: Buffer) => heard.push(chunk));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  servers.push(async () => server.close());
  const agent = start(await deviceAt((server.address() as AddressInfo).port, day(300)));
  await agent.said(/^connect: mqtts/);
  await agent.said(/^connect: wss/);
  expect(Buffer.concat(heard).length).toBe(0);
});

test("an ordinary connection keeps the time it was made at", async () => {
  const device = await lab.device();
  const agent = lab.start(device);
  await agent.said(/^connected:/);
  await agent.stop();
  expect(Math.abs((await lastKnownOf(device)) - Date.now())).toBeLessThan(60_000);
});

describe("the device's clock", () => {
  const open = (system: () => number, folder: string) =>
    openDeviceClock({ folder, builtAt: 1_750_000_000_000, synchronised: join(folder, "synchronised"), system });

  test("is never before the image, runs on from the last known time, and is the system's once that is right", async () => {
    const device = await lab.device();
    const folder = join(device.data, "state");
    let system = 0;
    const clock = await open(() => system, folder);
    expect(clock.isBehind()).toBe(true);
    expect(clock.now()).toBeGreaterThanOrEqual(1_750_000_000_000);
    clock.learn(1_760_000_000_000);
    clock.learn(1_755_000_000_000);
    expect(clock.floor()).toBe(1_760_000_000_000);
    await clock.save();
    system = 1_765_000_000_000;
    expect(clock.now()).toBe(system);
    expect((await open(() => 0, folder)).floor()).toBe(1_760_000_000_000);
  });

  test("costs no message when it leaps to network time, though they were stamped before", async () => {
    const device = await lab.device();
    let system = 0;
    const clock = await open(() => system, join(device.data, "state"));
    const events: unknown[] = [];
    const queue = await MessageQueue.open({
      folder: join(device.data, "queue"),
      owner: { site: "plant", device: "gw-1" },
      bounds: { maxBytes: 16 * 1024 * 1024, maxAgeHours: 24, overflow: "drop-oldest" },
      now: clock.now,
      isSynchronised: clock.isSynchronised,
      report: (event) => events.push(event),
    });
    await queue.append({ topic: "data/n", payload: Buffer.from("1"), retain: false, sparkplug: false });
    system = 1_790_000_000_000;
    await writeFile(join(device.data, "state", "synchronised"), "");
    expect(clock.isSynchronised()).toBe(true);
    await queue.expire();
    expect((await queue.read()).map(({ payload }) => payload.toString())).toEqual(["1"]);
    expect(events).toEqual([]);
    await queue.close();
  });

  test("takes a damaged file for none", async () => {
    const folder = join((await lab.device()).data, "state");
    await mkdir(folder, { recursive: true });
    await writeFile(join(folder, "time.json"), "{{{");
    expect((await open(() => 0, folder)).floor()).toBe(1_750_000_000_000);
  });
});

test("the check at the last known time refuses what OpenSSL would, but for the time", async () => {
  const { certificate } = await serverCertificate(lab.plant.authority, -1, 30);
  const leaf = new X509Certificate(certificate);
  const check = (ca: readonly string[], host: string, floor: Date) => () =>
    verifyAtFloor(leaf, ca, host, floor.getTime());
  expect(check(lab.plant.ca, "localhost", day(0))()).toBe(Date.parse(leaf.validFrom));
  expect(check(lab.plant.ca, "localhost", day(31))).toThrow("before the last known time");
  expect(check(lab.plant.ca, "127.0.0.1", day(0))).toThrow("is not for 127.0.0.1");
  expect(check([], "localhost", day(0))).toThrow("not issued");
  expect(check(lab.plant.ca, "localhost", day(365 * 100))).toThrow("expired");
});
