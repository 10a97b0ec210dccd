import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { createHash, generateKeyPairSync, randomBytes, sign } from "node:crypto";
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { EdgeImage, UpdateManifest } from "../../../policy/edge-device";
import { BootPartition } from "../../../edge-image/slot/boot-partition";
import { grubEnvironment } from "../../../edge-image/slot/grub-environment";
import { installUpdate } from "../../../edge-image/slot/install-update";
import { BLOCK } from "../../../edge-image/slot/slot-image";
import { slotImageBytes } from "./slot-image-bytes";

const keys = generateKeyPairSync("ed25519");
const strangers = generateKeyPairSync("ed25519");
const image: EdgeImage = {
  version: 1,
  site: "plant",
  host: "mqtt.plant.example",
  deviceClass: "gateway",
  imageVersion: "1.9.0",
  builtAt: 1767225600,
  updateKeys: [keys.publicKey.export({ type: "spki", format: "pem" }).toString()],
};

const kernel = randomBytes(10_000);
const root = randomBytes(64 * BLOCK);
const slotImage = (): Buffer => slotImageBytes(kernel, root);

let folder: string;
let ready: string;
let slot: string;
let boot: BootPartition;
const before = Buffer.alloc(root.length + BLOCK, 7);

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "dmz-slot-"));
  ready = join(folder, "ready");
  slot = join(folder, "slot");
  for (const name of ["ready", "boot/EFI/Linux"]) mkdirSync(join(folder, name), { recursive: true });
  writeFileSync(slot, before);
  writeFileSync(join(folder, "boot/EFI/Linux/dmz_1.9.0.efi"), "what runs");
  writeFileSync(join(folder, "boot/EFI/Linux/dmz_1.8.0.efi"), "what ran before");
  boot = new BootPartition(join(folder, "boot"));
});
afterEach(() => rmSync(folder, { recursive: true }));

/** Puts an update down as the agent does, changed by `changes`. */
function put(changes: Partial<UpdateManifest> = {}, bytes = slotImage(), by = keys.privateKey): void {
  const manifest = JSON.stringify({
    format: 1,
    site: "plant",
    deviceClass: "gateway",
    version: "1.10.0",
    sha256: createHash("sha256").update(bytes).digest("hex"),
    size: bytes.length,
    ...changes,
  });
  const signature = sign(null, Buffer.from(manifest), by).toString("base64");
  writeFileSync(join(ready, "update.json"), JSON.stringify({ manifest, signature }));
  writeFileSync(join(ready, "image"), bytes);
}

const install = (): string => installUpdate({ image, ready, slot, boot });
const kernels = (): string[] => readdirSync(join(folder, "boot/EFI/Linux")).sort();

test("an update is in the idle slot, and its kernel is to be tried three times", () => {
  put();
  expect(install()).toBe("1.10.0");
  expect(readFileSync(slot).subarray(0, root.length).equals(root)).toBe(true);
  expect(kernels()).toEqual(["dmz_1.10.0+3.efi", "dmz_1.9.0.efi"]);
  expect(readFileSync(join(folder, "boot/EFI/Linux/dmz_1.10.0+3.efi")).equals(kernel)).toBe(true);
});

test("a version that failed before, and is installed again, has all its attempts", () => {
  mkdirSync(join(folder, "boot/grub"));
  const counts = join(folder, "boot/grub/grubenv");
  writeFileSync(counts, grubEnvironment({ dmz_trial: "1.10.0", dmz_left: "0" }));
  put();
  install();
  expect(boot.entries()).toContainEqual({ file: "dmz_1.10.0+3.efi", version: "1.10.0", triesLeft: 3 });
  expect(readFileSync(counts).equals(grubEnvironment({}))).toBe(true);
});

test("an update says its processor, or says nothing and means the one that most machines have", () => {
  put({ architecture: "x86_64" });
  expect(install()).toBe("1.10.0");
});

describe("nothing is different at the next start after an update", () => {
  const unchanged = (): void => {
    expect(readFileSync(slot).equals(before)).toBe(true);
    expect(kernels()).toEqual(["dmz_1.8.0.efi", "dmz_1.9.0.efi"]);
  };

  test.each([
    ["of another site", { site: "other" }, /for site 'other', this is 'plant'/],
    ["of another device class", { deviceClass: "camera" }, /'camera', this is 'gateway'/],
    ["for another processor", { architecture: "arm64" as const }, /for arm64 machines, this is x86_64/],
    ["that is older", { version: "1.8.9" }, /not newer than the running 1\.9\.0/],
    ["that is the same", { version: "1.9.0" }, /not newer than the running 1\.9\.0/],
    ["with a version that is a path", { version: "../../x" }, /numbers with dots/],
    ["of another format", { format: 2 as never }, /format is 2/],
    ["of another size", { size: 17 }, /must have 17 bytes/],
  ])("%s", (_, changes, rule) => {
    put(changes);
    expect(install).toThrow(rule);
    unchanged();
  });

  test("signed by somebody else", () => {
    put({}, slotImage(), strangers.privateKey);
    expect(install).toThrow(/not signed by a key/);
    unchanged();
  });

  test("cut off", () => {
    put();
    truncateSync(join(ready, "image"), BLOCK * 3);
    expect(install).toThrow(/bytes, got/);
    unchanged();
  });

  test("with other bytes than were signed", () => {
    const bytes = slotImage();
    put({}, bytes);
    bytes[bytes.length - 1]! ^= 1;
    writeFileSync(join(ready, "image"), bytes);
    expect(install).toThrow(/SHA-256 must be/);
    unchanged();
  });

  test("whose root does not fit into the slot", () => {
    put();
    truncateSync(slot, root.length - 1);
    expect(install).toThrow(/slot has fewer than/);
    expect(readFileSync(slot).equals(before.subarray(0, root.length - 1))).toBe(true);
    expect(kernels()).toEqual(["dmz_1.8.0.efi", "dmz_1.9.0.efi"]);
  });

  test("while the running version is on trial itself: what it would fall back to must stay", () => {
    renameSync(join(folder, "boot/EFI/Linux/dmz_1.9.0.efi"), join(folder, "boot/EFI/Linux/dmz_1.9.0+2-1.efi"));
    put();
    expect(install).toThrow(/1\.9\.0 is on trial/);
    expect(readFileSync(slot).equals(before)).toBe(true);
    expect(kernels()).toEqual(["dmz_1.8.0.efi", "dmz_1.9.0+2-1.efi"]);
  });

  test("whose files are links to something of the device's", () => {
    put();
    writeFileSync(join(folder, "secret"), slotImage());
    rmSync(join(ready, "image"));
    symlinkSync(join(folder, "secret"), join(ready, "image"));
    expect(install).toThrow(/ELOOP/);
    unchanged();
  });

  test("whose manifest is no JSON, or far too large", () => {
    writeFileSync(join(ready, "update.json"), "{");
    expect(install).toThrow(/must be JSON/);
    writeFileSync(join(ready, "update.json"), " ".repeat(17 * 1024));
    expect(install).toThrow(/below 16 KiB/);
    unchanged();
  });
});

test("bytes that were exchanged after they were verified are in the idle slot at most: no kernel starts them", () => {
  const bytes = slotImage();
  put({}, bytes);
  bytes[bytes.length - 1]! ^= 1;
  const remove = boot.remove.bind(boot);
  boot.remove = (file) => {
    remove(file);
    writeFileSync(join(ready, "image"), bytes);
  };
  expect(install).toThrow(/SHA-256/);
  expect(kernels()).toEqual(["dmz_1.9.0.efi"]);
});
