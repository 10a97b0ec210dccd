import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import type { MqttClient } from "mqtt";
import { generatePassword, hashPassword } from "../../ca/password";
import { secretName, type ServerCertificateSecret } from "../../policy/deployment";
import { raw } from "../../policy/roles/raw";
import { telemetryDevice } from "../../policy/roles/telemetry-device";
import { accepted, closed, nextMessage } from "./client";
import { applySite, changeRecord, createPlant, plantSite, SITE, strangeAuthority, type Plant } from "./plant";
import { startTestBroker, type TestBroker } from "./start-test-broker";

const TOPIC = "plant/line/gw-1/status";
const WILL = { will: { topic: TOPIC, payload: Buffer.from("offline"), qos: 1, retain: true } } as const;
const other = { name: "gw-2", role: telemetryDevice({ area: "line" }) };
const justNow = (): number => Math.floor(Date.now() / 1000) - 100;

let plant: Plant;
let broker: TestBroker;
/** Needs no certificate: it stays whatever is revoked. */
let historian: MqttClient;
let heard: string[];

beforeEach(async () => {
  plant = await createPlant();
  broker = await startTestBroker(plant);
  historian = await accepted(broker, plant, "historian");
  await historian.subscribeAsync("plant/line/#", { qos: 1 });
  heard = [];
  historian.on("message", (topic, text) => heard.push(`${topic} ${text.toString()}`));
});
afterEach(async () => {
  await historian.endAsync();
  await broker.close();
});

/** Everything that was sent to the historian, and is retained for it, has arrived: UNSUBACK comes behind it. */
const settled = async (): Promise<void> => {
  await historian.unsubscribeAsync("nothing");
  await historian.subscribeAsync("plant/line/+/status", { qos: 1 });
  await historian.unsubscribeAsync("nothing");
};
const lost = () => broker.logs.until("client-closed", ({ identity }) => identity === "gw-1");

describe("the will of a client that is disconnected by its revocation is not published when", () => {
  const replaceTrust = async (): Promise<void> => {
    const name = secretName.serverCertificate(SITE);
    const secret = JSON.parse((await plant.vault.read(name))!.value) as ServerCertificateSecret;
    await plant.vault.write(name, JSON.stringify({ ...secret, trust: (await strangeAuthority()).trust }));
  };
  const passwords = [hashPassword(generatePassword())];
  const cases: readonly (readonly [title: string, reason: string, revoke: () => Promise<unknown>])[] = [
    [
      "its certificate is revoked",
      "certificate: it was issued before the identity's validFrom (revoked)",
      () => changeRecord(plant.vault, "gw-1", (record) => ({ ...record, validFrom: justNow() })),
    ],
    [
      "its password is changed",
      "its password was changed",
      () => changeRecord(plant.vault, "gw-1", (record) => ({ ...record, passwords })),
    ],
    [
      "its credential record is removed",
      "the identity is no longer declared",
      () => changeRecord(plant.vault, "gw-1", () => undefined),
    ],
    [
      "it leaves the access document",
      "the identity is no longer declared",
      () => applySite(plant.vault, plantSite({ edge: [other] })),
    ],
    ["its CA is trusted no more", "certificate: no trusted CA signed it", replaceTrust],
  ];

  test.each(cases)("%s", async (_, reason, revoke) => {
    const gateway = await accepted(broker, plant, "gw-1", WILL);
    await revoke();
    await Promise.all([closed(gateway), lost()]);
    await settled();
    expect(heard).toEqual([]);
    expect(await broker.logs.until("will-dropped")).toMatchObject({ identity: "gw-1", topic: TOPIC, reason });
  });
});

test("the will of a client that may no longer publish there is not published when its connection breaks", async () => {
  const gateway = await accepted(broker, plant, "gw-1", WILL);
  const silent = raw({ name: "silent", publish: ["plant/line/{id}/data/#"], subscribe: [] });
  await applySite(plant.vault, plantSite({ edge: [{ name: "gw-1", role: silent }, other] }));
  await broker.logs.until("access-document-loaded", ({ sequence }) => sequence === 2);
  expect(gateway.connected).toBe(true);
  gateway.stream.destroy();
  await lost();
  await settled();
  expect(heard).toEqual([]);
  expect(await broker.logs.until("will-dropped")).toMatchObject({ reason: "it may not publish there" });
});

test("a client whose connection breaks has its will while another one's identity is revoked", async () => {
  const [gateway, revoked] = await Promise.all([
    accepted(broker, plant, "gw-1", WILL),
    accepted(broker, plant, "gw-2", { will: { ...WILL.will, topic: "plant/line/gw-2/status" } }),
  ]);
  await changeRecord(plant.vault, "gw-2", (record) => ({ ...record, validFrom: justNow() }));
  await closed(revoked);
  const will = nextMessage(historian);
  gateway.stream.destroy();
  expect(await will).toEqual([TOPIC, "offline"]);
  await settled();
  // The second one is the retained message.
  expect(heard).toEqual([`${TOPIC} offline`, `${TOPIC} offline`]);
  expect(broker.logs.lines.filter(({ event }) => event === "will-dropped")).toMatchObject([{ identity: "gw-2" }]);
});
