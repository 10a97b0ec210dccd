import { createHash, generateKeyPairSync, randomBytes, sign } from "node:crypto";
import { appendFile, copyFile, mkdtemp, open, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { attemptFile } from "../../../cli/edge/upload-snapshot";
import { runDmz } from "../run-dmz";
import { writeSite } from "../site-folder";
import { type FakeEbs, type FakeSnapshot, startFakeEbs } from "./fake-ebs";

const BLOCK = 512 * 1024;
/** 60 blocks and a bit; of which these hold something. */
const FILLED = [0, 1, 5, ...Array.from({ length: 30 }, (_, i) => 20 + i), 60];
const key = generateKeyPairSync("ec", { namedCurve: "P-256" });

let folder: string;
let image: string;
let ebs: FakeEbs;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "dmz-publish-"));
  ebs = await startFakeEbs();
  await writeSite(join(folder, "sites"), "plant");
  await writeFile(join(folder, "key.pub"), key.publicKey.export({ type: "spki", format: "pem" }));
  image = join(folder, "plant-gateway-1.2.0.raw");
  const file = await open(image, "w");
  for (const index of FILLED) await file.write(randomBytes(4096), 0, 4096, index * BLOCK + 8192);
  await file.truncate(60 * BLOCK + 16384);
  await file.close();
  await signed(image);
});
afterEach(async () => {
  await ebs.close();
  await rm(folder, { recursive: true });
});

const signed = async (file: string, by = key): Promise<void> => {
  const digest = createHash("sha256")
    .update(await readFile(file))
    .digest("hex");
  const line = `${digest}  ${file.split("/").at(-1)}\n`;
  await writeFile(`${file}.sha256`, line);
  await writeFile(`${file}.sha256.sig`, sign("sha256", Buffer.from(line), by.privateKey));
};
const publish = async (file = image, ...more: readonly string[]) => {
  const args = ["image", "edge", "publish", file, "plant", "--key", join(folder, "key.pub"), "--json", ...more];
  const env = {
    AWS_ENDPOINT_URL: ebs.url,
    AWS_ACCESS_KEY_ID: "test",
    AWS_SECRET_ACCESS_KEY: "test",
    AWS_EC2_METADATA_DISABLED: "true",
  };
  const { code, stdout } = await runDmz([...args, "--sites", join(folder, "sites")], { cwd: folder, env });
  const events = stdout.split("\n").map((line) => JSON.parse(line) as { event: string } & Record<string, unknown>);
  return { code, last: events.at(-1)! };
};
const content = async ({ blocks }: FakeSnapshot): Promise<Buffer> => {
  const whole = Buffer.alloc(Math.ceil((await stat(image)).size / BLOCK) * BLOCK);
  for (const [index, bytes] of blocks) bytes.copy(whole, index * BLOCK);
  return whole.subarray(0, (await stat(image)).size);
};

test("an image is a snapshot of the same bytes, without its empty blocks, and its id is what the site declares", async () => {
  const { code, last } = await publish();
  expect(last).toMatchObject({
    event: "published",
    deviceClass: "gateway",
    version: "1.2.0",
    architecture: "x86_64",
    snapshot: "snap-00000000000000000",
    published: expect.stringMatching(/^\d{4}-\d\d-\d\d$/),
    blocks: FILLED.length,
    status: "completed",
  });
  expect(code).toBe(0);
  const [snapshot] = [...ebs.snapshots.values()];
  expect([...snapshot!.blocks.keys()].sort((a, b) => a - b)).toEqual(FILLED);
  expect((await content(snapshot!)).equals(await readFile(image))).toBe(true);
  expect(snapshot!.start).toMatchObject({ VolumeSize: 1, Timeout: 60 });
  expect(snapshot!.start["Encrypted"]).toBeUndefined();
  expect(snapshot!.start["Tags"]).toEqual(
    expect.arrayContaining([
      { Key: "project", Value: "mqtt-dmz" },
      { Key: "site", Value: "plant" },
      { Key: "version", Value: "1.2.0" },
      { Key: "sha256", Value: last["sha256"] },
    ]),
  );
  expect(await readdir(folder)).not.toContain(attemptFile("plant-gateway-1.2.0.raw"));
});

const ARM = `edge: [{ name: "cam-1", role: telemetryDevice({ area: "line" }), deviceClass: "camera" }],
  deviceClasses: { camera: { architecture: "arm64" } },`;

