import { execFile } from "node:child_process";
import { createHash, generateKeyPairSync, randomBytes, sign } from "node:crypto";
import { mkdir, readdir, readFile, truncate, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "@jest/globals";
import type { MqttClient } from "mqtt";
import { containerImage } from "../../cli/edge/container-image";
import { CHUNK_BYTES, type ChunkRequest, encodeChunk } from "../../edge-image/agent/update/chunks";
import { compareVersions } from "../../policy/compare-versions";
import type { SignedUpdate, UpdateManifest } from "../../policy/edge-device";
import { shardOf } from "../../policy/shard";
import { json, openInbox } from "./inbox";
import { type Lab, openLab } from "./lab";
import type { Device } from "./run-edge-agent";

const key = generateKeyPairSync("ed25519");
const strange = generateKeyPairSync("ed25519");
const PUBLIC = key.publicKey.export({ type: "spki", format: "pem" }).toString();
const picture = randomBytes(3 * CHUNK_BYTES + 1000);

let lab: Lab;
let device: Device;
let master: MqttClient;
beforeAll(async () => {
  lab = await openLab();
});
beforeEach(async () => {
  device = await lab.device();
  await device.writeImage({ updateKeys: [PUBLIC] });
  master = await lab.client("master");
});
afterEach(() => lab.clean());
afterAll(() => lab.close());

const manifestOf = (changes: Partial<UpdateManifest> = {}): UpdateManifest => ({
  format: 1,
  site: "plant",
  deviceClass: "gateway-amd64",
  version: "1.1.0",
  sha256: createHash("sha256").update(picture).digest("hex"),
  size: picture.length,
  ...changes,
});
const signed = (changes: Partial<UpdateManifest> = {}, by = key): SignedUpdate => {
  const manifest = JSON.stringify(manifestOf(changes));
  return { manifest, signature: sign(null, Buffer.from(manifest), by.privateKey).toString("base64") };
};
const announce = (update: object, percent = 100): Promise<unknown> =>
  master.publishAsync("plant/line/gw-1/cmd/update", JSON.stringify({ ...update, percent }), { qos: 1, retain: true });

/** Answers what the device asks for, as whoever serves updates does. @returns the offsets that were asked for */
const serve = async (bytes: Buffer, most = Infinity): Promise<readonly number[]> => {
  const asked: number[] = [];
  master.on("message", (topic, payload) => {
    if (topic !== "plant/line/gw-1/event/agent/update") return;
    const { sha256, offset, length } = JSON.parse(payload.toString()) as ChunkRequest;
    asked.push(offset);
    if (asked.length > most) return;
    const piece = encodeChunk({ sha256, offset, bytes: bytes.subarray(offset, offset + length) });
    master.publish("plant/line/gw-1/cmd/update/chunk", piece, { qos: 1 });
  });
  await master.subscribeAsync("plant/line/gw-1/event/agent/update", { qos: 1 });
  return asked;
};
const spool = (): Promise<readonly string[]> => readdir(join(device.data, "update"));
const start = async () => {
  const agent = lab.start(device);
  await agent.said(/^connected:/);
  return agent;
};
afterEach(async () => {
  const client = await lab.client("master");
  await client.publishAsync("plant/line/gw-1/cmd/update", "", { qos: 1, retain: true });
});

test("a signed update for this device is fetched over its own connection, verified and handed over", async () => {
  const asked = await serve(picture);
  const agent = await start();
  await announce(signed());
  await agent.said(/^update: version 1.1.0 is verified and handed/);
  expect(await spool()).toEqual(["ready"]);
  expect((await readFile(join(device.data, "update/ready/image"))).equals(picture)).toBe(true);
  expect(asked).toEqual([0, CHUNK_BYTES, 2 * CHUNK_BYTES, 3 * CHUNK_BYTES]);
  const { stdout } = await verifyCommand(join(device.data, "update/ready"));
  expect(stdout).toBe("1.1.0\n");
});

test("a fetch goes on where it stopped, after kill -9", async () => {
  const asked = await serve(picture, 2);
  const inbox = await openInbox(await lab.client("operator"), "plant/line/gw-1/event/agent/update");
  const first = await start();
  await announce(signed());
  await inbox.got((message) => json(message)["offset"] === 2 * CHUNK_BYTES);
  await first.stop("SIGKILL");
  master = await lab.client("master");
  const more = await serve(picture);
  const second = lab.start(device);
  await second.said(/^update: version 1.1.0 is verified/);
  expect(more[0]).toBe(2 * CHUNK_BYTES);
  expect(asked[0]).toBe(0);
});

test.each([
  ["unsigned", () => ({ manifest: JSON.stringify(manifestOf()), signature: "" }), "not signed by a key"],
  ["signed by a stranger", () => signed({}, strange), "not signed by a key"],
  [
    "changed after it was signed",
    () => ({ ...signed(), manifest: JSON.stringify(manifestOf({ version: "9.0.0" })) }),
    "not signed by a key",
  ],
  ["older", () => signed({ version: "0.9.9" }), "is not newer than the running 1.0.0"],
  ["the one that runs", () => signed({ version: "1.0.0" }), "is not newer"],
  [
    "for another device class",
    () => signed({ deviceClass: "gateway-arm64" }),
    "'gateway-arm64', this is 'gateway-amd64'",
  ],
  ["for another site", () => signed({ site: "elsewhere" }), "for site 'elsewhere'"],
  ["larger than the disk", () => signed({ size: Number.MAX_SAFE_INTEGER }), "do not fit"],
  ["no manifest at all", () => ({ hello: 1 }), "must be a manifest"],
])("an update that is %s changes nothing, and the health topic says why", async (_, make, words) => {
  const inbox = await openInbox(await lab.client("operator"), "plant/line/gw-1/event/agent/health");
  await serve(picture);
  const agent = await start();
  await announce(make());
  expect(await agent.said(/refused/)).toContain(words);
  await inbox.got((message) => !message.retain && JSON.stringify(json(message)["faults"]).includes(words));
  expect(await spool()).toEqual([]);
});

test.each([
  ["cut off", picture.subarray(0, picture.length - 5), { size: picture.length - 5 }],
  ["changed on its way", Buffer.concat([picture.subarray(0, 77), Buffer.from([0]), picture.subarray(78)]), {}],
])("an image that was %s is not handed over", async (_, bytes, changes) => {
  await serve(bytes);
  const agent = await start();
  await announce(signed(changes));
  expect(await agent.said(/^update: the update was refused/)).toContain("has SHA-256");
  expect(await spool()).toEqual([]);
});

test("the container form refuses an update, fetches nothing, and its site reads why", async () => {
  const { updateKeys } = containerImage(lab.plant.site, "gateway-amd64", 1_750_000_000);
  await device.writeImage({ updateKeys });
  const health = await openInbox(await lab.client("operator"), "plant/line/gw-1/event/agent/health");
  const asked = await serve(picture);
  await start();
  await announce(signed());
  const report = await health.got((each) => !each.retain && JSON.stringify(json(each)).includes("runs as a container"));
  expect(JSON.stringify(json(report)["faults"])).toContain("give its host a newer image");
  expect([asked, await spool()]).toEqual([[], []]);
});

test("pieces that were not asked for are ignored", async () => {
  const asked = await serve(picture, 0);
  const inbox = await openInbox(master, "plant/line/gw-1/event/agent/update");
  const agent = await start();
  await announce(signed());
  await inbox.got((message) => json(message)["offset"] === 0);
  const { sha256 } = manifestOf();
  const pieces = [
    { sha256, offset: 5, bytes: Buffer.from("x") },
    { sha256: "ab".repeat(32), offset: 0, bytes: Buffer.from("x") },
    { sha256, offset: 0, bytes: Buffer.alloc(CHUNK_BYTES + 1) },
  ];
  for (const piece of pieces)
    await master.publishAsync("plant/line/gw-1/cmd/update/chunk", encodeChunk(piece), { qos: 1 });
  await master.publishAsync("plant/line/gw-1/cmd/update/chunk", "short", { qos: 1 });
  await master.publishAsync("plant/line/gw-1/cmd/other", "x", { qos: 1 });
  await agent.said(/cmd\/other: no application/);
  expect((await readFile(join(device.data, "update/incoming/image"))).length).toBe(0);
  expect(asked).toEqual([0]);
});

test("a percentage below the device's own share passes it by, one above reaches it", async () => {
  const share = shardOf("gw-1", 100);
  const asked = await serve(picture);
  const agent = await start();
  await announce(signed(), share);
  expect(await agent.said(/not for this device yet/)).toContain(`${share} % get it`);
  expect(asked).toEqual([]);
  await announce(signed(), share + 1);
  await agent.said(/handed to the installer/);
});

test("raising the percentage only ever adds devices, about as many as it says", () => {
  const names = Array.from({ length: 2_000 }, (_, i) => `gw-${i}`);
  const reached = (percent: number) => names.filter((name) => shardOf(name, 100) < percent);
  for (const percent of [1, 10, 50]) {
    expect(Math.abs(reached(percent).length / 20 - percent)).toBeLessThan(3);
    expect(reached(100)).toEqual(expect.arrayContaining(reached(percent)));
  }
  expect(reached(100)).toEqual(names);
  expect(reached(0)).toEqual([]);
});

const verifyCommand = (folder: string) =>
  promisify(execFile)(process.execPath, [lab.bundle, "verify-update", folder], {
    env: { DMZ_AGENT_IMAGE: join(device.folder, "image.json") },
  });

test("the installer's own check refuses what an agent under attack might hand over", async () => {
  const folder = join(device.folder, "handed-over");
  await mkdir(folder);
  await writeFile(join(folder, "image"), picture);
  await writeFile(join(folder, "update.json"), JSON.stringify(signed()));
  expect((await verifyCommand(folder)).stdout).toBe("1.1.0\n");
  await truncate(join(folder, "image"), picture.length - 1);
  await expect(verifyCommand(folder)).rejects.toThrow("the manifest says");
  await writeFile(join(folder, "update.json"), JSON.stringify(signed({}, strange)));
  await expect(verifyCommand(folder)).rejects.toThrow("not signed by a key");
  await writeFile(join(folder, "update.json"), "{");
  await expect(verifyCommand(folder)).rejects.toThrow("cannot be read");
});

test("the device says which slot runs and what became of its last update", async () => {
  await writeFile(join(device.data, "state/slot.json"), JSON.stringify({ slot: "b", state: "trying" }));
  const result = { version: "1.1.0", outcome: "fell-back", reason: "the agent did not connect" };
  await writeFile(join(device.data, "update/result.json"), JSON.stringify(result));
  const inbox = await openInbox(await lab.client("operator"), "plant/line/gw-1/event/agent/version");
  await start();
  expect(json(await inbox.got(({ retain }) => !retain))).toMatchObject({ slot: "b, being tried", lastUpdate: result });
});

test("what the slots' own service finds out after the agent has connected is said on the same connection", async () => {
  const result = { version: "1.1.0", outcome: "installed" };
  const path = join(device.data, "update/result.json");
  await writeFile(path, JSON.stringify(result));
  const inbox = await openInbox(await lab.client("operator"), "plant/line/gw-1/event/agent/version");
  const agent = lab.start(device, { DMZ_AGENT_HEARTBEAT_MS: "100" });
  await agent.said(/^connected:/);
  // Not what is retained of the device of the test before, which had fallen back.
  const told = (outcome: string) =>
    inbox.got((message) => !message.retain && JSON.stringify(json(message)["lastUpdate"] ?? "").includes(outcome));
  await told("installed");
  await writeFile(path, JSON.stringify({ ...result, outcome: "fell-back" }));
  await told("fell-back");
  expect(agent.lines.filter((line) => line.startsWith("connected:"))).toHaveLength(1);
});

test.each(["installed", "fell-back"])(
  "a version that was %s is not fetched again: it would end the same way",
  async (outcome) => {
    await writeFile(join(device.data, "update/result.json"), JSON.stringify({ version: "1.1.0", outcome }));
    const asked = await serve(picture);
    const agent = await start();
    await announce(signed());
    expect(await agent.said(/^update:/)).toContain("version 1.1.0 was installed already, and 1.0.0 runs");
    expect(asked).toEqual([]);
    await announce(signed({ version: "1.2.0" }));
    await agent.said(/version 1\.2\.0 is verified/);
  },
);

test("an older announcement that is said again does not undo what is fetched", async () => {
  await serve(picture, 1);
  const agent = await start();
  await announce(signed({ version: "1.2.0" }));
  await agent.said(/fetching version 1\.2\.0/);
  const other = createHash("sha256").update("other").digest("hex");
  await announce(signed({ version: "1.1.0", sha256: other, size: 5 }));
  await agent.said(/version 1\.1\.0 is older than the one that is fetched/);
  expect(agent.lines.filter((line) => line.includes("fetching"))).toHaveLength(1);
});

test.each([
  ["1.2.0", "1.10.0", -1],
  ["2", "1.9.9", 1],
  ["1.0", "1.0.0", 0],
])("version %s against %s", (a, b, sign_) => {
  expect(Math.sign(compareVersions(a, b))).toBe(sign_);
});
