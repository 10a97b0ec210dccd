import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { copyFile, readdir, stat } from "node:fs/promises";
import { pipeline } from "node:stream/promises";
import { reproducibleTime } from "../image/reproducible-time";
import { runTool } from "../image/run-tool";

/** A read-only root file system with its hash tree behind it. */
export interface VerityRoot {
  readonly file: string;
  /** dm-verity's root hash, hexadecimal: it stands for every byte of the root. */
  readonly hash: string;
  /** Of the tree: follows from the root's content. */
  readonly uuid: string;
  /** Where the tree begins, bytes. */
  readonly hashOffset: number;
  /** Bytes in all. */
  readonly size: number;
}

export interface MakeRootOptions {
  /** Archive of the base. */
  readonly base: string;
  /** Folder of the site's own files. */
  readonly siteFiles: string;
  /** File to write. */
  readonly into: string;
  /** Folder for what is needed in between. */
  readonly work: string;
  /** zstd level: 15 for devices; less builds faster. @default 15 */
  readonly compression?: number;
}

const BLOCK = 4096;

/**
 * Makes the squashfs out of archives, so that no file of it ever lies on this machine with its owner and mode: no
 * privilege is needed, and none can go wrong.
 */
export async function makeRoot({
  base,
  siteFiles,
  into,
  work,
  compression = 15,
}: MakeRootOptions): Promise<VerityRoot> {
  const all = `${work}/root.tar`;
  const own = `${work}/site.tar`;
  const time = String(reproducibleTime());
  await runTool("tar", [
    ...["--sort=name", "--owner=0", "--group=0", "--numeric-owner", `--mtime=@${time}`, "--mode=u+rwX,go+rX,go-w"],
    // Files alone: the folders are in the base, with their own modes.
    ...["--format=pax", "--pax-option=exthdr.name=%d/%f,delete=atime,delete=ctime", "--no-recursion"],
    ...["-C", siteFiles, "-cf", own, ...(await filesBelow(siteFiles))],
  ]);
  await requireNew(base, await filesBelow(siteFiles));
  await copyFile(base, all);
  await runTool("tar", ["--concatenate", "-f", all, own]);
  await runTool(
    "mksquashfs",
    [
      ...["-", into, "-tar", "-comp", "zstd", "-Xcompression-level", String(compression)],
      ...["-noappend", "-reproducible", "-no-progress", "-quiet"],
    ],
    // Sets the file system's own time, and none of a file is later.
    { input: all, env: { SOURCE_DATE_EPOCH: time } },
  );
  const { size: hashOffset } = await stat(into);
  const salt = await sha256Of(into);
  const uuid = `${salt.slice(0, 8)}-${salt.slice(8, 12)}-8${salt.slice(13, 16)}-8${salt.slice(17, 20)}-${salt.slice(20, 32)}`;
  const said = await runTool("veritysetup", [
    ...["format", into, into, `--hash-offset=${hashOffset}`, `--data-blocks=${hashOffset / BLOCK}`],
    ...[`--salt=${salt}`, `--uuid=${uuid}`],
  ]);
  const hash = /^Root hash:\s*([0-9a-f]{64})$/m.exec(said.toString())?.[1];
  if (hash === undefined) throw new Error(`veritysetup told no root hash: ${said.toString()}`);
  return { file: into, hash, uuid, hashOffset, size: (await stat(into)).size };
}

/**
 * @throws Error if the base has one of the files: of two with one name the archive's first would win, and the device would
 * have a package's ruleset, say, instead of its own
 */
async function requireNew(base: string, files: readonly string[]): Promise<void> {
  const names = new Set((await runTool("tar", ["-tf", base])).toString().split("\n"));
  const twice = files.filter((file) => names.has(`./${file}`));
  if (twice.length > 0)
    throw new Error(`edge-image/removed.txt must name ${twice.join(", ")}: a package brings it, too`);
}

async function filesBelow(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => `${entry.parentPath}/${entry.name}`.slice(folder.length + 1))
    .sort();
}

async function sha256Of(file: string): Promise<string> {
  const hash = createHash("sha256");
  await pipeline(createReadStream(file), hash);
  return hash.digest("hex");
}
