import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeAll, beforeEach, expect, test } from "@jest/globals";
import { readDeviceBundle } from "../../../cli/edge/read-device-bundle";
import { requireUsableBundle } from "../../../cli/edge/require-usable-bundle";
import type { EdgeImage } from "../../../policy/edge-device";
import { certify, SITE, strangeAuthority } from "../../broker/plant";
import { createEdgePlant, type EdgePlant } from "../../edge-agent/edge-plant";

const DAY = 86_400_000;
const image: EdgeImage = {
  version: 1,
  site: SITE,
  host: "localhost",
  deviceClass: "gateway",
  imageVersion: "1.0.0",
  builtAt: 1_750_000_000,
  updateKeys: [],
};

let plant: EdgePlant;
let folder: string;
let bundle: string;
beforeAll(async () => {
  plant = await createEdgePlant();
});
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "dmz-usable-"));
  bundle = join(folder, "gw-1");
  await plant.writeBundle("gw-1", bundle, { mqtt: 8883, https: 443 });
});
afterEach(() => rm(folder, { recursive: true }));

const check = async (now?: Date): Promise<void> =>
  requireUsableBundle(bundle, await readDeviceBundle(bundle), image, now);
const replace = async (made: { readonly certificate: string; readonly key: string }): Promise<void> => {
  await writeFile(join(bundle, "cert.pem"), made.certificate);
  await writeFile(join(bundle, "key.pem"), made.key);
};
const ago = (days: number): Date => new Date(Date.now() - days * DAY);

test("a bundle as it was enrolled is good, and is not once its certificate has run out", async () => {
  await check();
  await expect(check(ago(-10_000))).rejects.toThrow(/cert\.pem: no broker lets 'gw-1' in/);
});

test.each<[string, () => Promise<void>, RegExp]>([
  [
    "has expired",
    async () => replace(await certify(plant.authority, "gw-1", { notBefore: ago(20), notAfter: ago(10) })),
    /cert\.pem: .* it has expired \(valid from .*; enrol the device again: dmz enrol plant gw-1 --force$/,
  ],
  [
    "is another device's",
    async () => replace(await certify(plant.authority, "gw-2")),
    /cert\.pem: is the certificate of 'gw-2', but the bundle is for 'gw-1'/,
  ],
  [
    "is of another CA",
    async () => replace(await certify(await strangeAuthority(), "gw-1")),
    /cert\.pem: was not issued by a CA in ca\.pem/,
  ],
  [
    "is a server's",
    async () => replace(await certify(plant.authority, "gw-1", { usage: "serverAuth" })),
    /cert\.pem: .* it is not for client authentication/,
  ],
  [
    "has another key",
    async () => writeFile(join(bundle, "key.pem"), (await certify(plant.authority, "gw-1")).key),
    /key\.pem: is not the key of cert\.pem/,
  ],
  ["is none", () => writeFile(join(bundle, "cert.pem"), "the cert.pem"), /cert\.pem: must be a certificate in PEM/],
])("a bundle whose certificate %s is refused before it is on a device", async (_, spoil, words) => {
  await spoil();
  await expect(check()).rejects.toThrow(words);
});

test("what it says quotes neither key nor password", async () => {
  const password = await readFile(join(bundle, "password"), "utf8");
  await writeFile(join(bundle, "key.pem"), `no key ${password}`);
  await expect(check()).rejects.toThrow(expect.objectContaining({ message: expect.not.stringContaining(password) }));
});
