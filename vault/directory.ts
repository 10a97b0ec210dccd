import { readdir, readFile, rm, stat } from "node:fs/promises";
import { dirname, join, relative, resolve, sep } from "node:path";

import type { Manifest } from "../policy/credentials";
import { itemKey, type ShardedDocument } from "../policy/deployment";
import { createFile, privateFolder, replaceFile } from "./atomic-file";
import { parseManifest } from "./parse-manifest";
import { sha256Hex } from "./sha256-hex";
import { ManifestConflict, type SecretValue, type Vault } from "./vault";

/** Secret names come from policy/deployment.ts; anything else, `..` above all, never becomes a path. */
const SECRET_NAME = /^[a-z][a-z0-9-]*(\/[a-z0-9][a-z0-9-]*)+$/;
const VERSION_ID = /^[0-9a-f]{32}$/;

/** Versions kept of a secret besides those that a manifest names, and milliseconds during which any version is kept. */
const KEPT_VERSIONS = 8;
/** Somebody may have written it and be about to activate it: Secrets Manager keeps versions for a day for that reason. */
const KEPT_FOR = 10 * 60_000;

/** A version is named by its content, so that the current file needs no second file that says which version it is. */
const versionOf = (value: string): string => sha256Hex(value).slice(0, 32);

const isMissing = (error: NodeJS.ErrnoException): boolean => error.code === "ENOENT";

const readIfThere = (path: string): Promise<string | undefined> =>
  readFile(path, "utf8").catch((error: NodeJS.ErrnoException) => {
    if (isMissing(error)) return undefined;
    throw error;
  });

const listIfThere = (path: string): Promise<string[]> =>
  readdir(path).catch((error: NodeJS.ErrnoException) => {
    if (isMissing(error)) return [];
    throw error;
  });

/**
 * One site's vault in a folder of this machine: what `dmz start` uses instead of AWS.
 *
 *     <root>/<site>/ca                        current value, by the secret's own name
 *     <root>/.versions/<site>/ca/<version>    the last few values
 *     <root>/.manifest/credentials/<sequence> every manifest: a used number stays used, so that no late writer can
 *                                             slip in behind the others
 *
 * Files are 0600, folders 0700, every write is whole and synced, and several processes may write at once.
 * @throws (from its methods) naming the folder and the fix when it cannot be read or written.
 */
export const directoryVault = (root: string): Vault => {
  const base = resolve(root);

  const pathOf = (secret: string): string => {
    if (!SECRET_NAME.test(secret)) {
      throw new Error(
        `vault '${base}': a secret's name must match ${SECRET_NAME.source}, got ${JSON.stringify(secret)}`,
      );
    }
    return join(base, secret);
  };
  const versionFolder = (secret: string): string => join(base, ".versions", secret);
  const manifestFolder = (document: ShardedDocument): string => join(base, `.${itemKey.manifest(document)}`);

  /** Says what to do instead of a bare errno. */
  const explained = async <T>(doing: string, work: () => Promise<T>): Promise<T> => {
    try {
      return await work();
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code === undefined || error instanceof ManifestConflict) throw error;
      const fix = "choose a folder that this user may write and that has space, or repair its owner and mode (u+rwx)";
      throw new Error(`vault '${base}': cannot ${doing} (${code}); ${fix}`, { cause: error });
    }
  };

  /** Every folder from the root down to this one, so that none is left open to others. */
  const prepare = async (folder: string): Promise<void> => {
    const missing = (await stat(base).catch(() => undefined)) === undefined;
    if (missing) await privateFolder(base);
    const below = relative(base, folder).split(sep);
    for (let depth = 1; depth <= below.length; depth++) await privateFolder(join(base, ...below.slice(0, depth)));
  };

  const sequences = async (document: ShardedDocument): Promise<number[]> =>
    (await listIfThere(manifestFolder(document)))
      .filter((name) => /^\d{10}$/.test(name))
      .map(Number)
      .sort((a, b) => a - b);

  const readManifest = async (document: ShardedDocument): Promise<Manifest | undefined> => {
    const newest = (await sequences(document)).at(-1);
    if (newest === undefined) return undefined;
    const path = join(manifestFolder(document), String(newest).padStart(10, "0"));
    return parseManifest(await readFile(path, "utf8"), path);
  };

  const prune = async (secret: string): Promise<void> => {
    const folder = versionFolder(secret);
    const manifests = await Promise.all([readManifest("credentials"), readManifest("access")]);
    const active = new Set(manifests.flatMap((manifest) => manifest?.shards.map((shard) => shard.versionId) ?? []));
    const names = (await readdir(folder)).filter((name) => VERSION_ID.test(name) && !active.has(name));
    if (names.length <= KEPT_VERSIONS) return;
    const aged = await Promise.all(
      // Another process may prune at the same moment: what is gone counts as oldest.
      names.map(async (name) => ({
        name,
        at: await stat(join(folder, name)).then(
          (s) => s.mtimeMs,
          () => 0,
        ),
      })),
    );
    const surplus = aged.sort((a, b) => b.at - a.at).slice(KEPT_VERSIONS);
    const old = surplus.filter(({ at }) => at < Date.now() - KEPT_FOR);
    await Promise.all(old.map(({ name }) => rm(join(folder, name), { force: true })));
  };

  const keepVersion = async (secret: string, value: string): Promise<string> => {
    const versionId = versionOf(value);
    await prepare(versionFolder(secret));
    await prepare(dirname(pathOf(secret)));
    await replaceFile(join(versionFolder(secret), versionId), value);
    return versionId;
  };

  const read = async (secret: string, versionId?: string): Promise<SecretValue | undefined> => {
    const current = pathOf(secret);
    if (versionId !== undefined && !VERSION_ID.test(versionId)) return undefined;
    return explained(`read '${secret}'`, async () => {
      const value = await readIfThere(versionId === undefined ? current : join(versionFolder(secret), versionId));
      return value === undefined ? undefined : { value, versionId: versionOf(value) };
    });
  };

  return {
    read,
    create: async (secret, value) => {
      const path = pathOf(secret);
      return explained(`write '${secret}'`, async () => {
        const versionId = await keepVersion(secret, value);
        if (await createFile(path, value)) return { value, versionId };
        const first = await readFile(path, "utf8");
        return { value: first, versionId: versionOf(first) };
      });
    },
    write: async (secret, value) => {
      const path = pathOf(secret);
      return explained(`write '${secret}'`, async () => {
        const versionId = await keepVersion(secret, value);
        await replaceFile(path, value);
        await prune(secret);
        return versionId;
      });
    },
    readManifest: (document) => explained(`read ${itemKey.manifest(document)}`, () => readManifest(document)),
    writeManifest: (document, manifest) =>
      explained(`write ${itemKey.manifest(document)}`, async () => {
        const stored = (await sequences(document)).at(-1) ?? 0;
        if (stored !== manifest.sequence - 1) throw new ManifestConflict(document, manifest.sequence - 1);
        const folder = manifestFolder(document);
        await prepare(folder);
        const path = join(folder, String(manifest.sequence).padStart(10, "0"));
        if (!(await createFile(path, JSON.stringify(manifest))))
          throw new ManifestConflict(document, manifest.sequence - 1);
      }),
  };
};
