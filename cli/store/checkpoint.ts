import { mkdir } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import { takeCheckpoint } from "../../broker/src/store/take-checkpoint";
import { CommandError } from "../command-error";
import { createOutput } from "../output";
import { requireFree } from "./require-free";
import { storeFolder } from "./store-folder";

export interface StoreCheckpointOptions {
  readonly json?: boolean;
}

/** `dmz store checkpoint <folder> <target>`. */
export async function storeCheckpoint(named: string, target: string, options: StoreCheckpointOptions): Promise<void> {
  const output = createOutput(options.json ?? false);
  const folder = await storeFolder(named);
  const to = resolve(target);
  await requireFree(to);
  await mkdir(dirname(to), { recursive: true, mode: 0o700 });
  await takeCheckpoint(folder, to).catch((error: NodeJS.ErrnoException) => {
    if (error.code === "EXDEV")
      throw new CommandError(
        `${target}: is on another file system`,
        "choose a target on the store's own, and copy it then",
      );
    throw error;
  });
  output.event("checkpoint", { from: folder, to });
  output.text(`Checkpoint of ${folder} in ${to}`);
}
