import { Duplex } from "node:stream";
import { afterEach, expect, test } from "@jest/globals";
import { generate } from "mqtt-packet";
import { Gate } from "../../broker/src/gate";
import { LIMITS } from "../../broker/src/limits";
import type { Packet } from "../../broker/src/mqtt/packet";
import { outboundTotal } from "../../broker/src/outbound-queue";

const PEER = { listener: "mqtt", address: "192.0.2.1", port: 1, certificate: undefined } as const;
const CONNECT = generate({
  cmd: "connect",
  protocolId: "MQTT",
  protocolVersion: 4,
  clientId: "gw-1",
  clean: true,
  keepalive: 60,
});
const PING = generate({ cmd: "pingreq" });
const DISCONNECT = generate({ cmd: "disconnect" });

/** A connection whose peer is the test; `stalled`, it takes one write and does not come back from it. */
class Line extends Duplex {
  readonly written: Buffer[] = [];
  #done: (() => void) | undefined;
  constructor(public stalled = false) {
    super();
  }
  override _read(): void {
    // The test pushes.
  }
  override _write(chunk: Buffer, _: BufferEncoding, done: () => void): void {
    this.written.push(chunk);
    if (this.stalled) this.#done = done;
    else done();
  }
  go(): void {
    this.stalled = false;
    this.#done?.();
  }
}

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(() => setImmediate(resolve)));
const open: Gate[] = [];
const gateOn = (line: Line): Gate => {
  const gate = new Gate(line, PEER);
  open.push(gate);
  return gate;
};
const packetsOf = (gate: Gate): string[] => {
  const got: string[] = [];
  gate.on("data", (batch: Packet[]) => got.push(...batch.map(({ cmd }) => cmd)));
  return got;
};
const message = (qos: 0 | 1, bytes = 10) =>
  ({
    cmd: "publish",
    topic: "t",
    payload: Buffer.alloc(bytes),
    qos,
    retain: false,
    dup: false,
    messageId: qos === 0 ? undefined : 7,
  }) as const;

afterEach(() => {
  for (const gate of open.splice(0)) gate.on("error", () => undefined).destroy();
  // Nothing may stay counted as waiting for anybody.
  expect(outboundTotal()).toBe(0);
});

test("nothing behind the CONNECT passes before the client is admitted", async () => {
  const line = new Line();
  const gate = gateOn(line);
  const got = packetsOf(gate);
  line.push(Buffer.concat([CONNECT, PING]));
  line.push(PING);
  await turn();
  expect(got).toEqual(["connect"]);
  gate.admit();
  await turn();
  expect(got).toEqual(["connect", "pingreq", "pingreq"]);
});

test("packets by the thousand in one read are taken a part a turn, in their order, with what comes meanwhile behind them", async () => {
  const line = new Line();
  const gate = gateOn(line);
  const got: number[] = [];
  const parts: number[] = [];
  gate.on("data", (batch: Packet[]) => {
    parts.push(batch.length);
    for (const packet of batch) if (packet.cmd === "puback") got.push(packet.messageId);
  });
  line.push(CONNECT);
  await turn();
  gate.admit();
  const count = 10 * LIMITS.packetsPerTurn;
  const pubacks = (from: number): Buffer =>
    Buffer.concat(Array.from({ length: count }, (_, index) => generate({ cmd: "puback", messageId: from + index })));
  line.push(pubacks(1));
  line.push(Buffer.concat([pubacks(count + 1), DISCONNECT]));
  await new Promise(setImmediate);
  expect(got.length).toBeLessThanOrEqual(3 * LIMITS.packetsPerTurn);
  while (got.length < 2 * count) await turn();
  expect(got).toEqual(Array.from({ length: 2 * count }, (_, index) => index + 1));
  expect(Math.max(...parts)).toBe(LIMITS.packetsPerTurn);
});

test("who takes nothing is given no more than a few batches of them, and later the rest", async () => {
  const line = new Line();
  const gate = gateOn(line);
  line.push(CONNECT);
  await turn();
  gate.admit();
  line.push(Buffer.concat(Array.from({ length: 20 * LIMITS.packetsPerTurn }, () => PING)));
  for (let turns = 0; turns < 30; turns += 1) await turn();
  expect(gate.readableLength).toBeLessThanOrEqual(4);
  const got = packetsOf(gate);
  for (let turns = 0; turns < 30; turns += 1) await turn();
  expect(got).toHaveLength(1 + 20 * LIMITS.packetsPerTurn);
});

