import { connect as tls, type DetailedPeerCertificate } from "node:tls";
import { afterEach, beforeEach, expect, test } from "@jest/globals";
import type { MqttClient } from "mqtt";
import { hashPassword, generatePassword } from "../../ca/password";
import { issueServerCertificate } from "../../ca/issue-server";
import { secretName, type ServerCertificateSecret } from "../../policy/deployment";
import { telemetryDevice } from "../../policy/roles/telemetry-device";
import { nextManifest } from "../../vault/next-manifest";
import { accepted, closed, nextMessage, refused } from "./client";
import { applySite, certify, changeRecord, createPlant, plantSite, SITE, strangeAuthority, type Plant } from "./plant";
import { startTestBroker, type TestBroker } from "./start-test-broker";
import { ticket } from "./ticket";

let plant: Plant;
let broker: TestBroker;

beforeEach(async () => {
  plant = await createPlant();
  broker = await startTestBroker(plant);
});
afterEach(() => broker.close());

/** Resolves when the broker has loaded this many sets of credentials, the first one included. */
const credentialsLoaded = (sequence: number) =>
  broker.logs.until("credentials-loaded", (line) => line["sequence"] === sequence);
/** Older than any certificate issued in this test will be, younger than those in the bundles. */
const justNow = (): number => Math.floor(Date.now() / 1000) - 100;

test("revocation drops the live session, holds for resumed TLS sessions, and leaves the others", async () => {
  const [gateway, other] = await Promise.all([accepted(broker, plant, "gw-1"), accepted(broker, plant, "gw-2")]);
  const session = await ticket(broker, plant, plant.bundles["gw-1"]);
  await changeRecord(plant.vault, "gw-1", (record) => ({ ...record, validFrom: justNow() }));
  await closed(gateway);
  await broker.logs.until(
    "session-ended",
    ({ reason }) => reason === "certificate: it was issued before the identity's validFrom (revoked)",
  );

  expect(await refused(broker, plant, "gw-1")).toBe(5);
  expect(await refused(broker, plant, "gw-1", { session })).toBe(5);
  expect(other.connected).toBe(true);

  const { key, certificate } = await certify(plant.authority, "gw-1", {
    notBefore: new Date(justNow() * 1000 + 5_000),
  });
  const renewed = await accepted(broker, plant, "gw-1", { key, cert: certificate });
  await Promise.all([renewed.endAsync(), other.endAsync()]);
});

test("a ticket of a certificate that was not revoked is resumed", async () => {
  const session = await ticket(broker, plant, plant.bundles["gw-1"]);
  const client = await accepted(broker, plant, "gw-1", { session });
  await client.endAsync();
});

test("a new password beside the old one admits both; without the old one its sessions end", async () => {
  const { password: old } = plant.bundles["gw-1"]!;
  const fresh = generatePassword();
  const record = hashPassword(fresh);
  const client = await accepted(broker, plant, "gw-1");
  await changeRecord(plant.vault, "gw-1", ({ passwords, validFrom }) => ({
    passwords: [...passwords, record],
    validFrom,
  }));
  await credentialsLoaded(3);
  expect(client.connected).toBe(true);
  await client.endAsync();
  const withNew = await accepted(broker, plant, "gw-1", { password: fresh });
  await withNew.endAsync();
  const withOld = await accepted(broker, plant, "gw-1", { password: old });

  await changeRecord(plant.vault, "gw-1", ({ validFrom }) => ({ passwords: [record], validFrom }));
  await closed(withOld);
  expect(await refused(broker, plant, "gw-1", { password: old })).toBe(4);
  const still = await accepted(broker, plant, "gw-1", { password: fresh });
  await still.endAsync();
});

test("an identity that leaves the site is disconnected; the others stay", async () => {
  const [gateway, other] = await Promise.all([accepted(broker, plant, "gw-1"), accepted(broker, plant, "gw-2")]);
  await applySite(plant.vault, plantSite({ edge: [{ name: "gw-2", role: telemetryDevice({ area: "line" }) }] }));
  await closed(gateway);
  expect(await refused(broker, plant, "gw-1")).toBe(5);
  expect(other.connected).toBe(true);
  await other.endAsync();
});

test("an identity without a credential record is disconnected and refused", async () => {
  const gateway = await accepted(broker, plant, "gw-1");
  await changeRecord(plant.vault, "gw-1", () => undefined);
  await closed(gateway);
  expect(await refused(broker, plant, "gw-1")).toBe(4);
});

