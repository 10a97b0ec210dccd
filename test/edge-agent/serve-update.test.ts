import { createHash, generateKeyPairSync, randomBytes, sign } from "node:crypto";
import { appendFile, mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "@jest/globals";
import { type ReadUpdate, readUpdate } from "../../cli/edge/read-update";
import { serveUpdate, type UpdateEvent } from "../../cli/edge/serve-update";
import { type UpdateDevice, updateDevices } from "../../cli/edge/update-devices";
import { updateTopics } from "../../cli/edge/update-topics";
import { CHUNK_BYTES } from "../../edge-image/agent/update/chunks";
import { takeUpdate } from "../../edge-image/slot/take-update";
import { writeWhole } from "../../edge-image/slot/write-whole";
import { UpdateRefused } from "../../edge-image/update/update-refused";
import type { EdgeImage, SignedUpdate, UpdateManifest } from "../../policy/edge-device";
import { shardOf } from "../../policy/shard";
import { SITE } from "../broker/plant";
import { runDmz, startDmz } from "../cli/run-dmz";
import { edgeSite } from "./edge-plant";
import { openInbox } from "./inbox";
import { type Lab, openLab } from "./lab";
import type { Device } from "./run-edge-agent";

const key = generateKeyPairSync("ed25519");
const strange = generateKeyPairSync("ed25519");
const pem = (of: typeof key): string => of.publicKey.export({ type: "spki", format: "pem" }).toString();
const picture = randomBytes(11 * CHUNK_BYTES + 1000);

let lab: Lab;
let folder: string;
let bundle: string;
beforeAll(async () => {
  lab = await openLab();
});
afterAll(() => lab.close());
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "dmz-serve-"));
  bundle = join(folder, "updates");
  await lab.plant.writeBundle("updates", bundle, lab.broker.ports);
  await writeFile(join(folder, "update.pub"), pem(key));
  await writeFile(
    join(folder, `${SITE}.ts`),
    `import { edgeSite } from ${JSON.stringify(join(__dirname, "edge-plant"))};\nexport default edgeSite();\n`,
  );
});
afterEach(async () => {
  await lab.clean();
  await rm(folder, { recursive: true });
});

const put = async (changes: Partial<UpdateManifest> = {}, by = key, image = picture): Promise<string> => {
  const file = join(folder, "plant-gateway-1.1.0.update");
  const manifest = JSON.stringify({
    format: 1,
    site: SITE,
    deviceClass: "gateway",
    version: "1.1.0",
    sha256: createHash("sha256").update(image).digest("hex"),
    size: image.length,
    ...changes,
  });
  const signature = sign(null, Buffer.from(manifest), by.privateKey).toString("base64");
  await writeFile(file, image);
  await writeFile(`${file}.json`, JSON.stringify({ manifest, signature } satisfies SignedUpdate));
  return file;
};
const readPut = async (file: string): Promise<ReadUpdate> => {
  const signed = JSON.parse(await readFile(`${file}.json`, "utf8")) as SignedUpdate;
  return { signed, manifest: JSON.parse(signed.manifest) as UpdateManifest, file };
};
/** What a device says to an update that somebody else signed. */
const REFUSED = "not signed by a key that this image trusts";
const boot = async (name: string, imageVersion = "1.0.0", device?: Device, image: Partial<EdgeImage> = {}) => {
  const on = device ?? (await lab.device(name));
  await on.writeImage({ updateKeys: [pem(key)], deviceClass: "gateway", imageVersion, ...image });
  const agent = lab.start(on, { DMZ_AGENT_HEARTBEAT_MS: "200" });
  await agent.said(/^connected:/);
  return { device: on, agent };
};
const spool = (device: Device): Promise<readonly string[]> => readdir(join(device.data, "update"));
const options = () => ["--as", bundle, "--key", join(folder, "update.pub"), "--sites", folder, "--json"];

/** Serves with the updater's own identity, in this process. */
const serve = async (update: ReadUpdate, percent = 100, devices?: readonly UpdateDevice[], patienceMs?: number) => {
  const events: UpdateEvent[] = [];
  const watchers = new Set<() => void>();
  const stop = new AbortController();
  const client = await lab.client("updates");
  const served = serveUpdate(
    {
      client,
      devices: devices ?? updateDevices(edgeSite(), "gateway", percent),
      update,
      percent,
      patienceMs,
      onEvent: (event) => {
        events.push(event);
        for (const look of watchers) look();
      },
    },
    stop.signal,
  );
  return {
    events,
    client,
    happened: (event: string, device: string): Promise<UpdateEvent> =>
      new Promise((resolve) => {
        const look = (): void => {
          const found = events.find((each) => each.event === event && each.device === device);
          if (found) resolve(found);
        };
        watchers.add(look);
        look();
      }),
    end: () => {
      stop.abort();
      return served;
    },
    served,
  };
};