test("nothing behind a DISCONNECT passes [MQTT-3.14.4-2]", async () => {
  const line = new Line();
  const gate = gateOn(line);
  const got = packetsOf(gate);
  gate.admit();
  line.push(Buffer.concat([CONNECT, DISCONNECT, PING]));
  line.push("not MQTT");
  await turn();
  expect(got).toEqual(["connect", "disconnect"]);
  expect(gate.destroyed).toBe(false);
});

test("the packets of one tick leave as one write, in order", async () => {
  const line = new Line();
  const gate = gateOn(line);
  gate.send({ cmd: "connack", returnCode: 0, sessionPresent: true });
  gate.send({ cmd: "pingresp" });
  gate.send({ cmd: "puback", messageId: 258 });
  await turn();
  expect(line.written).toEqual([Buffer.from([0x20, 2, 1, 0, 0xd0, 0, 0x40, 2, 1, 2])]);
});

test("what comes while a write is under way leaves as one write behind it", async () => {
  const line = new Line(true);
  const gate = gateOn(line);
  gate.send({ cmd: "pingresp" });
  await turn();
  gate.send({ cmd: "puback", messageId: 1 });
  await turn();
  gate.send({ cmd: "puback", messageId: 2 });
  await turn();
  expect(line.written).toHaveLength(1);
  line.go();
  await turn();
  expect(line.written.slice(1)).toEqual([Buffer.from([0x40, 2, 0, 1, 0x40, 2, 0, 2])]);
});

test("a message that many get is encoded once, and shared", async () => {
  const lines = [new Line(), new Line()];
  const shared = message(0);
  for (const line of lines) gateOn(line).send({ ...shared });
  await turn();
  expect(lines[0]!.written[0]!.buffer).toBe(lines[1]!.written[0]!.buffer);
  expect(lines[0]!.written[0]!.byteOffset).toBe(lines[1]!.written[0]!.byteOffset);
});

test("what was sent before the end still leaves", async () => {
  const line = new Line();
  const gate = gateOn(line);
  gate.send({ cmd: "connack", returnCode: 5, sessionPresent: false });
  gate.destroy();
  await new Promise((resolve) => line.once("finish", resolve));
  expect(line.written).toEqual([Buffer.from([0x20, 2, 0, 5])]);
});

test("after an end with an error nothing leaves: the lease may be lost", async () => {
  const line = new Line();
  const gate = gateOn(line);
  gate.on("error", () => undefined);
  gate.send({ cmd: "puback", messageId: 1 });
  gate.destroy(new Error("this task is no longer the active one"));
  await turn();
  expect(line.written).toEqual([]);
});

test("bytes that are not MQTT end the connection and never pass", async () => {
  const line = new Line();
  const gate = gateOn(line);
  const got = packetsOf(gate);
  const ended = new Promise<Error>((resolve) => gate.once("error", resolve));
  line.push("GET / HTTP/1.1\r\n");
  expect((await ended).message).toBe("PUBACK: the first packet is not a CONNECT [MQTT-3.1.0-1]");
  expect(line.destroyed).toBe(true);
  expect(got).toEqual([]);
});

test("a slow client first loses messages at QoS 0, counted, and none at QoS 1", async () => {
  const line = new Line(true);
  const gate = gateOn(line);
  const many = Math.ceil(LIMITS.outboundBytes / 65_536) + 10;
  for (let i = 0; i < many; i++) gate.send(message(0, 65_536));
  await turn();
  expect(gate.isCongested).toBe(true);
  expect(gate.dropped).toBeGreaterThan(0);
  expect(outboundTotal()).toBeLessThan(LIMITS.outboundBytes + 70_000);
  const before = gate.dropped;
  gate.send(message(1));
  expect(gate.dropped).toBe(before);
  expect(gate.destroyed).toBe(false);
  const relieved = gate.relieved();
  line.go();
  await relieved;
  await turn();
  expect(gate.isCongested).toBe(false);
  expect(line.written.at(-1)!.subarray(-14, -10)).toEqual(Buffer.from([1, 0x74, 0, 7]));
});

test("a slow client at QoS 1 loses its connection, and what waited for it is let go", async () => {
  const line = new Line(true);
  const gate = gateOn(line);
  const ended = new Promise<Error>((resolve) => gate.once("error", resolve));
  for (let i = 0; i < 100 && !gate.destroyed; i++) gate.send(message(1, 65_536));
  expect((await ended).message).toMatch(/^slow consumer: \d+ bytes wait for it$/);
  expect(line.destroyed).toBe(true);
});

test("who waits for a slow client to catch up is told when it goes", async () => {
  const line = new Line(true);
  const gate = gateOn(line);
  for (let i = 0; !gate.isCongested; i++) gate.send(message(0, 65_536));
  const relieved = gate.relieved();
  gate.destroy();
  await relieved;
});
