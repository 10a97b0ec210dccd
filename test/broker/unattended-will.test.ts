import { afterEach, beforeEach, expect, jest, test } from "@jest/globals";
import type { MqttClient } from "mqtt";
import { generatePassword, hashPassword } from "../../ca/password";
import { secretName, type ServerCertificateSecret } from "../../policy/deployment";
import { telemetryDevice } from "../../policy/roles/telemetry-device";
import { temporaryFolder } from "../vault/temporary-folder";
import { accepted } from "./client";
import { holdGrace } from "./hold-grace";
import { applySite, certify, changeRecord, createPlant, plantSite, SITE, strangeAuthority, type Plant } from "./plant";
import { startTestBroker, type TestBroker } from "./start-test-broker";

/* Who left a will and lost its right to be heard while no task was active: nobody saw it happen. */

const topicOf = (name: string): string => `plant/line/${name}/status`;
const willOf = (name: string) =>
  ({ will: { topic: topicOf(name), payload: Buffer.from("offline"), qos: 1, retain: false } }) as const;
const serverSecret = secretName.serverCertificate(SITE);
const LIVES_MS = 60_000;

let folder: Awaited<ReturnType<typeof temporaryFolder>>;
let plant: Plant;
let broker: TestBroker;
let historian: MqttClient | undefined;
let own: ServerCertificateSecret;

const start = async (willGraceMs?: number): Promise<void> => {
  const source = { kind: "directory", path: folder.path } as const;
  broker = await startTestBroker(
    plant,
    { source, store: `${folder.path}/store` },
    willGraceMs === undefined ? {} : { willGraceMs },
  );
  await broker.whenActive();
};

beforeEach(async () => {
  // The calendar alone: it is turned on while nobody is active.
  jest.useFakeTimers({
    advanceTimers: true,
    doNotFake: [
      "hrtime",
      "nextTick",
      "performance",
      "queueMicrotask",
      "setImmediate",
      "clearImmediate",
      "setInterval",
      "clearInterval",
      "setTimeout",
      "clearTimeout",
    ],
  });
  folder = await temporaryFolder();
  plant = await createPlant();
  own = JSON.parse((await plant.vault.read(serverSecret))!.value) as ServerCertificateSecret;
  // A rollover: two CAs are trusted, gw-1's certificate is from the one that will go.
  const former = await strangeAuthority();
  await plant.vault.write(serverSecret, JSON.stringify({ ...own, trust: [...own.trust, ...former.trust] }));
  const { key, certificate } = await certify(former, "gw-1", { notAfter: new Date(Date.now() + LIVES_MS) });
  await start();
  await accepted(broker, plant, "gw-1", { ...willOf("gw-1"), key, cert: certificate });
  await accepted(broker, plant, "gw-2", willOf("gw-2"));
  await broker.close();
});
afterEach(async () => {
  jest.restoreAllMocks();
  jest.useRealTimers();
  await historian?.endAsync();
  historian = undefined;
  await broker.close();
  await folder.remove();
});

/** The next task's clients do not come back. @returns what is published until gw-2's will is, which comes behind gw-1's. */
const willsAfter = async (change: () => unknown): Promise<readonly string[]> => {
  await change();
  const grace = holdGrace();
  await start(grace.willGraceMs);
  historian = await accepted(broker, plant, "historian");
  const heard: string[] = [];
  const told = new Promise<void>((resolve) =>
    historian!.on("message", (topic, text) => {
      heard.push(`${topic} ${text.toString()}`);
      if (topic === topicOf("gw-2")) resolve();
    }),
  );
  await historian.subscribeAsync("plant/line/#", { qos: 1 });
  grace.end();
  await told;
  return heard;
};

const undeclared = "the identity is no longer declared";
const gone: readonly (readonly [title: string, reason: string, change: () => unknown])[] = [
  [
    "whose CA is trusted no more",
    "certificate: no trusted CA signed it",
    () => plant.vault.write(serverSecret, JSON.stringify(own)),
  ],
  [
    "whose certificate has expired",
    "certificate: it has expired",
    () => jest.setSystemTime(Date.now() + LIVES_MS + 1_000),
  ],
  [
    "whose certificate was revoked",
    "certificate: it was issued before the identity's validFrom (revoked)",
    () =>
      changeRecord(plant.vault, "gw-1", (record) => ({ ...record, validFrom: Math.floor(Date.now() / 1000) - 100 })),
  ],
  [
    "whose password was changed",
    "its password was changed",
    () => changeRecord(plant.vault, "gw-1", (record) => ({ ...record, passwords: [hashPassword(generatePassword())] })),
  ],
  ["whose credentials were removed", undeclared, () => changeRecord(plant.vault, "gw-1", () => undefined)],
  [
    "whose identity was withdrawn",
    undeclared,
    () => applySite(plant.vault, plantSite({ edge: [{ name: "gw-2", role: telemetryDevice({ area: "line" }) }] })),
  ],
];

test.each(gone)("the stored will of a client %s while no task was active is dropped", async (_, reason, change) => {
  expect(await willsAfter(change)).toEqual([`${topicOf("gw-2")} offline`]);
  expect(await broker.logs.until("will-dropped")).toMatchObject({ identity: "gw-1", topic: topicOf("gw-1"), reason });
});

test("where nothing changed meanwhile both are published", async () => {
  expect(await willsAfter(() => undefined)).toEqual([`${topicOf("gw-1")} offline`, `${topicOf("gw-2")} offline`]);
  expect(broker.logs.lines.filter(({ event }) => event === "will-dropped")).toEqual([]);
});
