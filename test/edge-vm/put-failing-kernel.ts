import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { kernelFile } from "../../edge-image/slot/boot-partition";
import { mtools } from "./mtools";

/**
 * Puts a newer version on trial on the disk's boot partition whose root is not what its kernel names: the slot is found by
 * its tree, and its blocks do not have the hash.
 * @param good version that is on the disk
 * @param version of the one on trial, as long as `good`
 * @param tries attempts that it has
 * @param folder for files in between
 */
export function putFailingKernel(disk: string, good: string, version: string, tries: number, folder: string): void {
  const kernel = join(folder, "kernel.efi");
  mtools(disk, "mcopy", "-n", "-o", `::/EFI/Linux/${kernelFile(good)}`, kernel);
  const bytes = readFileSync(kernel);
  const [hash] = /(?<=dmz\.roothash=)[0-9a-f]{64}/.exec(bytes.toString("latin1"))!;
  const other = hash.replace(/^./, (digit) => (digit === "0" ? "1" : "0"));
  // Twice: each loader has its own copy of the command line.
  for (let at = bytes.indexOf(hash); at !== -1; at = bytes.indexOf(hash, at)) bytes.write(other, at);
  bytes.write(`IMAGE_VERSION=${version}`, bytes.indexOf(`IMAGE_VERSION=${good}`));
  writeFileSync(kernel, bytes);
  mtools(disk, "mcopy", kernel, `::/EFI/Linux/${kernelFile(version, tries)}`);
}
