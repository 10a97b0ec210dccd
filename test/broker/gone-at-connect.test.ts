import { once } from "node:events";
import { connect } from "node:tls";
import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { LIMITS } from "../../broker/src/limits";
import { accepted } from "./client";
import { connectPacket } from "./mqtt/wire";
import { createPlant, type Plant } from "./plant";
import { startTestBroker, type TestBroker } from "./start-test-broker";

let plant: Plant;
let broker: TestBroker;

beforeEach(async () => {
  plant = await createPlant();
  broker = await startTestBroker(plant);
});
afterEach(() => broker.close());

/** A CONNECT with the end of the connection right behind it, as a device sends whose power fails. */
async function comeAndGo(name: string, clientId: string): Promise<void> {
  const { key, certificate, password } = plant.bundles[name]!;
  const { mqtt: port } = broker.ports;
  const socket = connect({ host: "127.0.0.1", port, servername: "localhost", ca: plant.ca, key, cert: certificate });
  await once(socket, "secureConnect");
  socket.resume().end(connectPacket({ name, password }, { clientId }));
  await once(socket, "close");
}

test.each([
  ["an enterprise client's", "scada", (i: number) => `scada~${i}`],
  ["a device's, which has one ClientId", "gw-1", () => "gw-1"],
])("connections that end right behind their CONNECT take no place: %s", async (_, name, clientId) => {
  for (let i = 0; i <= LIMITS.connectionsPerIdentity; i++) await comeAndGo(name, clientId(i));
  const client = await accepted(broker, plant, name);
  expect(client.connected).toBe(true);
  await client.endAsync();
});
