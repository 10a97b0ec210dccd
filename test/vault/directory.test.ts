import { spawn } from "node:child_process";
import { mkdir, readdir, readFile, stat, utimes, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { createInterface } from "node:readline";

import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";

import { directoryVault } from "../../vault/directory";
import { nextManifest } from "../../vault/next-manifest";
import type { Vault } from "../../vault/vault";
import { temporaryFolder } from "./temporary-folder";
import { holdsTheVaultContract } from "./vault-contract";

describe("a vault in a folder", () =>
  holdsTheVaultContract(async () => {
    const { path, remove } = await temporaryFolder();
    return { vault: directoryVault(path), close: remove };
  }));

describe("a vault in a folder, beyond the contract,", () => {
  let parent: string;
  let root: string;
  let vault: Vault;
  let remove: () => Promise<void>;
  beforeEach(async () => {
    ({ path: parent, remove } = await temporaryFolder());
    root = join(parent, "made", "by the vault");
    vault = directoryVault(root);
  });
  afterEach(() => remove());

  const modes = async (): Promise<Record<"file" | "folder", Set<string>>> => {
    const found = { file: new Set<string>(), folder: new Set<string>() };
    for (const entry of [".", ...(await readdir(root, { recursive: true }))]) {
      const { mode } = await stat(join(root, entry));
      const kind = (mode & 0o170000) === 0o040000 ? "folder" : "file";
      found[kind].add((mode & 0o777).toString(8));
    }
    return found;
  };

  test("files are 0600 and folders 0700, whatever the umask", async () => {
    const before = process.umask(0);
    try {
      await vault.create("plant1/ca", "key");
      await vault.write("plant1/credentials/0", "records");
      await vault.writeManifest("credentials", nextManifest(undefined, [], new Date()));
    } finally {
      process.umask(before);
    }
    expect(await modes()).toEqual({ file: new Set(["600"]), folder: new Set(["700"]) });
  });

  test("a folder of the vault that was left open is closed by the next write", async () => {
    await mkdir(join(root, "plant1"), { recursive: true, mode: 0o777 });
    await vault.write("plant1/ca", "key");
    expect((await stat(join(root, "plant1"))).mode & 0o777).toBe(0o700);
  });

  test("a secret is a file of its own name that holds the value and nothing else", async () => {
    await vault.write("plant1/server-certificate", "the value");
    expect(await readFile(join(root, "plant1", "server-certificate"), "utf8")).toBe("the value");
  });

  test("no temporary file is left behind", async () => {
    await Promise.all(Array.from({ length: 10 }, (_, i) => vault.create("plant1/ca", String(i))));
    const files = await readdir(root, { recursive: true });
    expect(files.filter((name) => name.endsWith(".tmp"))).toEqual([]);
  });

  describe("of twenty old versions", () => {
    const secret = "plant1/credentials/0";
    let active: string;
    beforeEach(async () => {
      active = await vault.write(secret, "active");
      const shards = [{ versionId: active, sha256: "a".repeat(64) }];
      await vault.writeManifest("credentials", nextManifest(undefined, shards, new Date()));
      for (let i = 0; i < 20; i++) await vault.write(secret, `attempt ${i}`);
    });
    const folder = (): string => join(root, ".versions", ...secret.split("/"));

    test("a bounded few are kept, and the active one whatever its age", async () => {
      const yesterday = new Date(Date.now() - 86_400_000);
      for (const name of await readdir(folder())) await utimes(join(folder(), name), yesterday, yesterday);
      await vault.write(secret, "one more");
      expect(await readdir(folder())).toHaveLength(9);
      expect(await vault.read(secret, active)).toEqual({ value: "active", versionId: active });
    });

    test("none is removed while it is young: somebody may be about to activate it", async () => {
      expect(await readdir(folder())).toHaveLength(21);
    });
  });

  test.each(["../outside", "plant1/../../outside", "/etc/passwd", "plant1", "plant1//ca", "plant1/.ca", ""])(
    "the secret name %j never becomes a path",
    async (name) => {
      await expect(vault.read(name)).rejects.toThrow("a secret's name must match");
      await expect(vault.write(name, "x")).rejects.toThrow("a secret's name must match");
      await expect(vault.create(name, "x")).rejects.toThrow("a secret's name must match");
    },
  );

  test("a version id never becomes a path", async () => {
    await vault.write("plant1/ca", "key");
    await writeFile(join(root, ".versions", "plant1", "loose"), "x");
    expect(await vault.read("plant1/ca", "../loose")).toBeUndefined();
  });

  test("a place that cannot be written is named, with the reason and what to do", async () => {
    const file = join(parent, "a-file");
    await writeFile(file, "");
    await expect(directoryVault(file).write("plant1/ca", "key")).rejects.toThrow(
      `vault '${file}': cannot write 'plant1/ca' (ENOTDIR); choose a folder that this user may write`,
    );
  });

  test("two processes that move the manifest at the same time lose no step", async () => {
    const script = join(__dirname, "move-manifest-process.ts");
    const processes = [0, 1].map(() => {
      const child = spawn(process.execPath, ["--import", "tsx", script, root, "25"], {
        stdio: ["pipe", "pipe", "inherit"],
      });
      const lines = createInterface(child.stdout)[Symbol.asyncIterator]();
      const line = async (): Promise<string> => String((await lines.next()).value);
      return { child, line };
    });
    for (const { line } of processes) expect(await line()).toBe("ready");
    for (const { child } of processes) child.stdin.write("go\n");
    const conflicts = await Promise.all(processes.map(async ({ line }) => Number(await line())));
    expect((await vault.readManifest("credentials"))?.sequence).toBe(50);
    // Without a single conflict they did not meet, and the test would show nothing.
    expect(conflicts[0]! + conflicts[1]!).toBeGreaterThan(0);
  });
});
