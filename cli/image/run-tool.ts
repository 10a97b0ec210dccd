import { spawn } from "node:child_process";
import { closeSync, openSync } from "node:fs";
import { CommandError } from "../command-error";

/** The programs that the commands call, and the Debian package that each is in. Arguments go as a list: no shell. */
const DEBIAN_PACKAGE = {
  buildah: "buildah",
  debugfs: "e2fsprogs",
  "dpkg-deb": "dpkg",
  git: "git",
  mcopy: "mtools",
  mformat: "mtools",
  mke2fs: "e2fsprogs",
  mksquashfs: "squashfs-tools",
  mmd: "mtools",
  mmdebstrap: "mmdebstrap debian-archive-keyring",
  nft: "nftables",
  npm: "npm",
  "qemu-aarch64-static": "qemu-user-static",
  "qemu-x86_64-static": "qemu-user-static",
  sfdisk: "fdisk",
  sh: "dash",
  skopeo: "skopeo",
  tar: "tar",
  ss: "iproute2",
  unshare: "util-linux",
  unsquashfs: "squashfs-tools",
  veritysetup: "cryptsetup-bin",
  zstd: "zstd",
} as const;

export type Tool = keyof typeof DEBIAN_PACKAGE;

export interface RunToolOptions {
  /** @default the process's own */
  readonly cwd?: string;
  /** Added to the process's own environment. @default none */
  readonly env?: Readonly<Record<string, string>>;
  /** File that becomes its standard input. @default none */
  readonly input?: string;
  /** Called with each line on standard error, for progress. @default none */
  readonly onLine?: (line: string) => void;
}

/**
 * Runs one program to its end.
 * @returns its standard output, as bytes
 * @throws CommandError naming the Debian package if the program is missing
 * @throws ToolFailed with the end of its standard error if it exits with anything but 0
 */
export function runTool(tool: Tool, args: readonly string[], options: RunToolOptions = {}): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const input = options.input === undefined ? undefined : openSync(options.input, "r");
    const child = spawn(tool, args, {
      cwd: options.cwd,
      // Debian keeps tools for disks and file systems where an ordinary account's PATH does not look.
      env: { ...process.env, PATH: `${process.env["PATH"] ?? ""}:/usr/sbin:/sbin`, ...options.env },
      stdio: [input ?? "ignore", "pipe", "pipe"],
    });
    // The child has its own by now.
    if (input !== undefined) closeSync(input);
    const output: Buffer[] = [];
    let complaint = "";
    child.stdout!.on("data", (data: Buffer) => output.push(data));
    child.stderr!.setEncoding("utf8").on("data", (text: string) => {
      complaint = (complaint + text).slice(-4000);
      const line = text.trim().split("\n").at(-1);
      if (line) options.onLine?.(line.slice(0, 100));
    });
    child.on("error", (error: NodeJS.ErrnoException) => {
      const missing = new CommandError(
        `'${tool}' is not installed`,
        `on Debian and Ubuntu: apt-get install ${DEBIAN_PACKAGE[tool]}`,
      );
      reject(error.code === "ENOENT" ? missing : error);
    });
    child.on("close", (code) =>
      code === 0 ? resolve(Buffer.concat(output)) : reject(new ToolFailed(tool, args[0] ?? "", complaint.trim())),
    );
  });
}

/** A program said no. `complaint` is the end of what it wrote on standard error. */
export class ToolFailed extends CommandError {
  constructor(
    readonly tool: Tool,
    subcommand: string,
    readonly complaint: string,
  ) {
    // The first argument is a subcommand or a flag, never a secret.
    super(
      `${tool} ${subcommand} failed: ${complaint.split("\n").slice(-5).join("\n")}`,
      "correct what it names and try again",
    );
  }
}