/** Both gateways publish, gw-1 last. @returns the topics that scada got by then */
async function topicsHeard(scada: MqttClient): Promise<string[]> {
  const got: string[] = [];
  scada.on("message", (topic) => got.push(topic));
  const [one, two] = await Promise.all([accepted(broker, plant, "gw-1"), accepted(broker, plant, "gw-2")]);
  await two.publishAsync("plant/line/gw-2/data/t", "1", { qos: 1 });
  const last = nextMessage(scada);
  await one.publishAsync("plant/line/gw-1/data/t", "1", { qos: 1 });
  await last;
  await Promise.all([scada.endAsync(), one.endAsync(), two.endAsync()]);
  return got;
}

test("a subscription that would no longer be granted ends at once, live; the session and its other subscriptions stay", async () => {
  const scada = await accepted(broker, plant, "scada");
  await scada.subscribeAsync(["plant/line/gw-1/#", "plant/line/+/data/t"], { qos: 1 });
  await applySite(plant.vault, plantSite({ scada: { subscribe: ["plant/line/gw-1/#"] } }));
  expect(await broker.logs.until("subscriptions-revoked")).toMatchObject({ filters: ["plant/line/+/data/t"] });

  expect(await topicsHeard(scada)).toEqual(["plant/line/gw-1/data/t"]);
});

test("a restored session's subscription that is no longer granted is dropped, and does not come back with the grant", async () => {
  const options = { clean: false } as const;
  const first = await accepted(broker, plant, "scada", options);
  await first.subscribeAsync(["plant/line/gw-1/#", "plant/line/gw-2/#"], { qos: 1 });
  await first.endAsync();
  await applySite(plant.vault, plantSite({ scada: { subscribe: ["plant/line/gw-1/#"] } }));
  await broker.logs.until("access-document-loaded", ({ sequence }) => sequence === 2);
  await (await accepted(broker, plant, "scada", options)).endAsync();
  await applySite(plant.vault, plantSite());
  await broker.logs.until("access-document-loaded", ({ sequence }) => sequence === 3);

  const scada = await accepted(broker, plant, "scada", options);
  expect(await topicsHeard(scada)).toEqual(["plant/line/gw-1/data/t"]);
});

test("what was queued for a session is not delivered when it may no longer be received", async () => {
  const options = { clean: false } as const;
  const first = await accepted(broker, plant, "scada", options);
  await first.subscribeAsync(["plant/line/gw-1/#", "plant/line/gw-2/#"], { qos: 1 });
  await first.endAsync();
  const [one, two] = await Promise.all([accepted(broker, plant, "gw-1"), accepted(broker, plant, "gw-2")]);
  await two.publishAsync("plant/line/gw-2/data/t", "for nobody", { qos: 1 });
  await one.publishAsync("plant/line/gw-1/data/t", "for scada", { qos: 1 });
  await applySite(plant.vault, plantSite({ scada: { subscribe: ["plant/line/gw-1/#"] } }));
  await broker.logs.until("access-document-loaded", ({ sequence }) => sequence === 2);

  const got: string[] = [];
  const scada = await accepted(broker, plant, "scada", options);
  scada.on("message", (_, text) => got.push(text.toString()));
  await nextMessage(scada);
  const last = nextMessage(scada);
  await one.publishAsync("plant/line/gw-1/data/t", "last", { qos: 1 });
  await last;
  expect(got).toEqual(["for scada", "last"]);
  await Promise.all([scada.endAsync(), one.endAsync(), two.endAsync()]);
});

const serverSecret = secretName.serverCertificate(SITE);
const readServerSecret = async (): Promise<ServerCertificateSecret> =>
  JSON.parse((await plant.vault.read(serverSecret))!.value) as ServerCertificateSecret;
const presented = (): Promise<DetailedPeerCertificate> =>
  new Promise((resolve, reject) => {
    const socket = tls({ host: "127.0.0.1", port: broker.ports.mqtt, servername: "localhost", ca: plant.ca }, () => {
      resolve(socket.getPeerCertificate(true));
      socket.destroy();
    });
    socket.on("error", reject);
  });

test("a renewed server certificate is presented at once, under live sessions", async () => {
  const before = await presented();
  const gateway = await accepted(broker, plant, "gw-1");
  const renewed = await issueServerCertificate(
    plant.authority,
    SITE,
    { dns: ["localhost"], ip: ["127.0.0.1"] },
    new Date(),
  );
  const loaded = broker.logs.until(
    "server-certificate-loaded",
    ({ fingerprint }) => fingerprint !== before.fingerprint256,
  );
  await plant.vault.write(serverSecret, JSON.stringify(renewed));
  await loaded;
  expect((await presented()).fingerprint256).not.toBe(before.fingerprint256);
  expect(gateway.connected).toBe(true);
  await gateway.publishAsync("plant/line/gw-1/data/t", "still here", { qos: 1 });
  await gateway.endAsync();
});

