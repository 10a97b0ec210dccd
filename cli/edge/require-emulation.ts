import { join } from "node:path";
import { release } from "node:os";
import type { Architecture } from "../../policy/architecture";
import { CommandError } from "../command-error";
import { runTool, type Tool, ToolFailed } from "../image/run-tool";
import { EDGE_FOLDER } from "./edge-folder";
import { EDGE_TARGETS } from "./edge-target";

const NATIVE: Readonly<Record<string, Architecture>> = { x64: "x86_64", arm64: "arm64" };
const EMULATOR: Readonly<Record<Architecture, Tool>> = { x86_64: "qemu-x86_64-static", arm64: "qemu-aarch64-static" };

/**
 * Debian's packages configure themselves with programs for the device's processor. On the same kind of machine there is
 * nothing to ask; on another QEMU interprets them, and this says before the packages are fetched if it cannot.
 * @param machine the processor of this machine, as Node names it @default its own
 * @throws CommandError that names what is missing
 */
export async function requireEmulation(architecture: Architecture, machine: string = process.arch): Promise<void> {
  if (NATIVE[machine] === architecture) return;
  await runTool(EMULATOR[architecture], ["--version"]);
  const { debian } = EDGE_TARGETS[architecture];
  await runTool("sh", [join(EDGE_FOLDER, "emulated.sh"), debian, "true"]).catch((error: unknown) => {
    if (!(error instanceof ToolFailed)) throw error;
    throw new CommandError(
      `this machine does not let QEMU interpret programs for ${debian}: ${error.complaint}`,
      `build on Linux 6.7 or newer (this is ${release()}) where users may make namespaces (/etc/subuid, package uidmap), ` +
        `or where 'cat /proc/sys/fs/binfmt_misc/qemu-*' shows qemu-user-static, or on a machine for ${debian}`,
    );
  });
}
