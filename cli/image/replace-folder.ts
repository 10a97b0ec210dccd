import { rename, rm } from "node:fs/promises";

/** Puts what was built aside, and is whole, in the place of what was there. Both are on one file system. */
export async function replaceFolder(built: string, output: string): Promise<void> {
  await rm(output, { recursive: true, force: true });
  await rename(built, output);
}
