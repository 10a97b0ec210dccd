import { EventEmitter } from "node:events";
import { connect as tcp } from "node:net";
import { request } from "node:https";
import type { Duplex } from "node:stream";
import { connect as tls, type ConnectionOptions } from "node:tls";
import { afterAll, beforeAll, describe, expect, jest, test } from "@jest/globals";
import WebSocket, { type ClientOptions } from "ws";
import { generate } from "mqtt-packet";
import { LIMITS } from "../../broker/src/limits";
import { WebSocketDuplex } from "../../broker/src/websocket-duplex";
import { accepted, closed } from "./client";
import { createPlant, type Plant } from "./plant";
import { startTestBroker, type TestBroker } from "./start-test-broker";

let plant: Plant;
let broker: TestBroker;

beforeAll(async () => {
  plant = await createPlant();
  broker = await startTestBroker(plant, { origins: undefined });
});
afterAll(() => broker.close());

const CONNECT = generate({
  cmd: "connect",
  protocolId: "MQTT",
  protocolVersion: 4,
  clientId: "gw-1",
  clean: true,
  keepalive: 60,
});

/** Sends bytes over plain TCP and collects the answer until the broker closes. */
const plaintext = (port: number, bytes: Buffer | string): Promise<Buffer> =>
  new Promise((resolve) => {
    const parts: Buffer[] = [];
    const socket = tcp(port, "127.0.0.1", () => socket.write(bytes));
    socket.on("data", (part: Buffer) => parts.push(part));
    socket.on("error", () => undefined);
    socket.on("close", () => resolve(Buffer.concat(parts)));
  });

/** A TLS handshake of the given versions: the version it ended with, or "refused". */
const handshake = (port: number, options: ConnectionOptions): Promise<string | null> =>
  new Promise((resolve) => {
    const socket = tls({ host: "127.0.0.1", port, servername: "localhost", ca: plant.ca, ...options }, () => {
      resolve(socket.getProtocol());
      socket.destroy();
    });
    socket.on("error", () => resolve("refused"));
  });

describe.each(["mqtt", "https"] as const)("port %s", (port) => {
  test.each([
    ["MQTT", CONNECT],
    ["HTTP", "GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n"],
  ])("plaintext %s gets no answer but the end", async (_, bytes) => {
    const answer = await plaintext(broker.ports[port], bytes);
    // At most a TLS alert record (RFC 8446, section 5.1): nothing of MQTT or HTTP.
    expect(answer.length === 0 || (answer[0] === 21 && answer.length <= 7)).toBe(true);
  });

  test("what is no TLS is one line in the log", async () => {
    const before = broker.logs.lines.length;
    await plaintext(broker.ports[port], "GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n");
    const listener = port === "mqtt" ? "mqtt" : "wss";
    await broker.logs.until("handshake-failed", (line) => broker.logs.lines.indexOf(line) >= before);
    const said = broker.logs.lines.slice(before).filter((line) => line["listener"] === listener);
    expect(said.map(({ event }) => event)).toEqual(["handshake-failed"]);
  });

  test("TLS 1.1 is refused, TLS 1.2 and 1.3 are not", async () => {
    const old = { minVersion: "TLSv1", maxVersion: "TLSv1.1", ciphers: "DEFAULT@SECLEVEL=0" } as const;
    expect(await handshake(broker.ports[port], old)).toBe("refused");
    expect(await handshake(broker.ports[port], { maxVersion: "TLSv1.2" })).toBe("TLSv1.2");
    expect(await handshake(broker.ports[port], {})).toBe("TLSv1.3");
  });
});

/** Opens a WebSocket: "open", or the HTTP status that refused it. */
const upgrade = (
  path: string,
  protocols: string[],
  options: ClientOptions = {},
): Promise<WebSocket | number | undefined> =>
  new Promise((resolve) => {
    const secure = { servername: "localhost", ca: plant.ca, ...options };
    const socket = new WebSocket(`wss://127.0.0.1:${broker.ports.https}${path}`, protocols, secure);
    socket.on("open", () => resolve(socket));
    socket.on("unexpected-response", (_, response) => {
      resolve(response.statusCode);
      socket.on("error", () => undefined);
      socket.terminate();
    });
    socket.on("error", () => undefined);
  });

