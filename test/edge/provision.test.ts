import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import {
  closeSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readFileSync,
  rmSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { provision } from "../../cli/edge/provision";
import { diskLayout } from "../../cli/edge/disk-layout";
import { EDGE_USER } from "../../policy/edge-device";
import { enrolTestSite } from "./enrol-test-site";
import { testImage } from "./test-image";
import { DEVICE } from "./test-site";

const folder = mkdtempSync(join(tmpdir(), "dmz-provision-"));
let bundle: string;
let image: string;

beforeAll(async () => {
  const built = await testImage();
  image = join(built.folder, built.files.disk);
  bundle = join((await enrolTestSite(join(folder, "site"))).clients, DEVICE);
  mkdirSync(join(bundle, "mosquitto"), { recursive: true });
  writeFileSync(join(bundle, "mosquitto/mosquitto_pub"), "-P secret");
});
afterAll(() => rmSync(folder, { recursive: true }));

/** debugfs on the data partition of a disk. */
const look = (disk: string, request: string): string => {
  const { start } = diskLayout(64).partitions.find(({ label }) => label === "dmz-data")!;
  return execFileSync("debugfs", ["-R", request, `${disk}?offset=${start}`], {
    encoding: "utf8",
    stdio: ["ignore", "pipe", "ignore"],
  });
};

test("a provisioned image holds the bundle, which the agent alone reads, in a file system without faults", async () => {
  const output = join(folder, "gw-press.raw");
  const built = createHash("sha256").update(readFileSync(image)).digest("hex");
  expect(await provision({ image, bundle, output })).toEqual({ device: "gw-press", site: "edgelab" });
  expect(createHash("sha256").update(readFileSync(image)).digest("hex")).toBe(built);
  // It holds the device's key and password, in a file of an operator's machine.
  expect(execFileSync("stat", ["-c", "%a", output], { encoding: "utf8" })).toBe("600\n");
  expect(look(output, "cat /identity/key.pem")).toBe(readFileSync(join(bundle, "key.pem"), "utf8"));
  expect(look(output, "stat /identity/key.pem")).toMatch(
    new RegExp(`Mode:\\s+0400[\\s\\S]*User:\\s+${EDGE_USER.uid}\\s+Group:\\s+${EDGE_USER.gid}`),
  );
  for (const path of ["identity", "queue", "state", "update"])
    expect(look(output, `stat /${path}`)).toMatch(new RegExp(`Mode:\\s+0700[\\s\\S]*User:\\s+${EDGE_USER.uid}`));
  expect(look(output, "ls /identity")).not.toContain("mosquitto");
  const { start, size } = diskLayout(64).partitions.find(({ label }) => label === "dmz-data")!;
  const data = join(folder, "data.img");
  writeFileSync(data, readFileSync(output).subarray(start, start + size));
  execFileSync("e2fsck", ["-f", "-n", data]);
});

test("an image that has a device is not given another one by mistake", async () => {
  const provisioned = join(folder, "gw-press.raw");
  const output = join(folder, "other.raw");
  await expect(provision({ image: provisioned, bundle, output })).rejects.toThrow(
    /has a device's identity already.*--force/,
  );
  await provision({ image: provisioned, bundle, output, force: true });
});

test.each([
  ["no bundle", (path: string) => rmSync(join(path, "mqtt.json")), /no enrolment bundle, it has no mqtt\.json/],
  ["half a bundle", (path: string) => rmSync(join(path, "key.pem")), /has no key\.pem/],
  ["a bundle that is garbage", (path: string) => writeFileSync(join(path, "mqtt.json"), "{"), /mqtt\.json is no JSON/],
  [
    "the bundle of somebody who is no device",
    (path: string) => writeFileSync(join(path, "mqtt.json"), JSON.stringify({ clientId: "scada", kind: "enterprise" })),
    /'scada' is no edge device/,
  ],
  // The rest of what the device itself would refuse: test/cli/edge/require-usable-bundle.test.ts.
  [
    "a bundle with another key",
    (path: string) => writeFileSync(join(path, "key.pem"), "none"),
    /key\.pem: is not the key of cert\.pem/,
  ],
])("%s is refused, and nothing is written", async (name, spoil, message) => {
  const spoilt = join(folder, name.replaceAll(" ", "-"));
  cpSync(bundle, spoilt, { recursive: true });
  spoil(spoilt);
  const output = join(folder, "never.raw");
  await expect(provision({ image, bundle: spoilt, output })).rejects.toThrow(message);
  expect(() => readFileSync(output)).toThrow(/ENOENT/);
});

test.each([
  [
    "site",
    "plant-b",
    /mqtt\.json: 'site' must be 'edgelab', .*got 'plant-b'; name an image of site 'plant-b', or a bundle/,
  ],
  [
    "host",
    "mqtt.elsewhere.example",
    /'host' must be 'mqtt\.edge\.example', .*got 'mqtt\.elsewhere\.example'; enrol .* or build/,
  ],
  ["clientId", "gw-later", /'clientId' must be a device that site 'edgelab' declared .*got 'gw-later'; declare it/],
])(
  "a bundle of another %s than the image was built for is refused, and nothing is written",
  async (part, value, message) => {
    const other = join(folder, `other-${part}`);
    cpSync(bundle, other, { recursive: true });
    const path = join(other, "mqtt.json");
    writeFileSync(path, JSON.stringify({ ...JSON.parse(readFileSync(path, "utf8")), [part]: value }));
    const output = join(folder, "never.raw");
    await expect(provision({ image, bundle: other, output })).rejects.toThrow(message);
    expect(() => readFileSync(output)).toThrow(/ENOENT/);
  },
);

test("an image whose slot holds no root of ours is refused", async () => {
  const spoilt = join(folder, "spoilt.raw");
  cpSync(image, spoilt);
  const { start } = diskLayout(64).partitions.find(({ label }) => label === "dmz-slot-a")!;
  const file = openSync(spoilt, "r+");
  writeSync(file, Buffer.alloc(4096), 0, 4096, start);
  closeSync(file);
  await expect(provision({ image: spoilt, bundle, output: join(folder, "never.raw") })).rejects.toThrow(
    /spoilt\.raw: slot 'dmz-slot-a' must hold a root with usr\/lib\/dmz-agent\/image\.json: .*; name the \.raw file/s,
  );
});

test("a file that is no disk image of ours is refused", async () => {
  const other = join(folder, "other.iso");
  writeFileSync(other, Buffer.alloc(4096));
  await expect(provision({ image: other, bundle, output: join(folder, "never.raw") })).rejects.toThrow(
    /no disk image of ours/,
  );
});
