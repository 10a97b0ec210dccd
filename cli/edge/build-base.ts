import { createHash } from "node:crypto";
import { access, mkdir, readdir, readFile, readlink, rename, rm, writeFile } from "node:fs/promises";
import { join, relative } from "node:path";
import type { Architecture } from "../../policy/architecture";
import { CommandError } from "../command-error";
import { reproducibleTime } from "../image/reproducible-time";
import { runTool } from "../image/run-tool";
import { withWorkFolder } from "../image/work-folder";
import { EDGE_FOLDER } from "./edge-folder";
import { EDGE_TARGETS, pinsFile } from "./edge-target";
import { requireEmulation } from "./require-emulation";
import type { GrubImages } from "./write-grub";
import { type PackagePins, pinDifferences, readPins } from "./package-pins";

/** The part of a device image that is the same for every site. */
export interface EdgeBase {
  readonly tar: string;
  readonly kernel: string;
  readonly initrd: string;
  /** GRUB, for machines without UEFI: what goes into the disk's first sector, and what goes into a partition of its own. Undefined: the processor has none. */
  readonly grub: GrubImages | undefined;
  /** systemd's stub and boot loader, of the packages: no version of this machine goes into the image. */
  readonly stub: string;
  readonly loader: string;
  readonly pins: PackagePins;
  /** What is not as pinned; empty unless `unpinned`. */
  readonly differences: readonly string[];
}

export interface BuildBaseOptions {
  readonly architecture: Architecture;
  /** Folder that keeps what was built, by the hash of all its inputs. */
  readonly cache: string;
  /** Debian mirror or snapshot. @default what mmdebstrap chooses: deb.debian.org with its security archive */
  readonly mirror?: string;
  /** Build with what the mirror has, even if it is not what is pinned. @default false */
  readonly unpinned?: boolean;
  readonly onLine?: (line: string) => void;
}

/**
 * Debian's packages with rootfs/ over them, as a tar: apt verifies signatures, the pins say which versions.
 * @throws CommandError if the mirror has not what is pinned
 */
export async function buildBase(options: BuildBaseOptions): Promise<EdgeBase> {
  const { architecture, cache, mirror, unpinned = false, onLine } = options;
  const { debian, kernelPackage, hasBios } = EDGE_TARGETS[architecture];
  const folder = join(cache, await inputsHash(debian, mirror));
  const pinned = JSON.parse(await readFile(pinsFile(architecture), "utf8")) as PackagePins;
  const base = async (): Promise<EdgeBase> => {
    const pins = readPins(await readFile(join(folder, "packages.txt"), "utf8"));
    return {
      tar: join(folder, "base.tar"),
      kernel: join(folder, "vmlinuz"),
      initrd: join(folder, "initrd"),
      stub: join(folder, "stub.efi"),
      loader: join(folder, "loader.efi"),
      grub: hasBios ? { boot: join(folder, "boot.img"), core: join(folder, "core.img") } : undefined,
      pins,
      differences: pinDifferences(pinned, pins),
    };
  };
  const kept = await access(folder).then(
    () => base(),
    () => undefined,
  );
  if (kept && (unpinned || kept.differences.length === 0)) return kept;

  await withWorkFolder(folder, async (work) => {
    const { suite, packages } = JSON.parse(await readFile(join(EDGE_FOLDER, "packages.json"), "utf8")) as {
      suite: string;
      packages: string[];
    };
    const include = [...packages, kernelPackage].sort().join(",");
    const args = [join(EDGE_FOLDER, "build-base.sh"), debian, suite, include, work, ...(mirror ? [mirror] : [])];
    // Asked for first, so that what is missing is named before a script stumbles over it.
    await runTool("mmdebstrap", ["--version"]);
    await requireEmulation(architecture);
    await runTool("sh", args, { env: { SOURCE_DATE_EPOCH: String(reproducibleTime()) }, onLine });
    await rm(folder, { recursive: true, force: true });
    await mkdir(cache, { recursive: true });
    await rename(work, folder);
    // The work folder's owner removes it by its name.
    await mkdir(work);
  });
  const built = await base();
  if (!unpinned && built.differences.length > 0) throw pinsDiffer(architecture, built.differences);
  return built;
}

const ROOT = join(EDGE_FOLDER, "..");

/** Writes the pins of a base into git's file. */
export async function refreshPins(architecture: Architecture, pins: PackagePins): Promise<void> {
  await writeFile(pinsFile(architecture), `${JSON.stringify(pins, undefined, 2)}\n`);
}

const pinsDiffer = (architecture: Architecture, differences: readonly string[]): CommandError => {
  const shown = differences.slice(0, 10).join("\n  ");
  const more = differences.length > 10 ? `\n  and ${differences.length - 10} more` : "";
  return new CommandError(
    `Debian has other packages than ${relative(ROOT, pinsFile(architecture))} pins:\n  ${shown}${more}\n`,
    "take them with --refresh-packages and commit the file; or build what is pinned from a mirror that keeps it: " +
      "--mirror https://snapshot.debian.org/archive/debian/<time>/",
  );
};

/** Everything that the base is made of, but for the packages themselves. */
async function inputsHash(debian: string, mirror: string | undefined): Promise<string> {
  const hash = createHash("sha256").update(`${debian} ${reproducibleTime()} ${mirror ?? ""}\n`);
  const files = ["build-base.sh", "finish-rootfs.sh", "kernel-modules.txt", `kernel-modules.${debian}.txt`];
  files.push("packages.json", "removed.txt");
  for (const folder of ["bios", "initramfs", "rootfs"]) {
    const entries = await readdir(join(EDGE_FOLDER, folder), { recursive: true, withFileTypes: true });
    for (const entry of entries)
      if (!entry.isDirectory()) files.push(join(entry.parentPath, entry.name).slice(EDGE_FOLDER.length + 1));
  }
  for (const file of files.sort()) {
    const path = join(EDGE_FOLDER, file);
    // A link first: what it points at may be there, and is not what is meant.
    const content = await readlink(path).catch(() => readFile(path));
    hash.update(`${file} ${createHash("sha256").update(content).digest("hex")}\n`);
  }
  return `base-${hash.digest("hex").slice(0, 16)}`;
}
