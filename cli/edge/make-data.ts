import { chmod, cp, mkdir, readdir, stat, truncate, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { EDGE_PATHS, EDGE_USER } from "../../policy/edge-device";
import { EDGE_ACCOUNTS } from "../../policy/edge-accounts";
import { reproducibleTime } from "../image/reproducible-time";
import { runTool } from "../image/run-tool";
import { isBundleFile } from "./is-bundle-file";

/** File system label that the device mounts by. */
const LABEL = "dmz-data";
const UUID = "6d71d3a0-6461-4764-8000-000000000001";

interface Folder {
  readonly path: string;
  readonly owner: number;
  readonly mode: number;
}

const below = (path: string): string => path.slice(EDGE_PATHS.data.length + 1);

/** What the device expects on its data partition. */
const FOLDERS: readonly Folder[] = [
  { path: below(EDGE_PATHS.identity), owner: EDGE_USER.uid, mode: 0o700 },
  { path: below(EDGE_PATHS.queue), owner: EDGE_USER.uid, mode: 0o700 },
  { path: below(EDGE_PATHS.state), owner: EDGE_USER.uid, mode: 0o700 },
  { path: below(EDGE_PATHS.update), owner: EDGE_USER.uid, mode: 0o700 },
  { path: "time", owner: EDGE_ACCOUNTS.time, mode: 0o755 },
];

/**
 * Makes the ext4 file system of a device's data partition, with its identity if it has one already. It is written as a
 * file: nothing is mounted, and who owns what is set in the file system itself, so that no privilege is needed.
 * @param bundle folder of an enrolment bundle @default none: the device waits for one
 */
export async function makeData(into: string, mib: number, work: string, bundle?: string): Promise<void> {
  const tree = join(work, "data");
  for (const { path, mode } of [{ path: ".", mode: 0o755 }, ...FOLDERS]) {
    await mkdir(join(tree, path), { recursive: true });
    // Not left to the builder's umask: it would be in the image.
    await chmod(join(tree, path), mode);
  }
  const files: string[] = [];
  if (bundle !== undefined) {
    const identity = join(tree, below(EDGE_PATHS.identity));
    for (const name of await bundleFiles(bundle)) {
      await cp(join(bundle, name), join(identity, name));
      await chmod(join(identity, name), 0o400);
      files.push(`${below(EDGE_PATHS.identity)}/${name}`);
    }
  }
  await writeFile(into, "");
  await truncate(into, mib * 1024 * 1024);
  const env = { E2FSPROGS_FAKE_TIME: String(reproducibleTime()) };
  await runTool(
    "mke2fs",
    [
      ...["-q", "-t", "ext4", "-L", LABEL, "-U", UUID, "-m", "1", "-d", tree],
      // Written whole now: a device must not spend its first hour on it.
      ...[
        "-E",
        `hash_seed=${UUID},lazy_itable_init=0,lazy_journal_init=0,root_owner=0:0`,
        "-O",
        "^metadata_csum_seed",
        into,
      ],
    ],
    { env },
  );
  const owned = [
    ...FOLDERS.map(({ path, owner }) => [path, owner] as const),
    ...files.map((path) => [path, EDGE_USER.uid] as const),
  ];
  const time = `@${reproducibleTime()}`;
  const settings = [
    ...owned.flatMap(([path, owner]) => [`sif /${path} uid ${owner}`, `sif /${path} gid ${owner}`]),
    // mke2fs takes the times of the tree, and of all of them ctime is nobody's to set.
    ...["", "lost+found", ...owned.map(([path]) => path)].flatMap((path) =>
      ["ctime", "mtime", "atime", "crtime"].flatMap((field) => [
        `sif /${path} ${field} ${time}`,
        `sif /${path} ${field}_extra 0`,
      ]),
    ),
  ];
  const script = join(work, "settings");
  await writeFile(script, `${settings.join("\n")}\n`);
  const said = await runTool("debugfs", ["-w", "-f", script, into], { env });
  const fault = said
    .toString()
    .split("\n")
    .find((line) => /invalid|not found|error/i.test(line));
  if (fault) throw new Error(`debugfs: ${fault}`);
}

/** The bundle's plain files. */
async function bundleFiles(bundle: string): Promise<string[]> {
  const names = await readdir(bundle);
  const kept: string[] = [];
  for (const name of names.sort()) if (isBundleFile(name) && (await stat(join(bundle, name))).isFile()) kept.push(name);
  return kept;
}
