import { once } from "node:events";
import { connect as tcp } from "node:net";
import { connect as tls, type TLSSocket } from "node:tls";
import type { Client } from "aedes";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { connectAsync, type MqttClient } from "mqtt";
import { LIMITS } from "../../broker/src/limits";
import { outboundTotal } from "../../broker/src/outbound-queue";
import { startBareAedes, type BareAedes } from "./bare-aedes";
import { accepted } from "./client";
import { connectPacket, field, packet } from "./mqtt/wire";
import { createPlant, type Plant } from "./plant";
import { startTestBroker, type TestBroker } from "./start-test-broker";

/** More than the kernel keeps on loopback, and the broker for one client. */
const MESSAGES = 1_200;
const BYTES = 16 * 1024;

let plant: Plant;
let broker: TestBroker;

beforeAll(async () => {
  plant = await createPlant();
  broker = await startTestBroker(plant);
});
afterAll(() => broker.close());

const subscribe = (filter: string, qos: number): Buffer => packet(0x82, 0, 7, field(filter), qos);

/** Subscribes as the historian and reads no more once it is granted. */
async function stalled(qos: number): Promise<TLSSocket> {
  const secure = { servername: "localhost", ca: plant.ca };
  const socket = tls({ host: "127.0.0.1", port: broker.ports.mqtt, ...secure });
  socket.on("error", () => undefined);
  const { name, password } = plant.bundles["historian"]!;
  socket.write(Buffer.concat([connectPacket({ name, password }), subscribe("plant/line/+/data/#", qos)]));
  let heard = Buffer.alloc(0);
  while (!heard.includes(packet(0x90, 0, 7, qos))) {
    const [part] = (await once(socket, "data")) as [Buffer];
    heard = Buffer.concat([heard, part]);
  }
  socket.pause();
  return socket;
}

describe.each([0, 1])("beside a reader at QoS %d that does not read", (qos) => {
  test("another one gets every message at QoS 1, in order, and memory is bounded", async () => {
    const socket = await stalled(qos);
    const scada = await accepted(broker, plant, "scada");
    const gateway = await accepted(broker, plant, "gw-1");
    await scada.subscribeAsync("plant/line/+/data/#", { qos: 1 });
    const got: number[] = [];
    const all = new Promise<void>((resolve) =>
      scada.on("message", (_, payload) => {
        got.push(payload.readUInt32LE(0));
        if (got.length === MESSAGES) resolve();
      }),
    );
    let most = 0;
    for (let i = 0; i < MESSAGES; i++) {
      const payload = Buffer.alloc(BYTES);
      payload.writeUInt32LE(i, 0);
      // One after the other: the broker answers each, whoever does not read.
      await gateway.publishAsync("plant/line/gw-1/data/x", payload, { qos: 1 });
      most = Math.max(most, outboundTotal());
    }
    await all;
    expect(got).toEqual(Array.from({ length: MESSAGES }, (_, i) => i));
    expect(most).toBeLessThan(LIMITS.outboundMostBytes + LIMITS.outboundBytes);
    socket.destroy();
    await broker.logs.until("client-closed", (line) => line["identity"] === "historian");
    await Promise.all([scada.endAsync(true), gateway.endAsync(true)]);
  });
});

describe("bare Aedes", () => {
  const AT_A_TIME = 8;
  let bare: BareAedes;
  const clients: MqttClient[] = [];
  const join = async (): Promise<MqttClient> => {
    const client = await connectAsync(`mqtt://127.0.0.1:${bare.port}`, { reconnectPeriod: 0 });
    clients.push(client);
    return client;
  };
  beforeAll(async () => {
    // Fewer deliveries at a time, so that a few that wait show what otherwise takes a hundred. (Aedes allows a connection twice
    // as many listeners, and adds some itself: with one at a time Node would warn of a leak that is none.)
    bare = await startBareAedes({ concurrency: AT_A_TIME, drainTimeout: 500 });
  });
  afterAll(async () => {
    for (const client of clients) client.end(true);
    await bare.close();
  });

  test("delivers nothing to anybody before it has given the slow one up", async () => {
    const order: string[] = [];
    const slow = tcp(bare.port, "127.0.0.1");
    slow.on("error", () => undefined);
    const ready = new Promise<Client>((resolve) => bare.aedes.once("subscribe", (_, client) => resolve(client)));
    slow.write(Buffer.concat([connectPacket({ name: "slow", password: "x" }), subscribe("stalled", 0)]));
    const client = (await ready) as Client & { waitForDrain: (done: (error?: Error) => void) => void };
    slow.pause();
    const small = { cmd: "publish", topic: "stalled", payload: "x", qos: 0, retain: false, dup: false } as const;
    const waits = new Promise<void>((resolve) => {
      const wait = client.waitForDrain.bind(client);
      let waiting = 0;
      client.waitForDrain = (done) => {
        wait((error) => {
          if (error && order.length === 0) order.push(error.message);
          done(error);
        });
        waiting += 1;
        // The first one waits: so will these, and nobody else's turn comes.
        if (waiting === 1) for (let i = 1; i < AT_A_TIME; i++) bare.aedes.publish(small, () => undefined);
        if (waiting === AT_A_TIME) resolve();
      };
    });

    const [reader, writer, other] = [await join(), await join(), await join()];
    await reader.subscribeAsync("elsewhere");
    const heard = new Promise<void>((resolve) => reader.once("message", () => resolve(void order.push("delivered"))));
    // More than the kernel keeps on loopback.
    writer.publish("stalled", Buffer.alloc(16_000_000));
    await waits;
    other.publish("elsewhere", "x");
    await heard;
    expect(order).toEqual(["drain timeout", "delivered"]);
    slow.destroy();
  });
});
