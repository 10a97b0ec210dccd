import { readdir } from "node:fs/promises";
import { CommandError } from "../command-error";
import { OciLayout } from "./oci-layout";

/** @throws CommandError if the folder holds anything but an earlier image, since a build replaces all of it */
export async function requireReplaceable(output: string): Promise<void> {
  const entries = await readdir(output).catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return [];
    throw error;
  });
  if (entries.length === 0 || (await new OciLayout(output).exists())) return;
  throw new CommandError(`${output}: holds something else than an image`, "name another folder with --output");
}
