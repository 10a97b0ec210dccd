import { mkdtemp, rm } from "node:fs/promises";
import { request } from "node:https";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { TableLease } from "../../broker/src/table-lease";
import { accepted, closed, nextMessage, refused } from "./client";
import { freePorts } from "./free-ports";
import { captureLog } from "./log-capture";
import { MemoryLeaseTable } from "./memory-lease-table";
import { createPlant, type Plant } from "./plant";
import { proxyHeader } from "./proxy-header";
import { CLIENT, standInBalancer, type StandInBalancer } from "./stand-in-balancer";
import { startTestBroker, type TestBroker } from "./start-test-broker";

/** Any address of 127.0.0.0/8 can be bound on Linux: two subnets of a network that needs no privilege. */
const LOAD_BALANCER = "127.0.2.5";
const subnets = { loadBalancerSubnets: ["127.0.2.0/24"], brokerSubnets: ["127.0.1.0/24"] };
const FIRST = "127.0.1.10";
const SECOND = "127.0.1.11";
/** A machine that does nothing for a second must not look like a holder that vanished. */
const times = { ttlMs: 5_000, renewMs: 100, lookMs: 50 };

let plant: Plant;
let table: MemoryLeaseTable;
let brokers: TestBroker[];
/** Of all tasks. */
let store: string;
let balancers: StandInBalancer[];
let ports: { mqtt: number; https: number };
/** The stand-in's ports: mqtt and https, towards the standby. */
let viaStandby: { ports: { mqtt: number; https: number } };

const start = async (address: string, cut: { from?: boolean } = {}): Promise<TestBroker> => {
  const logs = captureLog();
  const fault = (): void => {
    if (cut.from) throw new Error("no route to the table");
  };
  const lease = new TableLease({ table: table.view({ fault }), holder: address, address, log: logs.log, times });
  const config = {
    ...subnets,
    listenAddress: address,
    peerAddress: address,
    mqttPort: ports.mqtt,
    httpsPort: ports.https,
    store,
  };
  const broker = { ...(await startTestBroker(plant, config, { lease, log: logs.log })), logs };
  brokers.push(broker);
  return broker;
};
const balance = async (target: string, first?: Buffer): Promise<{ ports: { mqtt: number; https: number } }> => {
  const [mqtt, https] = await Promise.all(
    [ports.mqtt, ports.https].map((port) =>
      standInBalancer({
        from: LOAD_BALANCER,
        target: () => ({ address: target, port }),
        first: first && (() => first),
      }),
    ),
  );
  balancers.push(mqtt!, https!);
  return { ports: { mqtt: mqtt!.port, https: https!.port } };
};
let active: TestBroker;
let standby: TestBroker;
const cut = { from: false };

beforeEach(async () => {
  cut.from = false;
  plant = await createPlant();
  table = new MemoryLeaseTable();
  store = await mkdtemp(join(tmpdir(), "dmz-store-"));
  brokers = [];
  balancers = [];
  const [mqtt, https] = await freePorts(2, FIRST);
  ports = { mqtt: mqtt!, https: https! };
  active = await start(FIRST, cut);
  standby = await start(SECOND);
  viaStandby = await balance(SECOND);
});
afterEach(async () => {
  for (const balancer of balancers) await balancer.close();
  for (const broker of brokers) await broker.close();
  await rm(store, { recursive: true });
});

test("one task is active, the other stands by and is ready", async () => {
  expect([active.isActive(), standby.isActive()]).toEqual([true, false]);
  const { ports: checks } = await balance(SECOND, Buffer.alloc(0));
  expect(await get(checks.https, "/readyz")).toBe(200);
});

describe.each(["mqtts", "wss"] as const)("over %s", (over) => {
  test("a client of the standby is relayed to the active task, which knows its real address", async () => {
    const gateway = await accepted(viaStandby, plant, "gw-1", { over });
    const scada = await accepted(await balance(FIRST), plant, "scada", { over });
    await scada.subscribeAsync("plant/line/gw-1/data/#", { qos: 1 });
    const message = nextMessage(scada);
    await gateway.publishAsync("plant/line/gw-1/data/t", "x".repeat(100_000), { qos: 1 });
    expect((await message)[1]).toHaveLength(100_000);
    expect(await active.logs.until("client-accepted", ({ identity }) => identity === "gw-1")).toMatchObject({
      address: CLIENT.address,
      port: CLIENT.port,
    });
    expect(standby.logs.lines.some(({ event }) => event === "client-accepted")).toBe(false);
    await Promise.all([gateway.endAsync(), scada.endAsync()]);
  });

  test("the client's certificate is checked end to end through the relay", async () => {
    expect(await refused(viaStandby, plant, "gw-1", { over, key: undefined, cert: undefined })).toBe(5);
  });
});