test("one command brings an update to a device, which then says that it runs it", async () => {
  const file = await put();
  const first = await boot("gw-1");
  const command = startDmz(["image", "edge", "serve", SITE, file, "--percent", "100", ...options()], { cwd: folder });
  expect(await command.event("serving")).toMatchObject({ version: "1.1.0", devices: 4 });
  await command.event("fetched");
  await first.agent.said(/^update: version 1.1.0 is verified and handed/);
  expect((await readFile(join(first.device.data, "update/ready/image"))).equals(picture)).toBe(true);
  // As after the restart from the other slot.
  await first.agent.stop();
  await boot("gw-1", "1.1.0", first.device);
  expect(await command.event("running")).toMatchObject({ device: "gw-1" });
  const { code, stderr } = await command.end("SIGINT");
  expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
  const told = command.events.filter(({ event }) => event === "announced");
  expect(told.map(({ device }) => device)).toEqual(["gw-1"]);
});

test("a Sparkplug node that is connected already is asked for its version, told, and served", async () => {
  const { device, agent } = await boot("node-1");
  const server = await serve(await readPut(await put()));
  await agent.said(/^update: version 1.1.0 is verified and handed/);
  expect((await readFile(join(device.data, "update/ready/image"))).equals(picture)).toBe(true);
  await server.end();
});

test("a device that connects later is told then; the work is done when all that were told run it", async () => {
  const only = updateDevices(edgeSite(), "gateway", 100).filter(({ name }) => name === "gw-2");
  const server = await serve(await readPut(await put()), 100, only);
  const { device, agent } = await boot("gw-2");
  await agent.said(/handed to the installer/);
  await agent.stop();
  await boot("gw-2", "1.1.0", device);
  await server.served;
  expect(server.events.at(-1)).toEqual({ event: "running", device: "gw-2" });
});

test("a percentage tells the devices below it alone, and more of them when it grows", async () => {
  const [low, high] = ["gw-1", "gw-2"].sort((a, b) => shardOf(a, 100) - shardOf(b, 100)) as [string, string];
  const between = shardOf(high, 100);
  const update = await readPut(await put());
  const [one, other] = [await boot(low), await boot(high)];
  const server = await serve(update, between);
  await one.agent.said(/handed to the installer/);
  await server.end();
  expect(server.events.filter(({ device }) => device === high)).toEqual([]);
  expect(await spool(other.device)).toEqual([]);
  const wider = await serve(update, between + 1);
  await other.agent.said(/handed to the installer/);
  await wider.end();
});

describe("an update that the server should not have sent changes nothing on a device:", () => {
  test.each([
    { title: "unsigned", changes: {}, by: strange, words: "not signed by a key" },
    { title: "older", changes: { version: "0.9.0" }, by: key, words: "is not newer" },
    { title: "for another device class", changes: { deviceClass: "camera" }, by: key, words: "'camera', this is" },
  ])("$title", async ({ changes, by, words }) => {
    const { device, agent } = await boot("gw-1");
    const { signed } = await readPut(await put(changes, by));
    const [target] = updateDevices(edgeSite(), "gateway", 100);
    const { topic, payload } = updateTopics(target!).announce({ ...signed, percent: 100 });
    await (await lab.client("updates")).publishAsync(topic, payload, { qos: 1 });
    expect(await agent.said(/refused/)).toContain(words);
    expect(await spool(device)).toEqual([]);
  });

  test("cut off", async () => {
    const cut = picture.subarray(0, picture.length - 5);
    const { device, agent } = await boot("gw-1");
    // Signed as a whole, served without its end.
    const server = await serve(await readPut(await put({ sha256: "ab".repeat(32), size: cut.length }, key, cut)));
    expect(await agent.said(/^update: the update was refused/)).toContain("has SHA-256");
    expect(await spool(device)).toEqual([]);
    await server.end();
  });
});

test("a device that fell back from a version is not told of it again, and the reason is shown", async () => {
  const device = await lab.device("gw-1");
  const result = { version: "1.1.0", outcome: "fell-back", reason: "the agent did not connect" };
  await writeFile(join(device.data, "update/result.json"), JSON.stringify(result));
  const only = updateDevices(edgeSite(), "gateway", 100).filter(({ name }) => name === "gw-1");
  const versions = await openInbox(await lab.client("operator"), "plant/line/gw-1/event/agent/version");
  await boot("gw-1", "1.0.0", device);
  await versions.got(({ payload, retain }) => !retain && payload.toString().includes("fell-back"));
  const server = await serve(await readPut(await put()), 100, only);
  expect(await server.served).toEqual(["gw-1"]);
  expect(server.events).toEqual([{ event: "failed", device: "gw-1", reason: "the agent did not connect" }]);
});

