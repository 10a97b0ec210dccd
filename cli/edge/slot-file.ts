import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { open, readFile, stat, truncate } from "node:fs/promises";
import { pipeline } from "node:stream/promises";
import { slotHeader, slotLayout } from "../../edge-image/slot/slot-image";
import { writeInto } from "./make-disk";

/** Puts kernel and root into the one file that an update is. @returns its size in bytes and its SHA-256 */
export async function makeSlotImage(
  kernel: string,
  root: string,
  into: string,
): Promise<{ readonly size: number; readonly sha256: string }> {
  const parts = { kernel: (await stat(kernel)).size, root: (await stat(root)).size };
  const layout = slotLayout(parts);
  const file = await open(into, "w");
  try {
    await file.write(slotHeader(parts), 0, undefined, 0);
    await file.write(await readFile(kernel), 0, undefined, layout.kernel);
  } finally {
    await file.close();
  }
  await truncate(into, layout.size);
  await writeInto(into, root, layout.root);
  const hash = createHash("sha256");
  await pipeline(createReadStream(into), hash);
  return { size: layout.size, sha256: hash.digest("hex") };
}