test("one for arm64 is published as one, and what is printed is what the site takes", async () => {
  const file = join(folder, "plant-camera-1.2.0-arm64.raw");
  await copyFile(image, file);
  await signed(file);
  await writeSite(join(folder, "sites"), "plant", ARM);
  const { code, last } = await publish(file);
  expect({ code, ...last }).toMatchObject({ code: 0, deviceClass: "camera", version: "1.2.0", architecture: "arm64" });
  expect([...ebs.snapshots.values()][0]!.start["Tags"]).toEqual(
    expect.arrayContaining([{ Key: "architecture", Value: "arm64" }]),
  );
  const { deviceClass, version, architecture, snapshot, published } = last;
  const printed = JSON.stringify({ deviceClass, version, architecture, snapshot, published });
  await writeSite(join(folder, "sites"), "plant", `${ARM} edgeImages: { images: [${printed}] },`);
  // Read and validated before the image is looked at: with a fault in it this would end otherwise.
  expect(await publish(file)).toMatchObject({ code: 0 });
});

test("one that was cut off goes on where it stopped, into the same snapshot", async () => {
  ebs.refuse = (action, sent) => (action === "put" && sent >= 17 ? "AccessDeniedException" : undefined);
  const cut = await publish();
  expect(cut).toMatchObject({ code: 1, last: { event: "error" } });
  expect(cut.last["message"]).toContain("ebs:PutSnapshotBlock");
  const before = ebs.sent();
  ebs.refuse = () => undefined;
  const { code, last } = await publish();
  expect({ code, event: last.event }).toEqual({ code: 0, event: "published" });
  expect(ebs.snapshots.size).toBe(1);
  expect((await content([...ebs.snapshots.values()][0]!)).equals(await readFile(image))).toBe(true);
  // The 16 blocks of two whole batches are not sent again.
  expect(ebs.sent() - before).toBe(FILLED.length - 16);
});

test("one whose snapshot AWS has given up meanwhile begins anew", async () => {
  ebs.refuse = (action, sent) => (action === "put" && sent >= 17 ? "AccessDeniedException" : undefined);
  await publish();
  ebs.refuse = () => undefined;
  ebs.snapshots.clear();
  ebs.snapshots.set("snap-other", { start: {}, blocks: new Map(), status: "completed" });
  const { code, last } = await publish();
  expect({ code, snapshot: last["snapshot"] }).toEqual({ code: 0, snapshot: "snap-00000000000000001" });
  expect((await content(ebs.snapshots.get("snap-00000000000000001")!)).equals(await readFile(image))).toBe(true);
});

test("of another image nothing is continued", async () => {
  ebs.refuse = (action) => (action === "put" ? "AccessDeniedException" : undefined);
  await publish();
  ebs.refuse = () => undefined;
  const file = await open(image, "r+");
  await file.write(Buffer.from("changed"), 0, 7, 3 * BLOCK);
  await file.close();
  await signed(image);
  expect(await publish()).toMatchObject({ code: 0, last: { snapshot: "snap-00000000000000001" } });
});

test("the snapshot is encrypted with the key that is named", async () => {
  const arn = "arn:aws:kms:eu-central-1:123456789012:key/12345678-1234-1234-1234-123456789012";
  expect(await publish(image, "--encryption-key", arn)).toMatchObject({ code: 0 });
  expect([...ebs.snapshots.values()][0]!.start).toMatchObject({ Encrypted: true, KmsKeyArn: arn });
});

test.each([
  ["that was changed after it was signed", () => appendFile(image, "x").then(() => image), "is not what was signed"],
  [
    "that somebody else signed",
    () => signed(image, generateKeyPairSync("ec", { namedCurve: "P-256" })).then(() => image),
    "was not signed with",
  ],
  [
    "that holds a device's identity: it has no signature",
    async () => {
      const file = join(folder, "plant-gateway-1.2.1.raw");
      await copyFile(image, file);
      return file;
    },
    "cannot be read (ENOENT)",
  ],
  [
    "for a processor that its class does not have",
    async () => {
      await writeSite(join(folder, "sites"), "plant", ARM);
      return join(folder, "plant-camera-1.2.0.raw");
    },
    "those of class 'camera' are arm64",
  ],
  ["of another site", () => Promise.resolve(join(folder, "mill-gateway-1.2.0.raw")), "must be an image of site plant"],
])("nothing is asked of AWS for an image %s", async (_, make, words) => {
  const asked: string[] = [];
  ebs.refuse = (action) => {
    asked.push(action);
    return undefined;
  };
  const { code, last } = await publish(await make());
  expect(last["message"]).toContain(words);
  expect(code).not.toBe(0);
  expect(asked).toEqual([]);
});

test("a key of another account or region encrypts nothing", async () => {
  const arn = "arn:aws:kms:us-east-1:123456789012:key/12345678-1234-1234-1234-123456789012";
  expect(await publish(image, "--encryption-key", arn)).toMatchObject({ code: 2 });
  expect(ebs.snapshots.size).toBe(0);
});
