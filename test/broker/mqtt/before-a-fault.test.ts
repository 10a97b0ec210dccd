import { connect as tls, type TLSSocket } from "node:tls";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import type { MqttClient } from "mqtt";
import { accepted } from "../client";
import { createPlant, type Plant } from "../plant";
import { startTestBroker, type TestBroker } from "../start-test-broker";
import { connectPacket, field, packet, PINGREQ, talk } from "./wire";

/** A PUBLISH whose topic is a filter [MQTT-3.3.2-2]. */
const FAULT = packet(0x30, field("plant/line/gw-1/data/#"));
const ACCEPTED = packet(0x20, 0, 0);
const PINGRESP = packet(0xd0);
const publish = (text: string, qos: 0 | 1 | 2 = 0, id = 7): Buffer =>
  packet(0x30 | (qos << 1), field("plant/line/gw-1/data/x"), ...(qos > 0 ? [0, id] : []), Buffer.from(text));

let plant: Plant;
let broker: TestBroker;
let scada: MqttClient;
let heard: string[];

beforeAll(async () => {
  plant = await createPlant();
  broker = await startTestBroker(plant);
  scada = await accepted(broker, plant, "scada");
  await scada.subscribeAsync("plant/line/#", { qos: 1 });
  scada.on("message", (_, text) => heard.push(text.toString()));
});
afterAll(async () => {
  await scada.endAsync();
  await broker.close();
});

const gateway = (): TLSSocket => {
  const { key, certificate } = plant.bundles["gw-1"]!;
  const secure = { servername: "localhost", ca: plant.ca, key, cert: certificate };
  return tls({ host: "127.0.0.1", port: broker.ports.mqtt, ...secure });
};
const connect = (): Buffer => connectPacket({ name: "gw-1", password: plant.bundles["gw-1"]!.password });
/** UNSUBACK comes behind every message that was sent before. */
const arrived = () => scada.unsubscribeAsync("nothing");

describe("what comes before a malformed packet, in the same write, is handled, and nothing behind it is", () => {
  test.each([
    ["at QoS 0", [publish("one"), publish("two")], []],
    [
      "at QoS 1, and acknowledged",
      [publish("one", 1, 7), publish("two", 1, 8)],
      [packet(0x40, 0, 7), packet(0x40, 0, 8)],
    ],
    ["at QoS 2, and received", [publish("one", 2, 7), publish("two", 2, 8)], [packet(0x50, 0, 7), packet(0x50, 0, 8)]],
  ])("messages %s", async (_, messages, answers) => {
    heard = [];
    const answer = await talk(gateway(), connect(), ...messages, FAULT, publish("three"));
    expect(answer).toEqual({ ended: "closed", bytes: Buffer.concat([ACCEPTED, ...answers]) });
    await arrived();
    expect(heard).toEqual(["one", "two"]);
  });

  test("a PINGREQ, which is answered", async () => {
    expect((await talk(gateway(), connect(), PINGREQ, FAULT)).bytes).toEqual(Buffer.concat([ACCEPTED, PINGRESP]));
  });

  test("a DISCONNECT: the fault behind it is none, and no will is published", async () => {
    heard = [];
    const before = broker.logs.lines.length;
    const { name, password } = plant.bundles["gw-1"]!;
    const withWill = connectPacket({ name, password }, { flags: 0xc6, will: ["plant/line/gw-1/status", "off"] });
    await talk(gateway(), withWill, packet(0xe0), FAULT);
    await arrived();
    expect(heard).toEqual([]);
    expect(broker.logs.lines.slice(before).filter(({ event }) => event === "packet-refused")).toEqual([]);
  });
});
