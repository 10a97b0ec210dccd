import { execFileSync } from "node:child_process";
import { diskLayout } from "../../cli/edge/disk-layout";

const { start } = diskLayout().partitions.find(({ label }) => label === "dmz-esp")!;

/** Runs one of mtools on a disk's boot partition. @returns its standard output */
export const mtools = (disk: string, tool: "mcopy" | "mdel", ...args: readonly string[]): Buffer =>
  execFileSync(tool, ["-i", `${disk}@@${start}`, ...args], {
    env: { ...process.env, MTOOLS_SKIP_CHECK: "1" },
    maxBuffer: 100 * 1024 * 1024,
  });
