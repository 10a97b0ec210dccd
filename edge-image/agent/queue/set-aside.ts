import { mkdir, open } from "node:fs/promises";
import { basename, join } from "node:path";

/** Below the queue's folder: what could not be read, for whoever wants to look. Never sent, never deleted. */
export const ASIDE = "aside";

/** Keeps bytes that are no records. @returns where; the same damage is kept once */
export async function setAside(folder: string, segment: string, offset: number, bytes: Buffer): Promise<string> {
  await mkdir(join(folder, ASIDE), { recursive: true });
  const path = join(folder, ASIDE, `${basename(segment)}-${offset}`);
  const handle = await open(path, "wx").catch((error: NodeJS.ErrnoException) => {
    if (error.code === "EEXIST") return undefined;
    throw error;
  });
  if (!handle) return path;
  try {
    await handle.writeFile(bytes);
    await handle.sync();
  } finally {
    await handle.close();
  }
  return path;
}