describe("WebSockets", () => {
  test.each([
    ["without a subprotocol", "/mqtt", [], {}, 400],
    ["with another subprotocol", "/mqtt", ["chat"], {}, 400],
    ["from a foreign origin", "/mqtt", ["mqtt"], { origin: "https://evil.example" }, 403],
    ["from the own host over http", "/mqtt", ["mqtt"], { origin: "http://localhost" }, 403],
    ["from a foreign address", "/mqtt", ["mqtt"], { origin: "https://192.0.2.1" }, 403],
    ["from what is no origin", "/mqtt", ["mqtt"], { origin: "https://[::1" }, 403],
    ["from the opaque origin", "/mqtt", ["mqtt"], { origin: "null" }, 403],
    ["on another path", "/", ["mqtt"], {}, 404],
    ["on a path below", "/mqtt/x", ["mqtt"], {}, 404],
  ])("an upgrade %s is refused", async (_, path, protocols, options, status) => {
    expect(await upgrade(path, protocols, options)).toBe(status);
  });

  test.each([
    ["no browser", {}],
    ["the own host's page", { origin: "https://localhost" }],
    ["the own address's page", { origin: "https://127.0.0.1:8443" }],
  ])("an upgrade from %s is accepted, as 'mqtt'", async (_, options) => {
    const socket = await upgrade("/mqtt", ["chat", "mqtt"], options);
    expect((socket as WebSocket).protocol).toBe("mqtt");
    (socket as WebSocket).terminate();
  });

  test("a text frame ends the connection", async () => {
    const socket = (await upgrade("/mqtt", ["mqtt"])) as WebSocket;
    const code = new Promise((resolve) => socket.once("close", resolve));
    socket.send("text");
    expect(await code).toBe(1003);
    await broker.logs.until("packet-refused", ({ rule }) => rule === "MQTT-6.0.0-1");
  });

  test("a ping is answered", async () => {
    const socket = (await upgrade("/mqtt", ["mqtt"])) as WebSocket;
    const pong = new Promise((resolve) => socket.once("pong", resolve));
    socket.ping("hello");
    expect(String(await pong)).toBe("hello");
    socket.terminate();
  });

  test("a client that pings and does not read the answers is cut off", async () => {
    const fake = Object.assign(new EventEmitter(), {
      bufferedAmount: 0,
      OPEN: 1,
      readyState: 1,
      pong: jest.fn(),
      terminate: jest.fn(),
    });
    const duplex = new WebSocketDuplex(fake as unknown as WebSocket);
    const ended = new Promise<Error>((resolve) => duplex.once("error", resolve));
    fake.emit("ping", Buffer.from("1"));
    await new Promise(setImmediate);
    fake.bufferedAmount = LIMITS.outboundBytes + 1;
    fake.emit("ping", Buffer.from("2"));
    expect((await ended).message).toMatch(/slow consumer/);
    expect(fake.pong).toHaveBeenCalledTimes(1);
    expect(fake.terminate).toHaveBeenCalledTimes(1);
  });

  test("what came before the end is read to the end, however late; its answers are let go", async () => {
    const fake = Object.assign(new EventEmitter(), {
      OPEN: 1,
      readyState: 1,
      isPaused: false,
      pause: jest.fn(),
      send: jest.fn(),
      terminate: jest.fn(),
    });
    const duplex = new WebSocketDuplex(fake as unknown as WebSocket);
    fake.emit("message", Buffer.from("publish, "), true);
    fake.emit("message", Buffer.from("disconnect"), true);
    fake.readyState = 3;
    fake.emit("close");
    await new Promise(setImmediate);
    expect(duplex.destroyed).toBe(false);
    duplex.write("an answer");
    const closed = new Promise((resolve) => duplex.once("close", resolve));
    let text = "";
    duplex.on("data", (part: Buffer) => (text += part.toString()));
    await closed;
    expect(text).toBe("publish, disconnect");
    expect(fake.send).not.toHaveBeenCalled();
  });

  test("of the pings of one read only the last is answered (RFC 6455, section 5.5.3)", async () => {
    const fake = Object.assign(new EventEmitter(), { bufferedAmount: 0, OPEN: 1, readyState: 1, pong: jest.fn() });
    new WebSocketDuplex(fake as unknown as WebSocket);
    for (const text of ["1", "2", "3"]) fake.emit("ping", Buffer.from(text));
    await new Promise(setImmediate);
    fake.emit("ping", Buffer.from("4"));
    await new Promise(setImmediate);
    expect(fake.pong.mock.calls.map(([data]) => String(data))).toEqual(["3", "4"]);
  });

  test("a frame that comes in one-byte pieces is not kept as thousands of them", async () => {
    const webSocket = (await upgrade("/mqtt", ["mqtt"])) as WebSocket & { _socket: Duplex };
    let ended = false;
    webSocket.on("error", () => undefined);
    webSocket.once("close", () => (ended = true));
    const { _socket: socket } = webSocket;
    // A masked binary frame that announces 10,000 bytes: less than any limit.
    socket.write(Buffer.from([0x82, 0xfe, 0x27, 0x10, 0, 0, 0, 0]));
    let pieces = 0;
    // Each in a TLS record of its own.
    for (; !ended && pieces < 3 * LIMITS.webSocketPieces; pieces += 1)
      await new Promise((resolve) => socket.write(Buffer.alloc(1), () => setImmediate(resolve)));
    expect(ended).toBe(true);
    expect(pieces).toBeGreaterThan(LIMITS.webSocketPieces / 2);
  });

  test("a frame that is too large for a stranger is not collected", async () => {
    const socket = (await upgrade("/mqtt", ["mqtt"])) as WebSocket;
    const code = new Promise((resolve) => socket.once("close", resolve));
    // Below what an admitted client may send; nobody has read a byte of MQTT yet.
    socket.send(Buffer.alloc(250_000), { fin: false });
    expect(await code).toBe(1006);
    await broker.logs.until("packet-refused", ({ reason }) => String(reason).includes("not admitted yet"));
  });

  test("a frame that is too large for anybody ends the connection on its header", async () => {
    const socket = (await upgrade("/mqtt", ["mqtt"])) as WebSocket;
    const code = new Promise((resolve) => socket.once("close", resolve));
    socket.on("error", () => undefined);
    socket.send(Buffer.alloc(LIMITS.packetBytes + 1));
    expect(await code).toBe(1009);
  });

  test("one packet to the client is one frame", async () => {
    const socket = (await upgrade("/mqtt", ["mqtt"], {
      key: plant.bundles["gw-1"]!.key,
      cert: plant.bundles["gw-1"]!.certificate,
    })) as WebSocket;
    const frame = new Promise<Buffer>((resolve) => socket.once("message", (data) => resolve(data as Buffer)));
    const { password } = plant.bundles["gw-1"]!;
    socket.send(
      generate({
        cmd: "connect",
        protocolId: "MQTT",
        protocolVersion: 4,
        clientId: "gw-1",
        clean: true,
        keepalive: 60,
        username: "gw-1",
        password: Buffer.from(password),
      }),
    );
    expect([...(await frame)]).toEqual([0x20, 2, 0, 0]);
    socket.terminate();
  });
});

