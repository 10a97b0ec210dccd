import { Duplex, PassThrough } from "node:stream";
import { Aedes } from "aedes";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import mqtt from "mqtt-packet";
import { readDecodedPackets, writeWholePackets } from "../../broker/src/aedes-internals";
import { Gate } from "../../broker/src/gate";
import { connectPacket, packet, PINGREQ } from "./mqtt/wire";

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
