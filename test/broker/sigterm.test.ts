import { once } from "node:events";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { connect as tcp } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { connect as tls, type TLSSocket } from "node:tls";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { buildBroker } from "../../broker/build";
import { LIMITS } from "../../broker/src/limits";
import { createKeyAndRequest } from "../../ca/csr";
import { enrol } from "../../ca/enrol";
import { initialise } from "../../ca/initialise";
import { installAccessDocument } from "../../ca/local-site";
import { BROKER_ENV } from "../../policy/deployment";
import { directoryVault } from "../../vault/directory";
import { environment, startBrokerProcess, type BrokerProcess } from "./broker-process";
import { connectPacket, field, packet } from "./mqtt/wire";
import { plantSite, SITE } from "./plant";
import { proxyHeader } from "./proxy-header";

/** Three batches, and one connection more. */
const CONNECTIONS = 3 * LIMITS.closingBatch + 1;
/** Pauses are no shorter. */
const PAUSE_MS = LIMITS.closingPauseMs / 2;
/** Watches the process from within: writes down when each TLS connection ended after SIGTERM, in milliseconds. */
const observer = (file: string): string => `
  const ends = new Map();
  const { TLSSocket } = require("node:tls");
  const { destroy } = TLSSocket.prototype;
  process.once("SIGTERM", () => {
    TLSSocket.prototype.destroy = function (...args) {
      if (!this.destroyed && !ends.has(this)) ends.set(this, performance.now());
      return destroy.apply(this, args);
    };
  });
  process.once("exit", () => require("node:fs").writeFileSync(${JSON.stringify(file)}, JSON.stringify([...ends.values()])));
`;
const BALANCER = "127.0.0.2";
const TOPIC = "plant/scada/status";
const ACCEPTED = packet(0x20, 0, 0);

let folder: string;
let broker: BrokerProcess;
let port: number;
let client: { ca: string[]; key: string; cert: string; password: string };

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "dmz-sigterm-"));
  const bundle = join(folder, "broker.cjs");
  await buildBroker(bundle);
  const vault = directoryVault(join(folder, "vault"));
  await initialise(vault, { site: SITE, dns: ["localhost"], ip: [], credentialShards: 1 });
  await installAccessDocument(vault, plantSite({ scada: { subscribe: [TOPIC] } }));
  const { key, csr } = await createKeyAndRequest("scada");
  const { identities, trust } = await enrol(vault, { site: SITE, identities: [{ name: "scada", csr }] });
  client = { ca: [...trust], key, cert: identities[0]!.certificate!, password: identities[0]!.password };
  const preload = join(folder, "observer.cjs");
  await writeFile(preload, observer(join(folder, "ends.json")));
  broker = startBrokerProcess(bundle, {
    NODE_OPTIONS: `--require ${preload}`,
    ...environment(join(folder, "vault")),
    // As in the cloud: it goes on passing on new connections for a while, and so has the time to close gently.
    [BROKER_ENV.loadBalancerSubnets]: `${BALANCER}/32`,
    [BROKER_ENV.brokerSubnets]: "127.0.0.3/32",
    [BROKER_ENV.connectionsPerIdentity]: String(2 * CONNECTIONS),
  });
  port = Number((await broker.until("listening"))["mqtt"]);
  await broker.until("started");
});
afterAll(async () => {
  broker.child.kill("SIGKILL");
  await rm(folder, { recursive: true });
});

interface Connection {
  readonly socket: TLSSocket;
  readonly bytes: () => Buffer;
  readonly closed: Promise<unknown>;
}

/** Connects through the load balancer, each client with a will to tell all that it is gone. */
async function connect(clientId: string): Promise<Connection> {
  const line = tcp({ host: "127.0.0.1", port, localAddress: BALANCER });
  line.write(proxyHeader({ address: "203.0.113.7", port: 50_123 }));
  const { ca, key, cert, password } = client;
  const socket = tls({ socket: line, servername: "localhost", ca, key, cert });
  const parts: Buffer[] = [];
  socket.on("error", () => undefined);
  const closed = new Promise((resolve) => socket.once("close", resolve));
  socket.write(connectPacket({ name: "scada", password }, { flags: 0xc6, clientId, will: [TOPIC, clientId] }));
  socket.on("data", (part: Buffer) => parts.push(part));
  while (Buffer.concat(parts).length < ACCEPTED.length) await once(socket, "data");
  expect(Buffer.concat(parts.splice(0))).toEqual(ACCEPTED);
  return { socket, bytes: () => Buffer.concat(parts), closed };
}

test("at SIGTERM the connections end in batches, no will is published, and the process exits with 0 in time", async () => {
  const connections: Connection[] = [];
  for (let i = 0; i < CONNECTIONS; i += 20) {
    const some = Array.from({ length: Math.min(20, CONNECTIONS - i) }, (_, n) => connect(`scada~${i + n}`));
    connections.push(...(await Promise.all(some)));
  }
  // The last one: it is still there while the others go.
  const watcher = await connect("scada~watcher");
  watcher.socket.write(packet(0x82, 0, 7, field(TOPIC), 1));
  const suback = packet(0x90, 0, 7, 1);
  while (!watcher.bytes().equals(suback)) await once(watcher.socket, "data");
  // It does hear of a client whose connection breaks.
  const lost = await connect("scada~lost");
  lost.socket.destroy();
  const will = packet(0x30, field(TOPIC), Buffer.from("scada~lost"));
  while (watcher.bytes().length < suback.length + will.length) await once(watcher.socket, "data");
  expect(watcher.bytes()).toEqual(Buffer.concat([suback, will]));

  const began = performance.now();
  broker.child.kill("SIGTERM");
  await Promise.all([...connections, watcher].map(({ closed }) => closed));
  expect(watcher.bytes()).toEqual(Buffer.concat([suback, will]));
  expect(connections.every(({ bytes }) => bytes().length === 0)).toBe(true);

  expect(await broker.exited).toBe(0);
  expect(performance.now() - began).toBeLessThan(25_000);
  expect(broker.lines.at(-1)).toMatchObject({ event: "stopped" });
  expect(broker.lines.filter(({ level }) => level === "error" || level === "fatal")).toEqual([]);
  expect(broker.errors()).toBe("");

  const times = JSON.parse(await readFile(join(folder, "ends.json"), "utf8")) as readonly number[];
  expect(times).toHaveLength(CONNECTIONS + 1);
  const pauses = [1, 2, 3].map(
    (batch) => times[batch * LIMITS.closingBatch]! - times[batch * LIMITS.closingBatch - 1]!,
  );
  // A process that this machine keeps waiting ends two batches at once; not all of them.
  expect(Math.max(...pauses)).toBeGreaterThan(PAUSE_MS / 2);
  expect(times.at(-1)! - times[0]!).toBeGreaterThan(3 * PAUSE_MS - 10);
  expect(times.at(-1)! - times[0]!).toBeLessThan(20_000);
  // Six hundred handshakes come first.
}, 240_000);