/** Sends HTTP by hand over TLS, so that it can be wrong: all that is answered until the broker ends the connection. */
const byHand = (text: string): Promise<string> =>
  new Promise((resolve) => {
    const parts: Buffer[] = [];
    const socket = tls({ host: "127.0.0.1", port: broker.ports.https, servername: "localhost", ca: plant.ca });
    socket.on("data", (part: Buffer) => parts.push(part));
    socket.on("error", () => undefined);
    socket.on("close", () => resolve(Buffer.concat(parts).toString("latin1")));
    socket.write(text);
  });
const HANDSHAKE = [
  "GET /mqtt HTTP/1.1",
  "Host: localhost",
  "Upgrade: websocket",
  "Connection: Upgrade",
  "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
  "Sec-WebSocket-Version: 13",
  "Sec-WebSocket-Protocol: mqtt",
] as const;
const lines = (...all: readonly string[]): string => [...all, "", ""].join("\r\n");
const instead = (line: string, ...others: readonly string[]): string =>
  lines(...HANDSHAKE.flatMap((each) => (each === line ? others : [each])));

describe("HTTP by hand", () => {
  test.each([
    ["with a body", lines(...HANDSHAKE, "Content-Length: 5") + "hello", "content-length"],
    ["with chunks", lines(...HANDSHAKE, "Transfer-Encoding: chunked") + "0\r\n\r\n", "transfer-encoding"],
    ["that expects an invitation", lines(...HANDSHAKE, "Expect: 100-continue"), "expect"],
    ["of HTTP/1.0", instead(HANDSHAKE[0], "GET /mqtt HTTP/1.0"), "HTTP 1.0, not 1.1"],
    ["by POST", instead(HANDSHAKE[0], "POST /mqtt HTTP/1.1"), "method POST, not GET"],
    ["without a host", instead(HANDSHAKE[1]), "0 Host headers"],
    ["for two hosts", instead(HANDSHAKE[1], HANDSHAKE[1], "Host: evil.example"), "2 Host headers"],
    ["of another version", instead(HANDSHAKE[5], "Sec-WebSocket-Version: 12"), "Sec-WebSocket-Version"],
    ["with a key that is none", instead(HANDSHAKE[4], "Sec-WebSocket-Key: x"), "Sec-WebSocket-Key"],
    ["that offers a protocol twice", instead(HANDSHAKE[6], `${HANDSHAKE[6]}, mqtt`), "Sec-WebSocket-Protocol"],
  ])("an upgrade %s is refused with a bare 400 and one line that says why", async (_, text, reason) => {
    const before = broker.logs.lines.length;
    expect(await byHand(text)).toBe("HTTP/1.1 400 Bad Request\r\nConnection: close\r\nContent-Length: 0\r\n\r\n");
    const said = broker.logs.lines.slice(before).filter(({ level }) => level === "warn");
    expect(said).toEqual([expect.objectContaining({ event: "upgrade-refused", port: expect.any(Number) })]);
    expect(String(said[0]!["reason"])).toContain(reason);
  });

  test.each([
    ["is no HTTP", "\x00\x01\x02 garbage\r\n\r\n", 400],
    ["has two lengths", lines("POST / HTTP/1.1", "Host: l", "Content-Length: 5", "Content-Length: 6"), 400],
    [
      "has a length and chunks",
      lines("POST / HTTP/1.1", "Host: l", "Content-Length: 5", "Transfer-Encoding: chunked"),
      400,
    ],
    ["ends its lines with LF alone", lines("GET /healthz HTTP/1.1", "Host: l").replaceAll("\r", ""), 400],
    ["has a header without an end", lines("GET / HTTP/1.1", `X: ${"x".repeat(LIMITS.httpHeaderBytes)}`), 431],
  ])("what %s is answered with its status, and one line", async (_, text, status) => {
    const before = broker.logs.lines.length;
    expect(await byHand(text)).toMatch(new RegExp(`^HTTP/1.1 ${status} [^]*Connection: close\r\nContent-Length: 0`));
    const said = broker.logs.lines.slice(before).filter(({ level }) => level === "warn");
    expect(said).toEqual([expect.objectContaining({ event: "request-refused", reason: expect.any(String) })]);
  });

  test.each([
    ["a second request", lines("GET /readyz HTTP/1.1", "Host: localhost")],
    ["an upgrade", lines(...HANDSHAKE)],
    ["garbage", "\x00\x01\x02"],
  ])("behind an answer that ends the connection, %s has none", async (_, behind) => {
    const answer = await byHand(lines("GET /healthz HTTP/1.1", "Host: localhost") + behind);
    expect(answer.match(/HTTP\/1\.1/g)).toHaveLength(1);
    expect(answer).toMatch(/^HTTP\/1\.1 200 OK[^]*live\n$/);
  });

  test.each(["100-continue", "cake"])("who expects '%s' is not invited, but answered and left", async (expected) => {
    const text = lines("POST /healthz HTTP/1.1", "Host: localhost", "Content-Length: 5", `Expect: ${expected}`);
    expect(await byHand(text)).toMatch(/^HTTP\/1\.1 404 [^]*Connection: close/);
  });
});

