import { afterEach, beforeEach, expect, jest, test } from "@jest/globals";
import type { MqttClient } from "mqtt";
import type { BrokerParts } from "../../broker/src/start-broker";
import { generatePassword, hashPassword } from "../../ca/password";
import { raw } from "../../policy/roles/raw";
import { telemetryDevice } from "../../policy/roles/telemetry-device";
import { temporaryFolder } from "../vault/temporary-folder";
import { accepted } from "./client";
import { holdGrace } from "./hold-grace";
import { applySite, changeRecord, createPlant, plantSite, type Plant } from "./plant";
import { startTestBroker, type TestBroker } from "./start-test-broker";

/* Wills of clients that do not come back after a failover: judged by what is known when they are published. */

const topicOf = (name: string): string => `plant/line/${name}/status`;
const willOf = (name: string) =>
  ({ will: { topic: topicOf(name), payload: Buffer.from("offline"), qos: 1, retain: false } }) as const;

let folder: Awaited<ReturnType<typeof temporaryFolder>>;
let plant: Plant;
let broker: TestBroker;
/** Needs no certificate: it stays whatever is revoked. */
let historian: MqttClient | undefined;
let heard: string[];

const start = async (parts: Partial<BrokerParts> = {}): Promise<void> => {
  const source = { kind: "directory", path: folder.path } as const;
  broker = await startTestBroker(plant, { source, store: `${folder.path}/store` }, parts);
  await broker.whenActive();
};

beforeEach(async () => {
  folder = await temporaryFolder();
  plant = await createPlant();
  heard = [];
  await start();
  for (const name of ["gw-1", "gw-2"]) await accepted(broker, plant, name, willOf(name));
  // The wills stay: the clients are expected at the next task.
  await broker.close();
});
afterEach(async () => {
  jest.restoreAllMocks();
  await historian?.endAsync();
  historian = undefined;
  await broker.close();
  await folder.remove();
});

/** The next task; `change` falls into the time that clients have to come back. */
const failOver = async (change: () => Promise<unknown>): Promise<void> => {
  const grace = holdGrace();
  await start({ willGraceMs: grace.willGraceMs });
  historian = await accepted(broker, plant, "historian");
  await historian.subscribeAsync("plant/line/#", { qos: 1 });
  const told = new Promise<void>((resolve) =>
    historian!.on("message", (topic, text) => {
      heard.push(`${topic} ${text.toString()}`);
      if (topic === topicOf("gw-2")) resolve();
    }),
  );
  await change();
  for (const kind of ["credentials", "access"] as const) {
    const { sequence } = (await plant.vault.readManifest(kind))!;
    const event = kind === "access" ? "access-document-loaded" : "credentials-loaded";
    await broker.logs.until(event, (line) => line["sequence"] === sequence);
  }
  expect(broker.logs.lines.filter(({ event }) => event === "will-dropped")).toEqual([]);
  grace.end();
  // Wills are published in the order of their ClientIds: what there is of gw-1 has come before.
  await told;
};
const passwords = [hashPassword(generatePassword())];
const justNow = (): number => Math.floor(Date.now() / 1000) - 100;
const silent = raw({ name: "silent", publish: ["plant/line/{id}/data/#"], subscribe: [] });
const cases: readonly (readonly [string, string, () => Promise<unknown>])[] = [
  [
    "whose certificate is revoked in the grace period",
    "certificate: it was issued before the identity's validFrom (revoked)",
    () => changeRecord(plant.vault, "gw-1", (record) => ({ ...record, validFrom: justNow() })),
  ],
  [
    "whose password is changed in the grace period",
    "its password was changed",
    () => changeRecord(plant.vault, "gw-1", (record) => ({ ...record, passwords })),
  ],
  [
    "whose grants go in the grace period",
    "it may not publish there",
    () =>
      applySite(
        plant.vault,
        plantSite({
          edge: [
            { name: "gw-1", role: silent },
            { name: "gw-2", role: telemetryDevice({ area: "line" }) },
          ],
        }),
      ),
  ],
];

test.each(cases)("after a failover the will of a client %s is not published", async (_, reason, revoke) => {
  await failOver(revoke);
  expect(heard).toEqual([`${topicOf("gw-2")} offline`]);
  expect(await broker.logs.until("will-dropped")).toMatchObject({ identity: "gw-1", topic: topicOf("gw-1"), reason });
});

test("after a failover the wills of clients that nobody revoked are published", async () => {
  await failOver(async () => undefined);
  expect(heard).toEqual([`${topicOf("gw-1")} offline`, `${topicOf("gw-2")} offline`]);
});
