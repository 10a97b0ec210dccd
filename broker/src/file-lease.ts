import { EventEmitter } from "node:events";
import { link, mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { randomUUID } from "node:crypto";
import { dirname } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { RELEASED, type Holder, type Lease, type LeaseEvents } from "./lease";
import type { Logger } from "./logger";
import { epochOf } from "./store/folder-name";
import { replaceFile } from "./store/replace-file";

/** How often a lock that is in somebody's hands is looked at again, and after how many milliseconds. */
const ATTEMPTS = 20;
const RETRY_MS = 25;

interface LockFile {
  readonly pid: number;
  /** Ticks since boot at which the process started (Linux), so that a reused pid is told apart; null elsewhere. */
  readonly startedAt: string | null;
  readonly nonce: string;
}

/** Locks that this process made: two brokers in one process have the same pid. */
const madeHere = new Set<string>();

/**
 * The lease on one machine: a lock file. A lock whose process is gone is taken over; a living one's never is. It holds
 * until it is released: no clock is involved.
 */
export class FileLease extends EventEmitter<LeaseEvents> implements Lease {
  readonly holder: Holder | undefined = undefined;
  completed: string | undefined;
  #epoch: number | undefined;
  readonly #nonce = randomUUID();

  /** @param path of the lock file; its folder is made if need be. Beside it epochs are counted in `<path>.epoch`, and `<path>.completed` names
   *  the store's last completed folder. */
  constructor(
    private readonly path: string,
    private readonly log: Logger,
  ) {
    super();
  }

  get epoch(): number | undefined {
    return this.#epoch;
  }

  get deadline(): number {
    return this.#epoch === undefined ? 0 : Infinity;
  }

  /** @throws when a living process holds the lock, naming it. */
  async start(): Promise<void> {
    await mkdir(dirname(this.path), { recursive: true, mode: 0o700 });
    await this.#lock();
    this.completed = await readIfThere(`${this.path}.completed`);
    const epoch = 1 + (await this.#lastEpoch());
    await replaceFile(`${this.path}.epoch`, String(epoch));
    this.#epoch = epoch;
    this.log.info({ epoch }, "lease-acquired");
    this.emit("acquired", epoch);
  }

  async complete(folder: string): Promise<boolean> {
    if (this.#epoch === undefined) return false;
    if ((await readLock(this.path))?.nonce !== this.#nonce) return false;
    await replaceFile(`${this.path}.completed`, folder);
    this.completed = folder;
    return true;
  }

  async release(close?: () => Promise<void>): Promise<void> {
    if (this.#epoch === undefined) return;
    this.#epoch = undefined;
    this.emit("lost", RELEASED);
    await close?.();
    const lock = await readLock(this.path);
    if (lock?.nonce === this.#nonce) await rm(this.path, { force: true });
    madeHere.delete(this.#nonce);
  }

  stop(): void {
    // Nothing to stop: a lock file is not looked at again.
  }

  /** Counted, or at least that of the completed folder: an epoch that begins a second time would begin with nothing. */
  async #lastEpoch(): Promise<number> {
    const file = `${this.path}.epoch`;
    const counted = ((await readIfThere(file)) ?? "0").trim();
    if (!/^\d{1,15}$/.test(counted))
      throw new Error(`'${file}': must hold the number of the last epoch, got '${counted.slice(0, 40)}'; delete it`);
    return Math.max(Number(counted), epochOf(this.completed ?? "") ?? 0);
  }

  async #lock(): Promise<void> {
    const own: LockFile = { pid: process.pid, startedAt: await startOf(process.pid), nonce: this.#nonce };
    const draft = `${this.path}.${this.#nonce}`;
    await writeFile(draft, JSON.stringify(own), { mode: 0o600 });
    madeHere.add(this.#nonce);
    try {
      for (let attempt = 0; !(await linked(draft, this.path)); attempt++) {
        const other = await readLock(this.path);
        if (attempt === ATTEMPTS || (other && (await this.#lives(other)))) {
          madeHere.delete(this.#nonce);
          throw new Error(
            `'${this.path}': another broker, process ${other?.pid ?? "unknown"}, uses this folder; stop it, or use another folder`,
          );
        }
        await this.#removeDead(draft);
      }
    } finally {
      await rm(draft, { force: true });
    }
  }

  async #lives({ pid, startedAt, nonce }: LockFile): Promise<boolean> {
    if (pid === process.pid) return madeHere.has(nonce);
    try {
      process.kill(pid, 0);
    } catch (error) {
      // EPERM: it lives, under another user.
      return (error as NodeJS.ErrnoException).code === "EPERM";
    }
    const started = await startOf(pid);
    return startedAt === null || started === null || started === startedAt;
  }

  /**
   * Removes a dead process's lock. One at a time looks and removes: otherwise a second could remove the lock that a third
   * made after the first removed the dead one.
   */
  async #removeDead(draft: string): Promise<void> {
    const guard = `${this.path}.takeover`;
    if (!(await linked(draft, guard))) {
      const owner = await readLock(guard);
      if (owner && !(await this.#lives(owner)))
        throw new Error(`'${guard}': was left behind by process ${owner.pid}; delete it`);
      await sleep(RETRY_MS);
      return;
    }
    try {
      const found = await readLock(this.path);
      if (found && (await this.#lives(found))) return;
      await rm(this.path, { force: true });
      this.log.warn({ pid: found?.pid }, "lease-taken-from-dead-process");
    } finally {
      await rm(guard, { force: true });
    }
  }
}

/** A link appears whole or not at all. @returns false when the name is taken. */
function linked(from: string, to: string): Promise<boolean> {
  return link(from, to).then(
    () => true,
    (error: NodeJS.ErrnoException) => {
      if (error.code === "EEXIST") return false;
      throw error;
    },
  );
}

function readIfThere(path: string): Promise<string | undefined> {
  return readFile(path, "utf8").catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return undefined;
    throw error;
  });
}

async function readLock(path: string): Promise<LockFile | undefined> {
  try {
    return JSON.parse(await readFile(path, "utf8")) as LockFile;
  } catch {
    return undefined;
  }
}

/** proc(5): field 22 of /proc/<pid>/stat, counted behind the command's closing parenthesis. */
async function startOf(pid: number): Promise<string | null> {
  const stat = await readFile(`/proc/${pid}/stat`, "utf8").catch(() => undefined);
  return stat?.slice(stat.lastIndexOf(")") + 2).split(" ")[19] ?? null;
}