/** One HTTPS request: status, body, header names. */
const http = (
  method: string,
  path: string,
): Promise<{ status: number | undefined; body: string; headers: readonly string[] }> =>
  new Promise((resolve, reject) => {
    const call = request(
      {
        method,
        path,
        host: "127.0.0.1",
        port: broker.ports.https,
        servername: "localhost",
        ca: plant.ca,
        agent: false,
      },
      (response) => {
        let body = "";
        response.on("data", (part: Buffer) => (body += part.toString()));
        response.on("end", () =>
          resolve({ status: response.statusCode, body, headers: Object.keys(response.headers) }),
        );
      },
    );
    call.on("error", reject);
    call.end();
  });

describe("HTTPS", () => {
  test.each([
    ["GET", "/healthz", 200, "live\n"],
    ["HEAD", "/healthz", 200, ""],
    ["GET", "/readyz", 200, "ready\n"],
    ["POST", "/readyz", 404, "not found\n"],
    ["GET", "/", 404, "not found\n"],
    ["GET", "/mqtt", 404, "not found\n"],
    ["GET", "/healthz/../admin", 404, "not found\n"],
  ])("%s %s answers %d", async (method, path, status, body) => {
    expect(await http(method, path)).toMatchObject({ status, body });
  });

  test("an answer names neither server nor version", async () => {
    const { headers } = await http("GET", "/nothing");
    expect([...headers].sort()).toEqual(["cache-control", "connection", "content-length", "content-type", "date"]);
  });
});

