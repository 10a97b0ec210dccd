import { chownSync, closeSync, constants, fsyncSync, openSync, renameSync, rmSync, writeSync } from "node:fs";

/**
 * Writes a small file whole or not at all, in a folder that belongs to the agent: no link that lies in wait there is
 * followed.
 * @param owner account and group number that the file is given to
 */
export const writeWhole = (path: string, text: string, owner: number): void => {
  const partial = `${path}.root`;
  rmSync(partial, { force: true });
  const file = openSync(
    partial,
    constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW,
    0o644,
  );
  try {
    writeSync(file, text);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
  renameSync(partial, path);
  if (process.getuid?.() === 0) chownSync(path, owner, owner);
};
