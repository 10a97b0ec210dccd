import { Duplex, PassThrough } from "node:stream";
import { Aedes } from "aedes";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import mqtt from "mqtt-packet";
import { readDecodedPackets, writeWholePackets, type PassOn } from "../../broker/src/aedes-internals";
import { Gate } from "../../broker/src/gate";
import type { Packet } from "../../broker/src/mqtt/packet";
import { connectPacket, field, packet, PINGREQ } from "./mqtt/wire";

const PEER = { listener: "mqtt", address: "192.0.2.1", port: 1, certificate: undefined } as const;
const CONNECT = connectPacket({ name: "gw-1", password: "secret" });

/** A connection whose other end is the test. */
class Line extends Duplex {
  readonly written: Buffer[] = [];
  override _read(): void {
    // The test pushes.
  }
  override _write(chunk: Buffer, _: BufferEncoding, done: () => void): void {
    this.written.push(chunk);
    this.emit("wrote");
    done();
  }
}

let aedes: Aedes;
const original = mqtt.writeToStream;

beforeAll(async () => {
  aedes = await Aedes.createBroker();
});
afterAll(() => new Promise<void>((resolve) => aedes.close(resolve)));

describe("mqtt.writeToStream", () => {
  test("Aedes asks for it anew for each packet, so that what is put in its place is used", async () => {
    writeWholePackets();
    const line = new Line();
    const gate = new Gate(line, PEER);
    readDecodedPackets(aedes.handle(gate));
    const wrote = new Promise((resolve) => line.once("wrote", resolve));
    line.push(CONNECT);
    await wrote;
    // mqtt-packet writes a CONNACK in four pieces.
    expect(line.written).toEqual([packet(0x20, 0, 0)]);
    gate.destroy();
  });

  test("replacing it twice changes nothing", () => {
    writeWholePackets();
    const replaced = mqtt.writeToStream;
    writeWholePackets();
    expect(mqtt.writeToStream).toBe(replaced);
    expect(replaced).not.toBe(original);
  });

  test("a connection that is no gate, an MQTT client's in this process say, is written to as before", () => {
    writeWholePackets();
    const stream = new PassThrough();
    mqtt.writeToStream({ cmd: "pingreq" }, stream);
    stream.end();
    expect(stream.read()).toEqual(PINGREQ);
  });

  test("its switch 'cacheNumbers' still works: mqtt.js uses it", () => {
    writeWholePackets();
    const writer = mqtt.writeToStream as unknown as { cacheNumbers: boolean };
    for (const on of [false, true]) {
      writer.cacheNumbers = on;
      expect((original as unknown as { cacheNumbers: boolean }).cacheNumbers).toBe(on);
    }
  });
});

describe("client._parser.parse", () => {
  test("Aedes hands it what the connection's read() gave, and handles each packet that the parser emits", async () => {
    writeWholePackets();
    const line = new Line();
    const gate = new Gate(line, PEER);
    readDecodedPackets(aedes.handle(gate));
    aedes.once("connackSent", () => gate.admit());
    const answered = new Promise<void>((resolve) =>
      line.on("wrote", () => Buffer.concat(line.written).includes(packet(0xd0)) && resolve()),
    );
    line.push(Buffer.concat([CONNECT, PINGREQ]));
    await answered;
    gate.destroy();
  });

  test.each([
    ["has no parser", {}],
    ["has a parser that parses otherwise", { _parser: { push: () => undefined } }],
  ])("a client that %s stops the broker instead of letting it run unguarded", (_, client) => {
    expect(() => readDecodedPackets(client as never)).toThrow("must have a '_parser'");
  });
});

describe("what the delivery needs of a client", () => {
  /** A connected client whose packets behind the CONNECT the test takes. */
  const connected = async (take: (packet: Packet, passOn: PassOn) => void) => {
    writeWholePackets();
    const line = new Line();
    const gate = new Gate(line, PEER);
    const client = aedes.handle(gate);
    const passOn = readDecodedPackets(client, (received) =>
      received.cmd === "connect" ? passOn(received) : take(received, passOn),
    );
    // An earlier test's client may still become ready, too.
    const ready = new Promise<void>((resolve) => aedes.on("clientReady", (one) => one === client && resolve()));
    aedes.once("connackSent", () => gate.admit());
    line.push(CONNECT);
    await ready;
    return { line, gate, passOn };
  };
  const publish = (text: string): Buffer => packet(0x30, field("a"), Buffer.from(text));

  test("its listener for packets handles what is passed on, and nothing else", async () => {
    const taken: string[] = [];
    const { line, gate } = await connected((received, passOn) => {
      taken.push(received.cmd);
      if (received.cmd === "pingreq") passOn(received);
    });
    const published: string[] = [];
    aedes.on("publish", ({ topic }) => published.push(topic));
    const answered = new Promise<void>((resolve) =>
      line.on("wrote", () => Buffer.concat(line.written).includes(packet(0xd0)) && resolve()),
    );
    line.push(Buffer.concat([publish("x"), PINGREQ]));
    await answered;
    expect(taken).toEqual(["publish", "pingreq"]);
    expect(published).not.toContain("a");
    gate.destroy();
  });

  test("it reads on behind a batch of which nothing was Aedes', and not while it is paused", async () => {
    const taken: string[] = [];
    let wake: () => void = () => undefined;
    const { line, gate, passOn } = await connected((received) => {
      if (received.cmd === "publish") taken.push(received.payload.toString());
      wake();
    });
    const until = async (count: number): Promise<void> => {
      while (taken.length < count) await new Promise<void>((resolve) => (wake = resolve));
    };
    for (const text of ["1", "2", "3"]) line.push(publish(text));
    await until(3);
    passOn.pause();
    line.push(publish("4"));
    for (let turn = 0; turn < 5; turn++) await new Promise((resolve) => setImmediate(resolve));
    expect(taken).toEqual(["1", "2", "3"]);
    passOn.resume();
    await until(4);
    gate.destroy();
  });

  const whole = { parse: () => 0, listeners: () => [() => undefined] };
  test.each([
    ["does not read on", { _parser: whole, _keepaliveTimer: null, pause() {}, resume() {} }],
    ["cannot be paused", { _parser: whole, _keepaliveTimer: null, _nextBatch() {}, resume() {} }],
    ["has no keep alive", { _parser: whole, _nextBatch() {}, pause() {}, resume() {} }],
    ["listens to packets twice", { _parser: { ...whole, listeners: () => [() => undefined, () => undefined] } }],
  ])("a client that %s stops the broker instead of letting it run unguarded", (_, client) => {
    expect(() => readDecodedPackets(client as never)).toThrow("aedes: a client must have");
  });
});