test("in a CA rollover both CAs' certificates are good; when it ends the old one's sessions do too", async () => {
  const next = await strangeAuthority();
  const secret = await readServerSecret();
  const { key, certificate } = await certify(next, "gw-2");
  const byNext = { key, cert: certificate };
  expect(await refused(broker, plant, "gw-2", byNext)).toBe("closed");

  const trusted = (count: number) =>
    broker.logs.until("server-certificate-loaded", (line) => line["trusted"] === count);
  await plant.vault.write(serverSecret, JSON.stringify({ ...secret, trust: [...next.trust, ...secret.trust] }));
  await trusted(2);
  const [old, fresh] = await Promise.all([accepted(broker, plant, "gw-1"), accepted(broker, plant, "gw-2", byNext)]);

  await plant.vault.write(serverSecret, JSON.stringify({ ...secret, trust: next.trust }));
  await closed(old);
  expect(await refused(broker, plant, "gw-1")).toBe("closed");
  expect(fresh.connected).toBe(true);
  await fresh.endAsync();
});

const notLoaded = (what: string, text: string) =>
  broker.logs.until("material-not-loaded", (line) => line["what"] === what && String(line["reason"]).includes(text));

test("a server certificate that cannot be used is not used", async () => {
  const { fingerprint256 } = await presented();
  const secret = await readServerSecret();
  const foreign = await issueServerCertificate(plant.authority, SITE, { dns: ["localhost"], ip: [] }, new Date());
  await plant.vault.write(serverSecret, JSON.stringify({ ...secret, key: foreign.key }));
  await notLoaded("server certificate", "'key' must be the key of 'certificate'");
  expect((await presented()).fingerprint256).toBe(fingerprint256);
});

test("a manifest that goes back is ignored", async () => {
  const old = (await plant.vault.readManifest("credentials"))!;
  await changeRecord(plant.vault, "gw-1", (record) => ({ ...record, validFrom: justNow() }));
  await credentialsLoaded(3);
  plant.vault.forceManifest("credentials", old);
  await notLoaded("credentials", "must not go back, got sequence 2 after 3");
  expect(await refused(broker, plant, "gw-1")).toBe(5);
});

test("a set of shards of which one is not there yet is not used, until it is", async () => {
  const manifest = (await plant.vault.readManifest("credentials"))!;
  const missing = manifest.shards.map((entry) => ({ ...entry, versionId: "v-later" }));
  plant.vault.forceManifest("credentials", nextManifest(manifest, missing, new Date()));
  await notLoaded("credentials", "version v-later is not there");
  const client = await accepted(broker, plant, "gw-1");
  await client.endAsync();
});

test("a shard with other bytes than the manifest names is not used", async () => {
  const manifest = (await plant.vault.readManifest("access"))!;
  const versionId = await plant.vault.write(secretName.shard(SITE, "access", 0), "{}");
  const shards = manifest.shards.map((entry, i) => (i === 0 ? { ...entry, versionId } : entry));
  plant.vault.forceManifest("access", nextManifest(manifest, shards, new Date()));
  await notLoaded("access document", "SHA-256 must be the manifest's");
  const client = await accepted(broker, plant, "gw-1");
  await client.endAsync();
});

test("only the shards that changed are fetched", async () => {
  const manifest = (await plant.vault.readManifest("credentials"))!;
  expect(manifest.shards).toHaveLength(2);
  await changeRecord(plant.vault, "gw-1", (record) => ({ ...record, validFrom: justNow() }));
  const from = plant.vault.reads.length;
  await credentialsLoaded(3);
  const fetched = plant.vault.reads.slice(from).filter((name) => name.startsWith(`${SITE}/credentials/`));
  expect(fetched).toHaveLength(1);
});

test("a vault that does not answer changes nothing; the log says how old what is in use is", async () => {
  plant.vault.broken = new Error("no route to the vault");
  expect(await notLoaded("credentials", "no route to the vault")).toMatchObject({ lastGoodSecondsAgo: 0 });
  const client = await accepted(broker, plant, "gw-1");
  plant.vault.broken = undefined;
  await broker.logs.until("material-recovered", ({ what }) => what === "credentials");
  await client.endAsync();
});
