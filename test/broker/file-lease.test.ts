import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { FileLease } from "../../broker/src/file-lease";
import { captureLog } from "./log-capture";

let folder: string;
let path: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "dmz-lease-"));
  path = join(folder, "broker.lock");
});
afterEach(() => rm(folder, { recursive: true }));

const lease = (): FileLease => new FileLease(path, captureLog().log);

test("the first holds it, a second is told which process does, and epochs grow", async () => {
  const first = lease();
  await first.start();
  expect(first.epoch).toBe(1);
  await expect(lease().start()).rejects.toThrow(
    `another broker, process ${process.pid}, uses this folder; stop it, or use another folder`,
  );
  await first.release();
  const second = lease();
  await second.start();
  expect([first.epoch, second.epoch]).toEqual([undefined, 2]);
  await second.release();
});

test("a count that was lost goes on behind the completed folder: its epoch does not begin a second time", async () => {
  const first = lease();
  await first.start();
  await first.complete("epoch-000000000007");
  await first.release();
  await rm(`${path}.epoch`);
  const second = lease();
  await second.start();
  expect(second.epoch).toBe(8);
  await second.release();
});

test("a count that is no number is no reason to begin anew", async () => {
  await writeFile(`${path}.epoch`, "seven");
  const mine = lease();
  await expect(mine.start()).rejects.toThrow("must hold the number of the last epoch, got 'seven'");
  expect(mine.epoch).toBeUndefined();
});

test("the lock of a living process is respected, of a dead one taken over", async () => {
  const other = spawn(process.execPath, ["-e", "process.stdin.resume()"], { stdio: ["pipe", "ignore", "ignore"] });
  await once(other, "spawn");
  await writeFile(path, JSON.stringify({ pid: other.pid, startedAt: null, nonce: "other" }));
  await expect(lease().start()).rejects.toThrow(`process ${other.pid}`);
  other.kill("SIGKILL");
  await once(other, "exit");
  const mine = lease();
  await mine.start();
  expect(mine.epoch).toBe(1);
  await mine.release();
});

test("a lock whose process id was given to another process is taken over", async () => {
  // This very process lives, but did not start at that tick and does not hold the lock: a container's process is always 1.
  await writeFile(path, JSON.stringify({ pid: process.pid, startedAt: "1", nonce: "before" }));
  const mine = lease();
  await mine.start();
  expect(JSON.parse(await readFile(path, "utf8"))).toMatchObject({ pid: process.pid });
  await mine.release();
  await expect(readFile(path)).rejects.toThrow("ENOENT");
});

test("of many that start at once on a dead process's lock exactly one holds it", async () => {
  await writeFile(path, JSON.stringify({ pid: 2 ** 22 + 1, startedAt: null, nonce: "dead" }));
  const many = Array.from({ length: 8 }, lease);
  const results = await Promise.allSettled(many.map((each) => each.start()));
  expect(results.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
  for (const each of many) await each.release();
});
