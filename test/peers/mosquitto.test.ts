import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { createPlant, type Plant } from "../broker/plant";
import { startTestBroker, type TestBroker } from "../broker/start-test-broker";
import { Mosquitto } from "./mosquitto";
import { requireTools } from "./require-tools";

const DATA = "plant/line/gw-1/data/t";

let plant: Plant;
let broker: TestBroker;
let mosquitto: Mosquitto;

beforeAll(async () => {
  requireTools("mosquitto_pub", "mosquitto_sub", "stdbuf");
  plant = await createPlant();
  broker = await startTestBroker(plant);
  mosquitto = await Mosquitto.of(plant, () => broker.ports.mqtt);
});
afterAll(async () => {
  await mosquitto.close();
  await broker.close();
});

describe.each([0, 1, 2])("at QoS %d", (qos) => {
  test("a message arrives, once and at its QoS", async () => {
    const reader = mosquitto.subscribe("scada", "-q", "2", "-t", "plant/line/+/data/#", "-C", "2");
    await reader.until("Subscribed");
    for (const text of ["one", "two"])
      expect(await mosquitto.publish("gw-1", "-q", String(qos), "-t", DATA, "-m", text)).toMatchObject({ code: 0 });
    expect((await reader.ended).code).toBe(0);
    expect(reader.messages).toEqual([`${DATA} ${qos} 0 one`, `${DATA} ${qos} 0 two`]);
  });

  test("a retained message waits for whoever comes later, until an empty one clears it", async () => {
    const topic = `plant/line/gw-1/data/retained-${qos}`;
    await mosquitto.publish("gw-1", "-q", String(qos), "-r", "-t", topic, "-m", "kept");
    const reader = mosquitto.subscribe("scada", "-q", "2", "-t", topic, "-C", "1");
    await reader.ended;
    expect(reader.messages).toEqual([`${topic} ${qos} 1 kept`]);

    await mosquitto.publish("gw-1", "-q", String(qos), "-r", "-t", topic, "-n");
    const later = mosquitto.subscribe("scada", "-q", "2", "-t", topic, "-t", DATA, "-C", "1");
    await later.until("Subscribed");
    await mosquitto.publish("gw-1", "-q", "1", "-t", DATA, "-m", "after");
    await later.ended;
    expect(later.messages).toEqual([`${DATA} 1 0 after`]);
  });
});

test("a file of 200 KiB arrives as it was sent", async () => {
  const reader = mosquitto.subscribe("scada", "-q", "1", "-t", DATA, "-C", "1");
  await reader.until("Subscribed");
  const text = "0123456789abcdef".repeat(6_400);
  await mosquitto.publish("gw-1", "-q", "1", "-t", DATA, "-m", text);
  await reader.ended;
  // Not `toEqual`: nobody reads a difference of 200 KiB.
  expect(reader.messages[0] === `${DATA} 1 0 ${text}`).toBe(true);
});

test("a persistent session gets what came while it was away, in order", async () => {
  const session = ["-c", "-q", "1", "-t", "plant/line/gw-1/data/#"];
  const first = mosquitto.subscribe("scada", ...session, "-E");
  expect((await first.ended).code).toBe(0);
  for (const text of ["a", "b", "c"]) await mosquitto.publish("gw-1", "-q", "1", "-t", DATA, "-m", text);
  const again = mosquitto.subscribe("scada", ...session, "-C", "3");
  await again.ended;
  expect(again.messages).toEqual(["a", "b", "c"].map((text) => `${DATA} 1 0 ${text}`));
  // Without -c the session is a clean one: what was kept is forgotten.
  const clean = mosquitto.subscribe("scada", "-q", "1", "-t", "plant/line/gw-1/data/#", "-C", "1");
  await clean.until("Subscribed");
  await mosquitto.publish("gw-1", "-q", "1", "-t", DATA, "-m", "d");
  await clean.ended;
  expect(clean.messages).toEqual([`${DATA} 1 0 d`]);
});

test("a will is published when its client is killed, and not when it says good-bye", async () => {
  const status = "plant/line/gw-1/status";
  const reader = mosquitto.subscribe("scada", "-q", "1", "-t", "plant/line/gw-1/#", "-C", "2");
  await reader.until("Subscribed");
  const will = ["--will-topic", status, "--will-payload", "gone", "--will-qos", "1"];
  const commands = ["-t", "plant/line/gw-1/cmd/#"];

  const polite = mosquitto.subscribe("gw-1", ...commands, ...will);
  await polite.until("Subscribed");
  await polite.end();
  await mosquitto.publish("gw-1", "-q", "1", "-t", DATA, "-m", "no will before this");

  const killed = mosquitto.subscribe("gw-1", ...commands, ...will, "-k", "5");
  await killed.until("Subscribed");
  // Another of the same name takes its place: the will is due [MQTT-3.1.2-8].
  await mosquitto.publish(
    "gw-1",
    "-q",
    "0",
    "-t",
    "plant/line/gw-1/other",
    "-m",
    "",
    "--will-topic",
    status,
    "--will-payload",
    "x",
  );
  await reader.ended;
  expect(reader.messages).toEqual([`${DATA} 1 0 no will before this`, `${status} 1 0 gone`]);
});

test("over WebSockets nobody of mosquitto's comes, but on the other port: plain MQTT over TLS is closed there", async () => {
  const { code } = await mosquitto.publish("gw-1", "-p", String(broker.ports.https), "-t", DATA, "-m", "x");
  expect(code).not.toBe(0);
});

describe("refused", () => {
  test.each([
    ["a wrong password", "gw-1", ["-P", "guessed"], "Connection Refused: bad user name or password"],
    ["another identity's user name", "gw-1", ["-u", "gw-2"], /not authori[sz]ed|bad user name/],
    ["another identity's ClientId", "gw-1", ["-i", "gw-2"], "Connection Refused: identifier rejected"],
    [
      "a will on another's topic",
      "gw-1",
      ["--will-topic", "plant/line/gw-2/status"],
      "Connection Refused: not authorised",
    ],
  ])("%s", async (_, name, options, said) => {
    const { code, output } = await mosquitto.publish(name, "-t", DATA, "-m", "x", ...options);
    expect(code).not.toBe(0);
    if (typeof said === "string") expect(output).toContain(said);
    else expect(output).toMatch(said);
  });

  test("a filter that is not granted, beside one that is", async () => {
    const reader = mosquitto.subscribe("gw-1", "-q", "1", "-t", "plant/line/gw-1/cmd/#", "-t", "plant/line/gw-2/cmd/#");
    expect(await reader.until("Subscribed")).toMatch(/: 1, 128$/);
    await reader.end();
  });

  test("a message on another's topic: the connection ends, and nobody gets it", async () => {
    const reader = mosquitto.subscribe("scada", "-q", "1", "-t", "plant/line/#", "-C", "1");
    await reader.until("Subscribed");
    const { output } = await mosquitto.publish("gw-1", "-q", "1", "-t", "plant/line/gw-2/data/t", "-m", "forged");
    expect(output).not.toContain("received PUBACK");
    await mosquitto.publish("gw-2", "-q", "1", "-t", "plant/line/gw-2/data/t", "-m", "real");
    await reader.ended;
    expect(reader.messages).toEqual(["plant/line/gw-2/data/t 1 0 real"]);
  }, 90_000);
});
