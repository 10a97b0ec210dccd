import { existsSync } from "node:fs";
import { readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { BadInput } from "../../proof/facts/bad-input";
import { requireAlone } from "./require-alone";

/** A plan of a thousand resources takes a few megabytes; what is larger than this would fill the memory. */
const MOST_BYTES = 256 * 1024 * 1024;

/**
 * Reads a text file that a user named.
 * @param inFolder the synthesized stack to look for when a folder is named. @default a folder is refused
 * @throws BadInput with what to do
 */
export async function readInput(path: string, inFolder?: string): Promise<string> {
  const found = await stat(path).catch(() => undefined);
  if (!found)
    throw new BadInput(
      path,
      `must be ${inFolder === undefined ? "a file" : "a file or a folder"}, and there is none: name one that is there`,
    );
  if (found.isDirectory()) {
    if (inFolder === undefined) throw new BadInput(path, "must be a file, got a folder: name a file in it");
    const file = join(path, inFolder);
    if (!existsSync(file))
      throw new BadInput(
        path,
        `must be a synthesized stack's folder, and has no ${inFolder}: write it with 'npx tsx main.ts', which makes cdktf.out/stacks/<site>`,
      );
    const text = await readInput(file);
    await requireAlone(file);
    return text;
  }
  if (found.size > MOST_BYTES)
    throw new BadInput(path, `must not be larger than ${MOST_BYTES >> 20} MiB, got ${found.size >> 20} MiB`);
  return readFile(path, "utf8");
}
