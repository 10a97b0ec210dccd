import { execFileSync } from "node:child_process";
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { findTool } from "../e2e/find-tool";

/** A small ext4 disk of a test's own, which can be made to meet an error. */
export interface LoopDisk {
  readonly mount: string;
  /** The file system meets an error, as of a bad disk, and takes no write from then on. */
  readonly fail: () => void;
  /** Nobody may have a file of it open. */
  readonly repair: () => void;
  readonly remove: () => void;
}

const run = (command: string, ...args: string[]): string =>
  execFileSync(command, args, { encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] }).trim();

/** @param folder of the caller's, in which everything is made. */
export function loopDisk(folder: string): LoopDisk {
  const [mkfs, fsck] = ["mkfs.ext4", "e2fsck"].map((tool) => findTool(tool, "apt-get install e2fsprogs"));
  const [image, mount] = [join(folder, "disk.img"), join(folder, "mount")];
  mkdirSync(mount);
  run("truncate", "-s", "64M", image);
  run(mkfs!, "-q", image);
  const device = run("losetup", "--find", "--show", image);
  let isAttached = false;
  const attach = (): void => {
    run("mount", "-o", "errors=remount-ro", device, mount);
    isAttached = true;
  };
  const detach = (): void => {
    if (isAttached) run("umount", mount);
    isAttached = false;
  };
  try {
    attach();
  } catch (error) {
    run("losetup", "-d", device);
    throw error;
  }
  return {
    mount,
    fail: () => writeFileSync(`/sys/fs/ext4/${basename(device)}/trigger_fs_error`, "test\n"),
    repair: () => {
      detach();
      // Exit code 1: errors were corrected; 8: the device is in use, by somebody's mount namespace that has yet to end.
      run(
        "sh",
        "-c",
        `for i in $(seq 60); do ${fsck} -fy ${device}; is=$?; [ $is = 8 ] || break; sleep 1; done; [ $is -le 1 ]`,
      );
      attach();
    },
    remove: () => {
      detach();
      run("losetup", "-d", device);
      rmSync(image);
    },
  };
}
