import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { accepted, nextMessage } from "./client";
import { createPlant, type Plant } from "./plant";
import { startTestBroker, type TestBroker } from "./start-test-broker";

let plant: Plant;
let broker: TestBroker;

beforeAll(async () => {
  plant = await createPlant();
  broker = await startTestBroker(plant);
});
afterAll(() => broker.close());

describe.each(["mqtts", "wss"] as const)("over %s", (over) => {
  test("an edge and an enterprise client exchange telemetry and a command", async () => {
    const gateway = await accepted(broker, plant, "gw-1", { over });
    const scada = await accepted(broker, plant, "scada", { over, clientId: "scada~a" });
    await scada.subscribeAsync("plant/line/+/data/#", { qos: 1 });
    await gateway.subscribeAsync("plant/line/gw-1/cmd/#", { qos: 1 });

    const telemetry = nextMessage(scada);
    await gateway.publishAsync("plant/line/gw-1/data/t", "21.5", { qos: 1 });
    expect(await telemetry).toEqual(["plant/line/gw-1/data/t", "21.5"]);

    const command = nextMessage(gateway);
    await scada.publishAsync("plant/line/gw-1/cmd/stop", "now", { qos: 2 });
    expect(await command).toEqual(["plant/line/gw-1/cmd/stop", "now"]);
    await Promise.all([gateway.endAsync(), scada.endAsync()]);
  });

  test("an identity that is declared without a certificate connects with its password alone", async () => {
    const historian = await accepted(broker, plant, "historian", { over });
    await historian.endAsync();
  });
});

test("a large message arrives whole, in both directions", async () => {
  const gateway = await accepted(broker, plant, "gw-1");
  const scada = await accepted(broker, plant, "scada", { over: "wss" });
  await scada.subscribeAsync("plant/line/gw-1/data/#", { qos: 1 });
  const text = "x".repeat(200_000);
  const arrived = nextMessage(scada);
  await gateway.publishAsync("plant/line/gw-1/data/large", text, { qos: 1 });
  expect((await arrived)[1]).toBe(text);
  await Promise.all([gateway.endAsync(), scada.endAsync()]);
});

test("a will is published when the connection breaks", async () => {
  const scada = await accepted(broker, plant, "scada");
  await scada.subscribeAsync("plant/line/+/status");
  const gateway = await accepted(broker, plant, "gw-1", {
    will: { topic: "plant/line/gw-1/status", payload: Buffer.from("offline"), qos: 0, retain: false },
  });
  const will = nextMessage(scada);
  gateway.stream.destroy();
  expect(await will).toEqual(["plant/line/gw-1/status", "offline"]);
  await scada.endAsync();
});

test("no log line holds a password", async () => {
  const gateway = await accepted(broker, plant, "gw-1");
  await gateway.endAsync();
  const text = JSON.stringify(broker.logs.lines);
  expect(text).toContain("client-accepted");
  for (const { password } of Object.values(plant.bundles)) expect(text).not.toContain(password);
});
