import { randomUUID } from "node:crypto";
import { chmod, link, mkdir, open, rename, rm } from "node:fs/promises";
import { dirname, join } from "node:path";

/** Owner only: these files hold keys. */
const FILE_MODE = 0o600;
const FOLDER_MODE = 0o700;

/** Makes a folder that only its owner may enter, and closes one that was left open. */
export const privateFolder = async (path: string): Promise<void> => {
  await mkdir(path, { recursive: true, mode: FOLDER_MODE });
  await chmod(path, FOLDER_MODE);
};

/** A rename or a link is durable only when the folder is. Windows cannot open folders, and needs no such step. */
const syncFolder = async (path: string): Promise<void> => {
  if (process.platform === "win32") return;
  const handle = await open(path, "r");
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
};

const withTemporary = async (
  path: string,
  text: string,
  place: (temporary: string) => Promise<void>,
): Promise<void> => {
  const temporary = join(dirname(path), `.${randomUUID()}.tmp`);
  try {
    const handle = await open(temporary, "wx", FILE_MODE);
    try {
      await handle.writeFile(text, "utf8");
      await handle.sync();
    } finally {
      await handle.close();
    }
    await place(temporary);
    await syncFolder(dirname(path));
  } finally {
    await rm(temporary, { force: true });
  }
};

/** Replaces a file: a reader, and a machine that loses power, sees the old text or the new one, never a part. */
export const replaceFile = (path: string, text: string): Promise<void> =>
  withTemporary(path, text, (temporary) => rename(temporary, path));

/**
 * Creates a file with its whole content, or does nothing when the name is taken: of several processes exactly one wins,
 * because link(2) is atomic and, unlike rename(2), refuses an existing name.
 * @returns whether it was us who created it.
 */
export const createFile = async (path: string, text: string): Promise<boolean> => {
  let created = true;
  await withTemporary(path, text, (temporary) =>
    link(temporary, path).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== "EEXIST") throw error;
      created = false;
    }),
  );
  return created;
};
