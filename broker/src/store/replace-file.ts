import { randomUUID } from "node:crypto";
import { dirname } from "node:path";
import { FILES, type Files } from "./files";
import { syncPath } from "./sync-path";

/** Writes a small file so that a reader, and a power cut, find the former text or this one and nothing between. */
export async function replaceFile(path: string, text: string, files: Files = FILES): Promise<void> {
  const draft = `${path}.${randomUUID()}`;
  try {
    await files.writeFile(draft, text, { mode: 0o600 });
    await syncPath(draft, files);
    await files.rename(draft, path);
  } catch (error) {
    await files.rm(draft, { force: true });
    throw error;
  }
  await syncPath(dirname(path), files);
}
