import { createHash } from "node:crypto";
import { chmod, cp, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { CommandError } from "../command-error";
import { plainModes } from "./plain-modes";
import { DEBIAN_ARCHITECTURE, type Platform } from "./platform";
import { runTool } from "./run-tool";

const SUITE = "bookworm";

/** What Node and the broker need of Debian: libraries and data. No package here brings a program. */
const PACKAGES = [
  "base-files",
  "ca-certificates",
  "gcc-12-base",
  "libc6",
  "libgcc-s1",
  "libstdc++6",
  "netbase",
  "tzdata",
];

/** Folders of programs and of what only a package manager or a reader needs. */
const LEFT_OUT = [
  ...["bin", "sbin", "usr/bin", "usr/sbin", "boot", "media", "mnt", "opt", "srv", "var/backups", "var/cache"],
  ...["etc/ca-certificates", "etc/default", "etc/profile.d", "etc/skel", "etc/update-motd.d", "usr/lib/gcc"],
  ...["usr/share/bug", "usr/share/gcc", "usr/share/gdb", "usr/share/info", "usr/share/lintian", "usr/share/man"],
];

/**
 * A root folder made of Debian's packages alone, in the manner of the "distroless" images: apt verifies their
 * signatures, and nothing of them is executed, so any platform can be made on any other.
 * @param into the folder to fill; must exist and be empty
 */
export async function debianBase(platform: Platform, into: string, onLine?: (line: string) => void): Promise<void> {
  const folder = await mkdtemp(join(dirname(into), ".debian-"));
  try {
    await runTool(
      "mmdebstrap",
      [
        "--variant=extract",
        `--architectures=${DEBIAN_ARCHITECTURE[platform]}`,
        `--include=${PACKAGES.join(",")}`,
        `--extract-hook=copy-out /var/cache/apt/archives ${folder}`,
        "--format=tar",
        SUITE,
        "/dev/null",
      ],
      { onLine },
    );
    const archives = join(folder, "archives");
    // apt also fetched what their maintainer scripts would call (awk, debconf, openssl): not for us.
    const files = (await readdir(archives)).sort();
    for (const name of PACKAGES) {
      const file = files.find((candidate) => candidate.startsWith(`${name}_`));
      if (!file)
        throw new CommandError(`${SUITE}: has no package '${name}'`, "correct PACKAGES in cli/image/debian-base.ts");
      await unpack(name, join(archives, file), into);
    }
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
  await certificateBundle(into);
  for (const path of LEFT_OUT) await rm(join(into, path), { recursive: true, force: true });
  await keepOnlyLicences(join(into, "usr/share/doc"));
  await cp(join(__dirname, "../../broker/image/debian"), into, { recursive: true });
  await plainModes(into);
  await chmod(join(into, "tmp"), 0o1777);
}

/** Extracts one package, and leaves its record where scanners of images without dpkg look for it. */
async function unpack(name: string, archive: string, into: string): Promise<void> {
  await runTool("dpkg-deb", ["-x", archive, into]);
  const control = (await runTool("dpkg-deb", ["-f", archive])).toString().trim();
  const sha256 = createHash("sha256")
    .update(await readFile(archive))
    .digest("hex");
  const records = join(into, "var/lib/dpkg/status.d");
  await mkdir(records, { recursive: true });
  await writeFile(join(records, name), `${control}\nStatus: install ok installed\nSHA256: ${sha256}\n`);
}

/** What ca-certificates' maintainer script would do: all roots in one file, in the order of their names. */
async function certificateBundle(root: string): Promise<void> {
  const roots = join(root, "usr/share/ca-certificates/mozilla");
  const texts = await Promise.all((await readdir(roots)).sort().map((file) => readFile(join(roots, file), "utf8")));
  await mkdir(join(root, "etc/ssl/certs"), { recursive: true });
  await writeFile(join(root, "etc/ssl/certs/ca-certificates.crt"), texts.map((text) => `${text.trim()}\n`).join(""));
}

/** Licences must travel with the binaries; change logs need not. */
async function keepOnlyLicences(documents: string): Promise<void> {
  for (const entry of await readdir(documents, { withFileTypes: true, recursive: true })) {
    if (entry.isFile() && entry.name !== "copyright") await rm(join(entry.parentPath, entry.name));
  }
}