test("when the active task stops, the standby takes over and serves the clients that come back", async () => {
  const gateway = await accepted(viaStandby, plant, "gw-1");
  await active.close();
  brokers.shift();
  await closed(gateway);
  await standby.whenActive();
  const again = await accepted(viaStandby, plant, "gw-1");
  expect(await standby.logs.until("client-accepted")).toMatchObject({ identity: "gw-1", address: CLIENT.address });
  await again.endAsync();
});

test("an active task that loses the lease's table ends its clients, and the other one serves them", async () => {
  const gateway = await accepted(await balance(FIRST), plant, "gw-1");
  cut.from = true;
  await closed(gateway);
  await standby.whenActive();
  expect(active.isActive()).toBe(false);
  const again = await accepted(viaStandby, plant, "gw-1");
  await again.endAsync();
});

/** What a raw connection from an address gets: bytes until the end. */
const raw = (from: string, to: string, port: number, bytes: Buffer): Promise<string> =>
  new Promise((resolve) => {
    let got = "";
    const socket = connect({ host: to, port, localAddress: from }, () => void socket.write(bytes));
    socket.on("data", (part: Buffer) => (got += part.toString("latin1")));
    socket.on("error", () => undefined);
    socket.on("close", () => resolve(got));
  });
const HELLO = Buffer.from("16030100", "hex");

test.each<[title: string, from: string, to: string, port: "mqtt" | "https", bytes: Buffer, reason: string]>([
  [
    "a client's header from a peer to a task that is not active",
    "127.0.1.99",
    SECOND,
    "mqtt",
    Buffer.concat([proxyHeader(CLIENT), HELLO]),
    "relayed to a task that is not active",
  ],
  ["no header from a peer", "127.0.1.99", FIRST, "mqtt", HELLO, "a broker peer without a client"],
  ["a local header from a peer", "127.0.1.99", FIRST, "https", proxyHeader("local"), "a broker peer without a client"],
  ["no header from the load balancer on 8883", LOAD_BALANCER, FIRST, "mqtt", HELLO, "no PROXY header"],
  [
    "a local header from the load balancer on 8883",
    LOAD_BALANCER,
    FIRST,
    "mqtt",
    proxyHeader("local"),
    "no PROXY header",
  ],
  [
    "a header from anywhere else",
    "127.0.3.1",
    FIRST,
    "mqtt",
    proxyHeader(CLIENT),
    "neither the load balancer nor a broker peer",
  ],
  [
    "a header that is not one",
    LOAD_BALANCER,
    FIRST,
    "https",
    proxyHeader(CLIENT, { family: 0x31 }),
    "PROXY header: family 0x31, not TCP over IPv4 or IPv6",
  ],
])("%s is closed", async (_, from, to, port, bytes, reason) => {
  const broker = to === FIRST ? active : standby;
  expect(await raw(from, to, ports[port], bytes)).toBe("");
  await broker.logs.until("connection-closed", (line) => line["reason"] === reason);
  for (const { logs } of [active, standby]) expect(logs.lines.some(({ event }) => event === "relayed")).toBe(false);
});

/** The status of one HTTPS request. */
const get = (port: number, path: string, headers = {}): Promise<number | undefined> =>
  new Promise((resolve) => {
    const call = request(
      { host: "127.0.0.1", port, path, headers, servername: "localhost", ca: plant.ca, agent: false },
      (response) => {
        response.resume();
        resolve(response.statusCode);
      },
    );
    call.on("error", () => resolve(undefined));
    call.end();
  });

test.each([
  ["without a header", Buffer.alloc(0)],
  ["with a local header", proxyHeader("local")],
])("a health check %s is answered by the task itself, and nothing else is", async (_, first) => {
  const { ports: checks } = await balance(SECOND, first);
  expect(await get(checks.https, "/healthz")).toBe(200);
  expect(await get(checks.https, "/readyz")).toBe(200);
  expect(await get(checks.https, "/mqtt")).toBe(404);
  const upgrade = {
    Connection: "Upgrade",
    Upgrade: "websocket",
    "Sec-WebSocket-Key": "AAAAAAAAAAAAAAAAAAAAAA==",
    "Sec-WebSocket-Version": "13",
    "Sec-WebSocket-Protocol": "mqtt",
  };
  expect(await get(checks.https, "/mqtt", upgrade)).toBeUndefined();
});

test("a task that is stopping is not ready, and passes new clients on while it drains", async () => {
  const viaActive = await balance(FIRST);
  const { ports: checks } = await balance(FIRST, Buffer.alloc(0));
  const stopping = active.close(5_000);
  brokers.shift();
  await standby.whenActive();
  await active.logs.until("lease-holder", ({ holder }) => holder === SECOND);
  expect(await get(checks.https, "/readyz")).toBe(503);
  expect(await get(checks.https, "/healthz")).toBe(200);
  const gateway = await accepted(viaActive, plant, "gw-1");
  await standby.logs.until("client-accepted");
  await stopping;
  await closed(gateway);
});
