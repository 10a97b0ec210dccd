import { closeSync, constants, fchownSync, fsyncSync, openSync, renameSync, rmSync, writeSync } from "node:fs";

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
    // By the open file and not by its name: in the agent's folder a name may have become a link meanwhile.
    if (process.getuid?.() === 0) fchownSync(file, owner, owner);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
  renameSync(partial, path);
};
