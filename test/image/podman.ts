import { execFile } from "node:child_process";
import { promisify } from "node:util";

const run = promisify(execFile);

/** Runs podman to its end. @returns standard output @throws Error with podman's own message */
export async function podman(...args: string[]): Promise<string> {
  // crun refuses this kind of machine's mixed cgroups; runc works on all.
  return (await run("podman", ["--runtime", "runc", ...args], { maxBuffer: 16 * 1024 * 1024 })).stdout.trim();
}