test.each(["mqtt", "https"] as const)(
  "a client that leaves in the middle of the handshake on port %s is forgotten at once",
  async (port) => {
    const socket = tcp(broker.ports[port], "127.0.0.1");
    // The header of a TLS record whose rest never comes.
    socket.end(Buffer.from("1603010200", "hex"));
    socket.resume();
    await new Promise((resolve) => socket.once("close", resolve));
    const listener = port === "mqtt" ? "mqtt" : "wss";
    await broker.logs.until(
      "handshake-failed",
      (line) => line["listener"] === listener && line["port"] !== undefined && line["reason"] === "ECONNRESET",
    );
  },
);

describe("packets", () => {
  test("HTTP over TLS on the MQTT port is closed", async () => {
    const socket = tls({ host: "127.0.0.1", port: broker.ports.mqtt, servername: "localhost", ca: plant.ca });
    socket.write("GET / HTTP/1.1\r\n\r\n");
    const answer: Buffer[] = [];
    socket.on("data", (part: Buffer) => answer.push(part));
    await new Promise((resolve) => socket.once("close", resolve));
    expect(Buffer.concat(answer)).toHaveLength(0);
  });

  test("a CONNECT that announces more than 16 KiB is closed on its first bytes", async () => {
    const socket = tls({ host: "127.0.0.1", port: broker.ports.mqtt, servername: "localhost", ca: plant.ca });
    socket.on("error", () => undefined);
    socket.write(Buffer.from([0x10, 0xff, 0xff, 0xff, 0x7f]));
    await new Promise((resolve) => socket.once("close", resolve));
    await broker.logs.until("packet-refused", ({ reason }) =>
      String(reason).includes("268435460 bytes is larger than 16384"),
    );
  });

  test("a publish larger than 256 KiB ends the session", async () => {
    const client = await accepted(broker, plant, "gw-1");
    client.publish("plant/line/gw-1/data/x", Buffer.alloc(300_000), { qos: 1 }, () => undefined);
    await closed(client);
    await broker.logs.until("packet-refused", ({ reason }) => /is larger than 262144/.test(String(reason)));
  });
});
