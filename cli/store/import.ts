import { randomUUID } from "node:crypto";
import { type FileHandle, mkdir, open, readdir, rename, rm, rmdir } from "node:fs/promises";
import { basename, dirname, join, resolve } from "node:path";
import { importStore, ImportFault } from "../../broker/src/persistence/import-store";
import { folderName } from "../../broker/src/store/folder-name";
import { syncPath } from "../../broker/src/store/sync-path";
import { CommandError } from "../command-error";
import { EXIT } from "../exit-code";
import { createOutput } from "../output";
import { linesOf } from "./lines-of";

export interface StoreImportOptions {
  readonly json?: boolean;
}

/** `dmz store import <folder> [file]`: made aside, and given its name when it is whole. */
export async function storeImport(named: string, file: string | undefined, options: StoreImportOptions): Promise<void> {
  const output = createOutput(options.json ?? false);
  const folder = resolve(named);
  await requireEmpty(folder, named);
  // Opened before anything is made: a stream would say only later that there is none.
  const source = file === undefined ? undefined : await openExport(file);
  const parent = dirname(folder);
  await mkdir(parent, { recursive: true, mode: 0o700 });
  const aside = join(parent, folderName.building(basename(folder), randomUUID()));
  await mkdir(aside, { mode: 0o700 });
  try {
    const records = await importStore(linesOf(source?.createReadStream() ?? process.stdin), aside);
    await rmdir(folder).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== "ENOENT") throw error;
    });
    await rename(aside, folder);
    await syncPath(parent);
    output.event("imported", { folder, records });
    output.text(`Imported ${records} records into ${folder}`);
  } catch (error) {
    await rm(aside, { recursive: true, force: true });
    if (!(error instanceof ImportFault)) throw error;
    throw new CommandError(`${file ?? "standard input"}: ${error.message}`, "export it anew; nothing was imported");
  } finally {
    await source?.close();
  }
}

async function openExport(file: string): Promise<FileHandle> {
  const source = await open(file).catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") throw new CommandError(`${file}: there is no such file`, "name an export", EXIT.usage);
    throw error;
  });
  if (!(await source.stat()).isDirectory()) return source;
  await source.close();
  throw new CommandError(`${file}: is a folder`, "name the file of an export", EXIT.usage);
}

async function requireEmpty(folder: string, named: string): Promise<void> {
  const names = await readdir(folder).catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return [];
    if (error.code === "ENOTDIR") throw new CommandError(`${named}: is a file`, "name a new folder", EXIT.usage);
    throw error;
  });
  if (names.length > 0)
    throw new CommandError(`${named}: is not empty, and nothing in it is replaced`, "name a new folder", EXIT.usage);
}
