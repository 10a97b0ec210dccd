import { createHash, randomUUID } from "node:crypto";
import { readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { createFile, replaceFile } from "../vault/atomic-file";
import { CommandError } from "./command-error";

/** Locks of this process: its id alone does not tell them from those of an earlier process that had the same. */
const held = new Set<string>();

/**
 * Takes a site's folder for this process: two starts in one folder would both write its CA.
 * A lock whose process is gone (it was killed, or the machine stopped) is taken over.
 * @returns what gives it back
 * @throws CommandError when a living process has it
 */
export async function lockFolder(folder: string): Promise<() => Promise<void>> {
  const path = join(folder, "start.lock");
  const mine = `${process.pid} ${randomUUID()}\n`;
  held.add(mine);
  try {
    if (!(await createFile(path, mine))) await takeOver(folder, path, mine);
  } catch (error) {
    held.delete(mine);
    throw error;
  }
  return async () => {
    held.delete(mine);
    await rm(path, { force: true });
  };
}

/**
 * Several starts may find the same dead lock. Its content names the claim to it, which one of them creates; who holds the
 * claim and still finds that very lock replaces it, since whoever else would replace it needs the same claim.
 */
async function takeOver(folder: string, path: string, mine: string): Promise<void> {
  const dead = await readFile(path, "utf8").catch(() => undefined);
  if (dead === undefined)
    throw new CommandError(`${folder}: another process has only just let go of this site`, "start again");
  const claim = join(folder, `start.lock.${createHash("sha256").update(dead).digest("hex").slice(0, 16)}`);
  if (isAlive(dead))
    throw new CommandError(
      `${folder}: process ${parseInt(dead, 10)} runs this site already`,
      `stop it, or use another folder with --dir; if that process is not dmz, remove ${path}`,
    );
  if (!(await createFile(claim, mine)))
    throw new CommandError(
      `${folder}: another process is starting this site`,
      `stop it, or use another folder with --dir; if there is none, remove ${claim}`,
    );
  try {
    if ((await readFile(path, "utf8").catch(() => undefined)) !== dead)
      throw new CommandError(
        `${folder}: another process has started this site`,
        "stop it, or use another folder with --dir",
      );
    await replaceFile(path, mine);
  } finally {
    await rm(claim, { force: true });
  }
}

function isAlive(lock: string): boolean {
  const pid = parseInt(lock, 10);
  if (!Number.isInteger(pid) || pid < 1) return false;
  if (pid === process.pid) return held.has(lock);
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // It lives, but belongs to somebody else.
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}
