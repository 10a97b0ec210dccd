import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { createServer } from "node:tls";
import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { generate, type Packet } from "mqtt-packet";
import { secretName, type ServerCertificateSecret } from "../../policy/deployment";
import { createPlant, SITE, type Plant } from "../broker/plant";
import { MqttConnection, type Opened } from "./mqtt-connection";

/* The checker itself: a packet that it overlooks would be counted as the broker's loss. */

let plant: Plant;
let server: ReturnType<typeof createServer>;
/** What the broker says to a CONNECT, in one write. */
let answer: Buffer;

beforeEach(async () => {
  plant = await createPlant();
  const secret = (await plant.vault.read(secretName.serverCertificate(SITE)))!.value;
  const { key, certificate } = JSON.parse(secret) as ServerCertificateSecret;
  server = createServer({ key, cert: certificate }, (socket) => {
    socket.on("error", () => socket.destroy());
    socket.once("data", () => socket.end(answer));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
});
afterEach(async () => {
  server.close();
  await once(server, "close");
});

const open = (): Promise<Opened | undefined> =>
  MqttConnection.open({
    port: (server.address() as AddressInfo).port,
    ca: plant.ca,
    bundle: plant.bundles["gw-1"]!,
    clean: false,
    keepalive: 0,
  });
const connack = (returnCode: number): Buffer => generate({ cmd: "connack", returnCode, sessionPresent: true });
const message = (messageId: number): Packet => ({
  cmd: "publish",
  topic: "a",
  payload: Buffer.from("x"),
  qos: 2,
  dup: true,
  retain: false,
  messageId,
});

test("what comes in CONNACK's read is handed over, in its order, and so is the end", async () => {
  answer = Buffer.concat([
    connack(0),
    generate({ cmd: "pubrel", messageId: 3 }),
    generate(message(4)),
    generate(message(5)),
  ]);
  const { present, follow } = (await open())!;
  const seen: unknown[] = [];
  await new Promise<void>((onClosed) =>
    follow({ onPacket: ({ cmd, messageId }) => seen.push([cmd, messageId]), onClosed }),
  );
  expect(present).toBe(true);
  expect(seen).toEqual([
    ["pubrel", 3],
    ["publish", 4],
    ["publish", 5],
  ]);
});

test("a connection that ended before anybody asked for its packets says so", async () => {
  answer = Buffer.concat([connack(0), generate(message(4)), Buffer.from([0xff, 0xff, 0xff, 0xff, 0xff])]);
  const ended = new Promise((resolve) => server.once("secureConnection", (socket) => socket.once("close", resolve)));
  const { follow } = (await open())!;
  await ended;
  const seen: unknown[] = [];
  await new Promise<void>((onClosed) => follow({ onPacket: ({ messageId }) => seen.push(messageId), onClosed }));
  expect(seen).toEqual([4]);
});

test("a refused CONNECT opens nothing", async () => {
  answer = connack(5);
  expect(await open()).toBeUndefined();
});
