import { afterEach, expect, jest, test } from "@jest/globals";
import { createHash, generateKeyPairSync, randomBytes, sign } from "node:crypto";
import fs, { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { BootPartition, parseKernelFile } from "../../../edge-image/slot/boot-partition";
import { installUpdate } from "../../../edge-image/slot/install-update";
import { BLOCK } from "../../../edge-image/slot/slot-image";
import { slotImageBytes } from "./slot-image-bytes";
import type { EdgeImage } from "../../../policy/edge-device";

const keys = generateKeyPairSync("ed25519");
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
/** More than the installer writes at once: it can be cut off between two writes, too. */
const root = randomBytes(600 * BLOCK);

/** A device that runs 1.9.0, has 1.8.0 in the other slot, and has an update to 1.10.0 put down. */
function device() {
  const folder = mkdtempSync(join(tmpdir(), "dmz-cut-"));
  const [ready, slot, kernels] = [join(folder, "ready"), join(folder, "slot"), join(folder, "boot/EFI/Linux")];
  for (const path of [ready, kernels]) mkdirSync(path, { recursive: true });
  writeFileSync(slot, Buffer.alloc(root.length, 7));
  writeFileSync(join(kernels, "dmz_1.9.0.efi"), "what runs");
  writeFileSync(join(kernels, "dmz_1.8.0.efi"), "what ran before");
  const bytes = slotImageBytes(kernel, root);
  const sha256 = createHash("sha256").update(bytes).digest("hex");
  const { site, deviceClass } = image;
  const manifest = JSON.stringify({ format: 1, site, deviceClass, version: "1.10.0", sha256, size: bytes.length });
  const signature = sign(null, Buffer.from(manifest), keys.privateKey).toString("base64");
  writeFileSync(join(ready, "update.json"), JSON.stringify({ manifest, signature }));
  writeFileSync(join(ready, "image"), bytes);
  const install = (): string => installUpdate({ image, ready, slot, boot: new BootPartition(join(folder, "boot")) });
  return { folder, slot, kernels, install };
}

/** Cuts the power before the `nth` change to a disk; of a write, half of it is there. @returns whether it came to that */
function cutAt(nth: number, run: () => unknown): boolean {
  const cut = new Error("the power was cut");
  let changes = 0;
  const { writeSync, renameSync, rmSync: remove, fsyncSync } = fs;
  const due = (): boolean => ++changes === nth;
  jest.spyOn(fs, "writeSync").mockImplementation(((
    file: number,
    bytes: Buffer,
    at = 0,
    length?: number,
    to?: number,
  ) => {
    const whole = length ?? bytes.length - (at ?? 0);
    if (!due()) return writeSync(file, bytes, at, whole, to);
    writeSync(file, bytes, at, Math.floor(whole / 2), to);
    throw cut;
  }) as typeof writeSync);
  const before =
    <Args extends unknown[]>(change: (...args: Args) => void) =>
    (...args: Args): void => {
      if (due()) throw cut;
      change(...args);
    };
  jest.spyOn(fs, "renameSync").mockImplementation(before(renameSync));
  jest.spyOn(fs, "rmSync").mockImplementation(before(remove));
  jest.spyOn(fs, "fsyncSync").mockImplementation(before(fsyncSync));
  try {
    run();
    return false;
  } catch (error) {
    if (error !== cut) throw error;
    return true;
  } finally {
    jest.restoreAllMocks();
  }
}

afterEach(() => void jest.restoreAllMocks());

test("wherever the power is cut while an update is installed, what ran starts, the new version only if it is whole, and the next attempt installs it", () => {
  const left = new Set<string>();
  let nth = 0;
  for (let wasCut = true; wasCut;) {
    const { folder, slot, kernels, install } = device();
    try {
      wasCut = cutAt(++nth, install);
      // What a loader sees; it looks at no other name.
      const started = readdirSync(kernels).filter((file) => parseKernelFile(file));
      left.add(started.sort().join(" "));
      expect(readFileSync(join(kernels, "dmz_1.9.0.efi"), "utf8")).toBe("what runs");
      if (started.includes("dmz_1.10.0+3.efi")) {
        expect(readFileSync(join(kernels, "dmz_1.10.0+3.efi")).equals(kernel)).toBe(true);
        expect(readFileSync(slot).equals(root)).toBe(true);
      }
      // The slot of 1.8.0 is written over only once nothing starts it.
      if (started.includes("dmz_1.8.0.efi")) expect(readFileSync(slot).every((byte) => byte === 7)).toBe(true);
      expect(install()).toBe("1.10.0");
      expect(readdirSync(kernels).sort()).toEqual(["dmz_1.10.0+3.efi", "dmz_1.9.0.efi"]);
      expect(readFileSync(slot).equals(root)).toBe(true);
    } finally {
      rmSync(folder, { recursive: true });
    }
  }
  process.stdout.write(`power cut at ${nth - 1} places of an installation\n`);
  expect(nth).toBeGreaterThan(8);
  expect([...left].sort()).toEqual(["dmz_1.10.0+3.efi dmz_1.9.0.efi", "dmz_1.8.0.efi dmz_1.9.0.efi", "dmz_1.9.0.efi"]);
});