describe("a device that refuses the version is given up with its reason, and the others are served", () => {
  test.each(["gw-1", "node-1"])("%s", async (name) => {
    const refusing = await lab.device(name);
    const { agent } = await boot(name, "1.0.0", refusing, { updateKeys: [pem(strange)] });
    const other = await boot("gw-2");
    const only = updateDevices(edgeSite(), "gateway", 100).filter((each) => [name, "gw-2"].includes(each.name));
    const server = await serve(await readPut(await put()), 100, only);
    expect(await server.happened("failed", name)).toMatchObject({ reason: expect.stringContaining(REFUSED) });
    await other.agent.said(/handed to the installer/);
    await server.end();

    // Whoever serves it again does not take the old word for an answer to the new announcement.
    const again = await serve(await readPut(await put()), 100, only);
    const { event } = await Promise.race([again.happened("announced", name), again.happened("failed", name)]);
    expect(event).toBe("announced");
    await again.happened("failed", name);
    await again.end();

    // With an image that trusts the key it is not held against it any more.
    await agent.stop();
    await boot(name, "1.0.0", refusing);
    const last = await serve(await readPut(await put()), 100, only);
    await last.happened("fetched", name);
    await last.end();
    expect(last.events.filter((each) => each.event === "failed")).toEqual([]);
  });

  test.each(["gw-1", "node-1"])("%s, whose installer refuses what the agent took", async (name) => {
    const device = await lab.device(name);
    const { agent } = await boot(name, "1.0.0", device);
    const only = updateDevices(edgeSite(), "gateway", 100).filter((each) => each.name === name);
    // As the root-side service does once the agent has put the update down.
    const install = (): void =>
      takeUpdate({
        ready: join(device.data, "update/ready"),
        install: () => {
          throw new UpdateRefused("the slot is too small");
        },
        result: (result) => writeWhole(join(device.data, "update/result.json"), JSON.stringify(result), 0),
        say: () => undefined,
        restart: () => undefined,
      });
    for (let round = 0; round < 2; round++) {
      const before = agent.lines.length;
      const server = await serve(await readPut(await put()), 100, only);
      await agent.said(/handed to the installer/, before);
      expect(server.events.filter(({ event }) => event === "failed")).toEqual([]);
      install();
      expect(await server.served).toEqual([name]);
      expect(server.events.at(-1)).toEqual({ event: "failed", device: name, reason: "the slot is too small" });
    }
  });

  test("gw-1, whose disk does not take its pieces", async () => {
    const update = await readPut(await put());
    const device = await lab.device("gw-1");
    const incoming = join(device.data, "update/incoming");
    await mkdir(incoming);
    await writeFile(join(incoming, "update.json"), JSON.stringify(update.signed));
    await symlink("/dev/full", join(incoming, "image"));
    await boot("gw-1", "1.0.0", device);
    const only = updateDevices(edgeSite(), "gateway", 100).filter((each) => each.name === "gw-1");
    const server = await serve(update, 100, only);
    expect(await server.served).toEqual(["gw-1"]);
    expect(server.events.at(-1)).toMatchObject({ event: "failed", reason: expect.stringContaining("ENOSPC") });
  });

  test("of which nothing can be read but that it is none", async () => {
    const { agent } = await boot("gw-1");
    const versions = await openInbox(await lab.client("operator"), "plant/line/gw-1/event/agent/version");
    const signed = { manifest: "{", signature: "", percent: 100 };
    await (await lab.client("updates")).publishAsync("plant/line/gw-1/cmd/update", JSON.stringify(signed), { qos: 1 });
    await agent.said(/refused/);
    const said = await versions.got(({ retain, payload }) => !retain && payload.includes("refused"));
    expect(JSON.parse(said.payload.toString())).toMatchObject({
      lastUpdate: { version: "unknown", outcome: "refused", reason: expect.stringContaining(REFUSED) },
    });
  });
});

/** What a device says of itself when it connects, in the hands of a test. */
const speaker = async () => {
  const client = await lab.impersonate("gw-1");
  const version = JSON.stringify({ image: "1.0.0", deviceClass: "gateway" });
  return {
    connects: () => client.publishAsync("plant/line/gw-1/event/agent/version", version, { qos: 1, retain: true }),
    asks: (wanted: object) =>
      client.publishAsync("plant/line/gw-1/event/agent/update", JSON.stringify(wanted), { qos: 1 }),
  };
};

