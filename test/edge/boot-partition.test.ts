import { execFileSync } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "@jest/globals";
import { diskLayout } from "../../cli/edge/disk-layout";
import { EDGE_TARGETS } from "../../cli/edge/edge-target";
import { makeDisk } from "../../cli/edge/make-disk";
import { ARCHITECTURES } from "../../policy/architecture";

test.each(ARCHITECTURES)(
  "firmware for %s finds a boot loader under its own name, and no other",
  async (architecture) => {
    const folder = await mkdtemp(join(tmpdir(), "dmz-esp-"));
    try {
      const file = (name: string): string => join(folder, name);
      for (const name of ["loader.efi", "kernel.efi", "root", "data.img"]) await writeFile(file(name), name);
      const { bootFile } = EDGE_TARGETS[architecture];
      const boot = { loader: file("loader.efi"), bootFile, kernel: file("kernel.efi"), version: "1.4.0" };
      const rest = { root: file("root"), rootSize: 4, data: file("data.img"), dataMib: 32, work: folder };
      await makeDisk({ ...boot, ...rest, into: file("disk.raw") });
      const { start } = diskLayout(32).partitions.find(({ label }) => label === "dmz-esp")!;
      const partition = ["-i", `${file("disk.raw")}@@${start}`];
      const listed = execFileSync("mdir", [...partition, "-b", "-/", "::"])
        .toString()
        .trim()
        .split("\n");
      expect(listed.filter((path) => !path.endsWith("/")).sort()).toEqual(
        [`::/EFI/BOOT/${bootFile}`, "::/EFI/Linux/dmz_1.4.0.efi", "::/loader/loader.conf"].sort(),
      );
      const loader = execFileSync("mtype", [...partition, `::/EFI/BOOT/${bootFile}`]);
      expect(loader.toString()).toBe("loader.efi");
    } finally {
      await rm(folder, { recursive: true });
    }
  },
);
