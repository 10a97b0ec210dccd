import { FILES, type Files } from "./files";

/** Resolves when a file's bytes, or the names in a folder, would survive a power cut (fsync(2)). */
export async function syncPath(path: string, files: Files = FILES): Promise<void> {
  const handle = await files.open(path, "r");
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
