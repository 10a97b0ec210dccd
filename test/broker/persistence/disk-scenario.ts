import { readdir, rm, statfs, writeFile } from "node:fs/promises";
import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { LevelKeyValue } from "../../../broker/src/persistence/level-key-value";

/*
 * Runs in a process of its own, on a file system of its own: writes until a batch fails, repairs the disk, opens again.
 * One line of JSON says what came of it.
 */

const [scenario, disk] = process.argv.slice(2) as [string, string];
const folder = join(disk, "store");
const ballast = join(disk, "ballast");
const key = (i: number): string => `k/${i.toString().padStart(6, "0")}`;
const failure = (error: unknown): string => (error as Error).message;
const VALUE = Buffer.alloc(2_000, 7);

async function main(): Promise<Record<string, unknown>> {
  if (scenario === "read-only") return readOnly();
  const store = await LevelKeyValue.open({ folder, create: true });
  if (scenario === "full") {
    const { bavail, bsize } = await statfs(disk);
    await writeFile(ballast, Buffer.alloc(bavail * bsize - 400_000));
  }
  let acknowledged = 0;
  let first = "";
  const all = [];
  for (let i = 0; i < 20_000 && !first; i++) {
    const batch = store.batch([{ type: "put", key: key(i), value: VALUE }]).then(
      () => void (acknowledged += 1),
      (error: unknown) => void (first ||= failure(error)),
    );
    all.push(batch);
    if (i % 7 === 0) await batch;
  }
  await Promise.all(all);
  const later = [
    await store.batch([]).catch(failure),
    await store.get(key(0)).catch(failure),
    await store.range({ gte: "", lt: "~" }).catch(failure),
  ];
  // The room comes back; the store stays broken all the same.
  await rm(ballast, { force: true });
  later.push(await store.batch([]).catch(failure));
  await store.close();
  if (scenario === "limit") execFileSync("prlimit", [`--pid=${process.pid}`, "--fsize=unlimited"]);
  const again = await LevelKeyValue.open({ folder, create: false });
  const found = [...(await again.range({ gte: "", lt: "~" }))];
  await again.close();
  const isThere = found.slice(0, acknowledged).every(([name, value], i) => name === key(i) && value.equals(VALUE));
  return { acknowledged, first, later, found: found.length, isThere };
}

async function readOnly(): Promise<Record<string, unknown>> {
  const store = await LevelKeyValue.open({ folder, create: true });
  await store.batch([{ type: "put", key: "a", value: VALUE }]);
  await store.close();
  const names = await readdir(folder);
  execFileSync("mount", ["-o", "remount,ro", disk]);
  const first = await LevelKeyValue.open({ folder, create: true }).then(() => "", failure);
  const changed = (await readdir(folder)).filter((name) => !names.includes(name));
  execFileSync("mount", ["-o", "remount,rw", disk]);
  const again = await LevelKeyValue.open({ folder, create: false });
  const found = [...(await again.range({ gte: "", lt: "~" }))];
  await again.close();
  return { first, changed, found: found.length };
}

main().then(
  (result) => process.stdout.write(`${JSON.stringify(result)}\n`),
  (error: unknown) => {
    process.stderr.write(`${(error as Error).stack}\n`);
    process.exitCode = 1;
  },
);
