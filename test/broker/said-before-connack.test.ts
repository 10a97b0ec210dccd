import { once } from "node:events";
import { connect } from "node:tls";
import { afterEach, beforeEach, expect, test } from "@jest/globals";
import mqtt from "mqtt-packet";
import { WebSocket } from "ws";
import { accepted } from "./client";
import { connectPacket } from "./mqtt/wire";
import { createPlant, type Plant } from "./plant";
import { startTestBroker, type TestBroker } from "./start-test-broker";

const WILL = ["plant/line/gw-1/status", "dead"] as const;
const LAST = "plant/line/gw-2/data/last";
/** Clean session, a will, user name, password. */
const FLAGS = 0xc6;

let plant: Plant;
let broker: TestBroker;
beforeEach(async () => {
  plant = await createPlant();
  broker = await startTestBroker(plant);
});
afterEach(() => broker.close());

/** All that a device has to say, before it heard that it may. */
const flight = (): Buffer =>
  Buffer.concat([
    connectPacket(plant.bundles["gw-1"]!, { flags: FLAGS, will: WILL }),
    ...Array.from({ length: 100 }, (_, i) =>
      mqtt.generate({
        cmd: "publish",
        topic: `plant/line/gw-1/data/${i}`,
        payload: "x",
        qos: 0,
        retain: false,
        dup: false,
      }),
    ),
    mqtt.generate({ cmd: "disconnect" }),
  ]);

const secure = () => {
  const { key, certificate } = plant.bundles["gw-1"]!;
  return { host: "127.0.0.1", servername: "localhost", ca: plant.ca, key, cert: certificate };
};
const ways: Record<string, () => Promise<unknown>> = {
  "a socket": async () => {
    const socket = connect({ ...secure(), port: broker.ports.mqtt });
    await once(socket, "secureConnect");
    socket.resume().end(flight());
    await once(socket, "close");
  },
  "a WebSocket": async () => {
    const socket = new WebSocket(`wss://127.0.0.1:${broker.ports.https}/mqtt`, ["mqtt"], secure());
    await once(socket, "open");
    socket.send(flight());
    socket.close();
    await once(socket, "close");
  },
};

test.each(Object.keys(ways))(
  "who sends CONNECT, messages and DISCONNECT at once and closes %s without waiting for CONNACK has said all of it, and has no will",
  async (way) => {
    const reader = await accepted(broker, plant, "scada");
    await reader.subscribeAsync("plant/line/#");
    const topics: string[] = [];
    const end = new Promise<void>((resolve) => {
      reader.on("message", (topic) => {
        if (topic === LAST) resolve();
        else topics.push(topic);
      });
    });
    await ways[way]!();
    await broker.logs.until("client-closed", ({ clientId }) => clientId === "gw-1");
    const last = await accepted(broker, plant, "gw-2");
    await last.publishAsync(LAST, "x");
    await end;
    expect(topics).toEqual(Array.from({ length: 100 }, (_, i) => `plant/line/gw-1/data/${i}`));
    await Promise.all([reader, last].map((client) => client.endAsync()));
  },
);
