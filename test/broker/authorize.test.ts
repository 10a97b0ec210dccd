import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { raw } from "../../policy/roles/raw";
import { resolvedRole } from "../resolved-role";
import { accepted, closed, nextMessage } from "./client";
import { granted } from "./granted";
import { applySite, createPlant, plantSite, type Plant } from "./plant";
import { startTestBroker, type TestBroker } from "./start-test-broker";

const REFUSED = 0x80;

let plant: Plant;
let broker: TestBroker;

beforeAll(async () => {
  plant = await createPlant();
  broker = await startTestBroker(plant);
});
afterAll(() => broker.close());

test.each([
  ["another identity's topic", "gw-1", "plant/line/gw-2/data/t"],
  ["its own command topic", "gw-1", "plant/line/gw-1/cmd/stop"],
  ["a parent of its own topics", "gw-1", "plant/line/gw-1"],
  ["a topic of the server", "operator", "$SYS/x/new/clients"],
  ["any topic, by a reader", "historian", "plant/line/gw-1/data/t"],
])("a client that publishes to %s is disconnected, and nobody gets it", async (_, name, topic) => {
  const operator = await accepted(broker, plant, "operator", { clientId: "operator~watch" });
  await operator.subscribeAsync(["#", "$SYS/x/#"]);
  const got: string[] = [];
  operator.on("message", (received) => got.push(received));

  const client = await accepted(broker, plant, name);
  client.publish(topic, "forged", { qos: 1 }, () => undefined);
  await closed(client);
  await broker.logs.until("publish-denied", (line) => line["topic"] === topic && line["identity"] === name);

  // What is allowed still arrives, after everything that was sent before it.
  const gateway = await accepted(broker, plant, "gw-2");
  const next = nextMessage(operator);
  await gateway.publishAsync("plant/line/gw-2/data/t", "real", { qos: 1 });
  await next;
  expect(got).toEqual(["plant/line/gw-2/data/t"]);
  await Promise.all([operator.endAsync(), gateway.endAsync()]);
});

test("a filter is granted only if the client's own filters cover all of it", async () => {
  const gateway = await accepted(broker, plant, "gw-1");
  const filters = [
    "plant/line/gw-1/cmd/#",
    "plant/line/gw-1/cmd/stop",
    "#",
    "+/line/gw-1/cmd/#",
    "plant/line/+/cmd/#",
    "plant/line/gw-2/cmd/#",
    "plant/line/gw-1/data/#",
    "$SYS/#",
  ];
  expect(await granted(gateway, filters)).toEqual([1, 1, REFUSED, REFUSED, REFUSED, REFUSED, REFUSED, REFUSED]);
  await gateway.endAsync();
});

test("$SYS is for the operator alone", async () => {
  const [scada, operator] = await Promise.all([accepted(broker, plant, "scada"), accepted(broker, plant, "operator")]);
  expect(await granted(scada, ["$SYS/#"])).toEqual([REFUSED]);
  expect(await granted(operator, ["$SYS/#"])).toEqual([1]);
  await Promise.all([scada.endAsync(), operator.endAsync()]);
});

test("a device cannot read another device's retained message", async () => {
  const scada = await accepted(broker, plant, "scada");
  await scada.publishAsync("plant/line/gw-1/cmd/recipe", "secret", { qos: 1, retain: true });

  const other = await accepted(broker, plant, "gw-2");
  const got: string[] = [];
  other.on("message", (topic) => got.push(topic));
  expect(await granted(other, ["plant/line/gw-1/cmd/recipe", "plant/line/gw-1/#", "plant/#"])).toEqual([
    REFUSED,
    REFUSED,
    REFUSED,
  ]);

  // Negative control: the message is there, for whom it is.
  const own = await accepted(broker, plant, "gw-1");
  const retained = nextMessage(own);
  expect(await granted(own, ["plant/line/gw-1/cmd/#"])).toEqual([1]);
  expect(await retained).toEqual(["plant/line/gw-1/cmd/recipe", "secret"]);
  expect(got).toEqual([]);
  await Promise.all([scada.endAsync(), other.endAsync(), own.endAsync()]);
});

test("a refused filter beside a granted one is not kept for the next connection", async () => {
  const first = await accepted(broker, plant, "gw-2", { clean: false });
  expect(await granted(first, ["plant/line/gw-2/cmd/#", "plant/line/gw-1/cmd/#"])).toEqual([1, REFUSED]);
  await first.endAsync();

  const scada = await accepted(broker, plant, "scada");
  await scada.publishAsync("plant/line/gw-1/cmd/stop", "for gw-1", { qos: 1 });
  await scada.publishAsync("plant/line/gw-2/cmd/stop", "for gw-2", { qos: 1 });

  const got: string[] = [];
  const again = await accepted(broker, plant, "gw-2", { clean: false });
  again.on("message", (topic) => got.push(topic));
  await nextMessage(again);
  // A message sent now comes after all that was queued.
  const last = nextMessage(again);
  await scada.publishAsync("plant/line/gw-2/cmd/last", "", { qos: 1 });
  await last;
  expect(got).toEqual(["plant/line/gw-2/cmd/stop", "plant/line/gw-2/cmd/last"]);
  await Promise.all([scada.endAsync(), again.endAsync()]);
});

test("a '$' topic is never a client's to publish, even where a grant says so", async () => {
  // defineSite refuses such a grant; a document that somebody else wrote may hold it.
  const site = plantSite();
  const wide = raw({ name: "scada", publish: ["$plant/x", "plant/scada/status"], subscribe: [] });
  const role = resolvedRole(wide, site.name);
  const identities = site.identities.map((identity) => (identity.name === "scada" ? { ...identity, role } : identity));
  await applySite(plant.vault, { ...site, identities });
  await broker.logs.until("access-document-loaded", ({ sequence }) => sequence === 2);
  const scada = await accepted(broker, plant, "scada");
  await scada.publishAsync("plant/scada/status", "granted", { qos: 1 });
  scada.publish("$plant/x", "granted too", { qos: 1 }, () => undefined);
  await closed(scada);
  await broker.logs.until("publish-denied", ({ topic }) => topic === "$plant/x");
});

test("of two clients with one ClientId the later one stays", async () => {
  const first = await accepted(broker, plant, "gw-1");
  const gone = closed(first);
  const second = await accepted(broker, plant, "gw-1");
  await gone;
  expect(second.connected).toBe(true);
  await second.endAsync();
});