test("a device that was told five times without effect is given up, and the command says so and fails", async () => {
  const file = await put();
  // A site without the others, for whom the command would wait.
  await writeFile(
    join(folder, `${SITE}.ts`),
    `import { edgeSite } from ${JSON.stringify(join(__dirname, "edge-plant"))};\nexport default edgeSite(["gw-1"]);\n`,
  );
  const device = await speaker();
  await device.connects();
  const command = startDmz(["image", "edge", "serve", SITE, file, "--percent", "100", ...options()], { cwd: folder });
  await command.event("announced");
  for (let n = 0; n < 5; n++) await device.connects();
  expect(await command.event("failed")).toMatchObject({
    device: "gw-1",
    reason: "it was told 5 times without effect",
  });
  const { code } = await command.end();
  expect(code).toBe(1);
  expect(command.events.filter(({ event }) => event === "announced")).toHaveLength(5);
  expect(command.events.at(-1)).toMatchObject({
    event: "error",
    message: expect.stringContaining("gw-1 did not take it"),
  });
});

test("one that stays silent after the fifth time is given up, too; one that gets further each time is not", async () => {
  const update = await readPut(await put());
  const only = updateDevices(edgeSite(), "gateway", 100).filter(({ name }) => name === "gw-1");
  const device = await speaker();
  const server = await serve(update, 100, only, 300);
  const { sha256 } = update.manifest;
  for (let n = 0; n < 10; n++) {
    await device.connects();
    await device.asks({ sha256, offset: n * CHUNK_BYTES, length: CHUNK_BYTES });
  }
  expect(server.events.filter(({ event }) => event === "failed")).toEqual([]);
  // From here on it only asks for what it had.
  for (let n = 0; n < 5; n++) {
    await device.asks({ sha256, offset: 0, length: CHUNK_BYTES });
    await device.connects();
  }
  expect(await server.served).toEqual(["gw-1"]);
});

test("what a device says wrong is no request: nothing is sent, and the others are served", async () => {
  const update = await readPut(await put());
  const server = await serve(update);
  // The device's own credential, in a stranger's hands.
  const stolen = await lab.impersonate("gw-1");
  const chunks = await openInbox(stolen, "plant/line/gw-1/cmd/#");
  const isPiece = (topic: string): boolean => topic.endsWith("/chunk");
  const { agent } = await boot("gw-2");
  const { sha256, size } = update.manifest;
  const questions = [
    "{",
    "null",
    JSON.stringify({ sha256, offset: -1, length: 1 }),
    JSON.stringify({ sha256, offset: 0, length: size }),
    JSON.stringify({ sha256, offset: size, length: 1 }),
    JSON.stringify({ sha256, offset: "0", length: 1 }),
    JSON.stringify({ sha256: "../../etc/passwd", offset: 0, length: 1 }),
  ];
  for (const question of questions)
    await stolen.publishAsync("plant/line/gw-1/event/agent/update", question, { qos: 1 });
  await stolen.publishAsync("plant/line/gw-1/event/agent/update", JSON.stringify({ sha256, offset: 7, length: 9 }), {
    qos: 1,
  });
  const answer = await chunks.got(({ topic, payload }) => isPiece(topic) && payload.length === 38 + 9);
  expect(answer.payload.subarray(38)).toEqual(picture.subarray(7, 16));
  await agent.said(/handed to the installer/);
  // It is announced to gw-1, too, whose version is retained from an earlier test: that is no piece.
  expect(chunks.messages.filter(({ topic }) => isPiece(topic))).toEqual([answer]);
  await server.end();
});

test.each([
  ["that somebody else signed", () => put({}, strange), 1, "was not signed with"],
  ["for another site", () => put({ site: "mill" }), 1, "is for site 'mill', this is 'plant'"],
  [
    "whose image was changed",
    async () => {
      const file = await put();
      await appendFile(file, "x");
      return file;
    },
    1,
    "is not what was signed",
  ],
  [
    "for a class that no device of the site is of",
    () => put({ deviceClass: "camera" }),
    2,
    "no edge device is of class 'camera'",
  ],
  ["for another processor than its class has", () => put({ architecture: "arm64" }), 1, "is for arm64 machines"],
  ["that is not there", () => Promise.resolve(join(folder, "none.update")), 1, "cannot be read"],
])("the command announces nothing %s", async (_, make, code, words) => {
  const file = await make();
  const result = await runDmz(["image", "edge", "serve", SITE, file, "--percent", "5", ...options()], { cwd: folder });
  expect(result).toMatchObject({ code, stdout: expect.stringContaining(words) });
});

test("the command takes no percentage but 0 to 100", async () => {
  const file = await put();
  const result = await runDmz(["image", "edge", "serve", SITE, file, "--percent", "101", ...options()], {
    cwd: folder,
  });
  expect(result).toMatchObject({ code: 2, stdout: expect.stringContaining("must be a whole number from 0 to 100") });
});

test("the private key serves for verifying, too: on the machine that built the update", async () => {
  const file = await put();
  const path = join(folder, "update.key");
  await writeFile(path, key.privateKey.export({ type: "pkcs8", format: "pem" }));
  expect((await readUpdate(file, path)).manifest.version).toBe("1.1.0");
});
