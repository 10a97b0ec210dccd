import { execFile } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterEach, beforeEach, expect, test } from "@jest/globals";

/* Disks that fail for real: a small one of this test's own, mounted where nobody else sees it, and a limit of the kernel. */

let disk: string;
beforeEach(async () => {
  disk = await mkdtemp(join(tmpdir(), "mqtt-dmz-disk-"));
});
afterEach(() => rm(disk, { recursive: true, force: true }));

const run = promisify(execFile);
const SCENARIO = join(__dirname, "disk-scenario.ts");
const node = `exec '${process.execPath}' --import tsx '${SCENARIO}'`;

interface Outcome {
  readonly acknowledged: number;
  readonly first: string;
  readonly later: readonly string[];
  readonly found: number;
  readonly isThere: boolean;
  readonly changed: readonly string[];
}

async function outcome(shell: string): Promise<Outcome> {
  const { stdout } = await run("sh", ["-c", shell], { env: { ...process.env, NODE_NO_WARNINGS: "1" } });
  return JSON.parse(stdout) as Outcome;
}
/** In a mount namespace of its own; without root, also in a user namespace. */
const onOwnDisk = (scenario: string, size: string): Promise<Outcome> =>
  run("unshare", [
    process.getuid?.() === 0 ? "-m" : "-rm",
    "sh",
    "-c",
    `mount -t tmpfs -o size=${size} dmz-test '${disk}' && ${node} ${scenario} '${disk}'`,
  ]).then(({ stdout }) => JSON.parse(stdout) as Outcome);

const expectBroken = ({ acknowledged, first, later, found, isThere }: Outcome, reason: RegExp): void => {
  expect(acknowledged).toBeGreaterThan(10);
  expect(first).toMatch(reason);
  // For good, also when there is room again; and whoever reads is told as well.
  expect(later).toEqual([first, first, first, first]);
  // Not one that was acknowledged is missing. The one that failed may be there: nobody was told either way.
  expect(isThere).toBe(true);
  expect(found).toBeGreaterThanOrEqual(acknowledged);
};

test("a full disk breaks the store for good; after there is room and a start, all that was acknowledged is there", async () => {
  expectBroken(await onOwnDisk("full", "24m"), /cannot be read or written: .*No space left on device/);
}, 120_000);

test("so does any other failure to write", async () => {
  // The kernel refuses every byte beyond 1 MB of a file. Its signal would end the process; a disk's fault sends none.
  expectBroken(
    await outcome(`trap '' XFSZ; ulimit -S -f 1000; ${node} limit '${disk}'`),
    /cannot be read or written: .*File too large/,
  );
}, 120_000);

test("a read-only disk is said at the start, and nothing is changed", async () => {
  const { first, changed, found } = await onOwnDisk("read-only", "24m");
  expect(first).toMatch(/Read-only file system|EROFS/);
  expect(changed).toEqual([]);
  expect(found).toBe(1);
}, 120_000);
