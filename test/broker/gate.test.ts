import { Duplex } from "node:stream";
import { expect, test } from "@jest/globals";
import { generate } from "mqtt-packet";
import { Gate } from "../../broker/src/gate";

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

/** A connection whose peer is the test. */
class Line extends Duplex {
  readonly written: Buffer[] = [];
  override _read(): void {
    // The test pushes.
  }
  override _write(chunk: Buffer, _: BufferEncoding, done: () => void): void {
    this.written.push(chunk);
    done();
  }
}

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

test("nothing behind the CONNECT passes before the client is admitted", async () => {
  const line = new Line();
  const gate = new Gate(line, PEER);
  const got: Buffer[] = [];
  gate.on("data", (chunk: Buffer) => got.push(chunk));
  line.push(Buffer.concat([CONNECT, PING]));
  line.push(PING);
  await turn();
  expect(Buffer.concat(got)).toEqual(CONNECT);
  gate.admit();
  await turn();
  expect(Buffer.concat(got)).toEqual(Buffer.concat([CONNECT, PING, PING]));
  gate.destroy();
});

test("the writes of one tick leave as one", async () => {
  const line = new Line();
  const gate = new Gate(line, PEER);
  gate.cork();
  for (const byte of [0x20, 2, 0, 0]) gate.write(Buffer.from([byte]));
  process.nextTick(() => gate.uncork());
  await turn();
  expect(line.written).toEqual([Buffer.from([0x20, 2, 0, 0])]);
  gate.destroy();
});

test("what was written before the end still leaves", async () => {
  const line = new Line();
  const gate = new Gate(line, PEER);
  gate.write(Buffer.from([0x20, 2, 0, 5]));
  gate.destroy();
  const ended = new Promise((resolve) => line.once("finish", resolve));
  await ended;
  expect(line.written).toEqual([Buffer.from([0x20, 2, 0, 5])]);
});

test("bytes that are not MQTT end the connection and never pass", async () => {
  const line = new Line();
  const gate = new Gate(line, PEER);
  const got: Buffer[] = [];
  gate.on("data", (chunk: Buffer) => got.push(chunk));
  const ended = new Promise<Error>((resolve) => gate.once("error", resolve));
  line.push("GET / HTTP/1.1\r\n");
  expect((await ended).message).toBe("the first packet is not a CONNECT");
  expect(line.destroyed).toBe(true);
  expect(got).toEqual([]);
});
