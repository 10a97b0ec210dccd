import { once } from "node:events";
import { connect as tcp } from "node:net";
import { connect as tls, type TLSSocket } from "node:tls";
import { Duplex } from "node:stream";
import { afterEach, describe, expect, jest, test } from "@jest/globals";
import WebSocket from "ws";
import { Gate } from "../../broker/src/gate";
import { LIMITS } from "../../broker/src/limits";
import { accepted, closed } from "./client";
import { connectPacket } from "./mqtt/wire";
import { certify, createPlant } from "./plant";
import { proxyHeader } from "./proxy-header";
import { startTestBroker, type TestBroker } from "./start-test-broker";

const REQUEST = "GET /healthz HTTP/1.1\r\nHost: localhost\r\n";
const UPGRADE = [
  "GET /mqtt HTTP/1.1",
  "Host: localhost",
  "Connection: Upgrade",
  "Upgrade: websocket",
  "Sec-WebSocket-Version: 13",
  "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
  "Sec-WebSocket-Protocol: mqtt",
  "",
].join("\r\n");

describe("HTTPS", () => {
  let broker: TestBroker;
  afterEach(() => broker.close());

  /** Reset or not. */
  const gone = (socket: TLSSocket | WebSocket): Promise<unknown> =>
    new Promise((resolve) => socket.on("error", () => undefined).once("close", resolve));
  /** Milliseconds from before the first byte of TLS to the end that the broker makes. */
  const lives = async (socket: TLSSocket, ...parts: readonly string[]): Promise<number> => {
    const began = performance.now();
    socket.resume();
    await once(socket, "secureConnect");
    for (const part of parts) socket.write(part);
    await gone(socket);
    return performance.now() - began;
  };
  const inTime = (ms: number): void => {
    expect(ms).toBeGreaterThan(LIMITS.httpRequestMs - 1_000);
    // Whose deadline a byte now and then put off would not end at all.
    expect(ms).toBeLessThan(LIMITS.httpRequestMs + 30_000);
  };

  test("a request, an upgrade and a health check that do not come to their end are closed; a WebSocket stays", async () => {
    const plant = await createPlant();
    broker = await startTestBroker(plant);
    const secure = { host: "127.0.0.1", port: broker.ports.https, servername: "localhost", ca: plant.ca };
    const client = await accepted(broker, plant, "gw-1", { over: "wss" });
    const silent = new WebSocket(`wss://127.0.0.1:${secure.port}/mqtt`, ["mqtt"], secure);
    const opened = performance.now();
    await once(silent, "open");
    const silentEnded = gone(silent).then(() => performance.now() - opened);
    const slow = tls(secure);
    // A byte now and then: that is no reason to wait for longer.
    const trickle = setInterval(() => slow.writable && slow.write("x"), 500);
    slow.once("close", () => clearInterval(trickle));
    const ends = await Promise.all([
      lives(tls(secure)),
      lives(tls(secure), REQUEST),
      lives(slow, REQUEST, "X-Slow: "),
      lives(tls(secure), UPGRADE),
      silentEnded,
    ]);
    for (const ms of ends) inTime(ms);
    expect(client.connected).toBe(true);
    await client.publishAsync("plant/line/gw-1/data/t", "still here", { qos: 1 });
    await client.endAsync();
  });

  test("the load balancer's health check that says nothing is closed", async () => {
    const plant = await createPlant();
    const from = "127.0.0.2";
    broker = await startTestBroker(plant, { loadBalancerSubnets: [`${from}/32`], brokerSubnets: ["127.0.0.3/32"] });
    const line = tcp({ host: "127.0.0.1", port: broker.ports.https, localAddress: from });
    line.write(proxyHeader("local"));
    inTime(await lives(tls({ socket: line, servername: "localhost", ca: plant.ca }), REQUEST));
  });
});

describe("by a clock that the test moves", () => {
  afterEach(() => {
    jest.useRealTimers();
  });

  /** Everything else goes on by itself. */
  const OTHERS = ["hrtime", "nextTick", "performance", "queueMicrotask", "setImmediate", "clearImmediate"] as const;

  test("a client is disconnected when it was silent for too long, whatever keep alive it asked for, and not before", () => {
    jest.useFakeTimers({ doNotFake: [...OTHERS, "Date", "setInterval", "clearInterval"] });
    const line = new Duplex({ read: () => undefined, write: (_, __, done) => done() });
    const gate = new Gate(line, { listener: "mqtt", address: "192.0.2.1", port: 1, certificate: undefined });
    gate.on("error", () => undefined);
    jest.advanceTimersByTime(LIMITS.idleMs - 1);
    expect(gate.destroyed).toBe(false);
    line.emit("data", connectPacket({ name: "gw-1", password: "x" }));
    jest.advanceTimersByTime(LIMITS.idleMs - 1);
    expect(gate.destroyed).toBe(false);
    jest.advanceTimersByTime(1);
    expect(gate.destroyed).toBe(true);
    expect(gate.errored?.message).toBe("silent for too long");
    expect(line.destroyed).toBe(true);
  });

  test("a live session ends within a minute after its certificate did, though nothing was changed", async () => {
    const plant = await createPlant();
    jest.useFakeTimers({ now: Date.now(), doNotFake: [...OTHERS, "setTimeout", "clearTimeout"] });
    const broker = await startTestBroker(plant);
    const notAfter = new Date(Date.now() + 30_000);
    const { key, certificate } = await certify(plant.authority, "gw-1", { notAfter });
    const [expiring, other] = await Promise.all([
      accepted(broker, plant, "gw-1", { key, cert: certificate }),
      accepted(broker, plant, "gw-2"),
    ]);
    const ended = closed(expiring);
    jest.advanceTimersByTime(60_000);
    await ended;
    expect(await broker.logs.until("session-ended")).toMatchObject({
      identity: "gw-1",
      reason: "certificate: it has expired",
    });
    expect(other.connected).toBe(true);
    await other.endAsync();
    await broker.close();
  });
});
