import { createWriteStream } from "node:fs";
import { mkdir, rename, rm } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { exportStore } from "../../broker/src/persistence/export-store";
import { StoreFault } from "../../broker/src/persistence/store-fault";
import { CommandError } from "../command-error";
import { lookAtCopy } from "./look-at-copy";
import { requireFree } from "./require-free";
import { storeFolder } from "./store-folder";

export interface StoreExportOptions {
  readonly salvage?: boolean;
}

/** `dmz store export <folder> [file]`. Standard output is the export's: what is said goes to standard error. */
export async function storeExport(named: string, file: string | undefined, options: StoreExportOptions): Promise<void> {
  const { salvage = false } = options;
  const folder = await storeFolder(named);
  if (file) {
    await requireFree(file);
    await mkdir(dirname(resolve(file)), { recursive: true, mode: 0o700 });
  }
  let faults = 0;
  const onFault = (fault: string): void => {
    faults += 1;
    process.stderr.write(`dmz: left out or behind: ${fault}\n`);
  };
  await lookAtCopy(folder, async (copy) => {
    const lines = Readable.from(exportStore(copy, { salvage, onFault }));
    // `dmz store export ... | head`: the end of the pipe is the end of the work.
    if (!file) return pipeline(lines, process.stdout, { end: false });
    const aside = `${file}.part`;
    try {
      await pipeline(lines, createWriteStream(aside, { flags: "wx", mode: 0o600, flush: true }));
      await rename(aside, file);
    } catch (error) {
      await rm(aside, { force: true });
      throw error;
    }
  }).catch((error: unknown) => {
    // It names the copy, which is gone.
    if (error instanceof StoreFault)
      throw new CommandError(
        `${folder}: ${error.what}`,
        "'--salvage' exports what is well; what is damaged is lost then",
      );
    throw error;
  });
  if (faults > 0)
    throw new CommandError(`${folder}: exported with ${faults} faults`, "what was damaged is not in the export");
}
