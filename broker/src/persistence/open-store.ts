import { readdir } from "node:fs/promises";
import { encodeCommit } from "./commit-log";
import { ContentDigest } from "./content-digest";
import { encodeFormat, FORMAT, readFormat } from "./format";
import { inspectRecords, type Inspection } from "./inspect-records";
import { LAST_COMMIT_FILE, LastCommitFile, readLastCommit } from "./last-commit-file";
import { openLevel, type LevelDatabase } from "./level-database";
import { missingLog } from "./missing-log";
import { ownKey } from "./own-key";
import { seal } from "./sealed-record";
import { RESTORE, StoreFault } from "./store-fault";
import { syncWitness } from "./sync-witness";
import { upgradeFormat } from "./upgrade-format";

export interface OpenStoreProps {
  readonly folder: string;
  /** Makes a new store where there is none: never where one must be. */
  readonly create: boolean;
  /** How a sync is doubted. @default syncWitness */
  readonly witness?: typeof syncWitness;
}

export interface OpenedStore {
  readonly database: LevelDatabase;
  readonly inspection: Inspection;
  readonly lastCommit: LastCommitFile;
}

/**
 * Opens the database in a folder, as far as it is a whole store of ours; an older format is brought to the current one.
 * What a crash left unfinished at the end was never acknowledged, and LevelDB leaves it out. Anything else that is
 * missing or damaged is a fault.
 * @throws StoreFault
 */
export async function openStore(props: OpenStoreProps): Promise<OpenedStore> {
  const { folder, witness = syncWitness } = props;
  const { database, inspection } = await inspectStore(props);
  try {
    const { faults, sequence } = inspection;
    if (faults.length > 0) throw new StoreFault("corrupt", folder, summary(faults), RESTORE);
    return { database, inspection, lastCommit: await LastCommitFile.open(folder, sequence, witness) };
  } catch (error) {
    await database.close();
    throw error instanceof StoreFault ? error : openFault(folder, error as Error);
  }
}

/**
 * The same for whoever wants to know all faults of its records: they are in the inspection.
 * @throws StoreFault when it cannot be looked into.
 */
export async function inspectStore({
  folder,
  create,
}: OpenStoreProps): Promise<{ readonly database: LevelDatabase; readonly inspection: Inspection }> {
  const isNew = await requireFiles(folder, create);
  const atLeast = isNew ? 0 : await lastCommitOf(folder);
  const gone = isNew ? undefined : await missingLog(folder);
  if (gone) throw new StoreFault("corrupt", folder, gone, RESTORE);
  const database = await openLevel(folder, isNew).catch((error: unknown) => {
    throw openFault(folder, error as Error);
  });
  try {
    await requireFormat(database, folder, isNew);
    return { database, inspection: await inspectRecords(database, atLeast) };
  } catch (error) {
    await database.close();
    throw error instanceof StoreFault ? error : openFault(folder, error as Error);
  }
}

/** What is in a folder before LevelDB has made a database in it, or was stopped while making one. */
const UNFINISHED = /^(LOCK|LOG|LOG\.old|MANIFEST-000001|\d{6}\.dbtmp)$/;

/** @returns whether there is no store yet and one may be made. */
async function requireFiles(folder: string, create: boolean): Promise<boolean> {
  const names = await readdir(folder).catch((error: NodeJS.ErrnoException): string[] => {
    if (error.code === "ENOENT") return [];
    throw openFault(folder, error);
  });
  if (names.includes("CURRENT")) return false;
  if (names.some((name) => !UNFINISHED.test(name)))
    throw new StoreFault("corrupt", folder, "the file CURRENT is missing among a store's other files", RESTORE);
  if (create) return true;
  throw new StoreFault("missing", folder, "a store must be there, and there is none", RESTORE);
}

async function lastCommitOf(folder: string): Promise<number> {
  const sequence = await readLastCommit(folder).catch((error: unknown) => {
    throw openFault(folder, error as Error);
  });
  if (sequence !== undefined) return sequence;
  throw new StoreFault("corrupt", folder, `the file ${LAST_COMMIT_FILE} is damaged`, RESTORE);
}

async function requireFormat(database: LevelDatabase, folder: string, isNew: boolean): Promise<void> {
  const format = await readFormat(database);
  if (format === undefined) {
    // Made, and stopped before its first record: nothing was ever stored in it.
    if (!isNew && !(await isEmpty(database)))
      throw new StoreFault("corrupt", folder, "the record of its format is missing", RESTORE);
    return makeEmpty(database);
  }
  if (format === "unreadable") throw new StoreFault("corrupt", folder, "the record of its format is damaged", RESTORE);
  if (format.version > FORMAT)
    throw new StoreFault(
      "newer",
      folder,
      `its format is ${format.version}, and this version knows formats up to ${FORMAT}`,
      "Start the version that wrote it, or a later one: nothing was changed.",
    );
  if (format.version === FORMAT) return;
  const fault = await upgradeFormat(database, format);
  if (fault) throw new StoreFault("corrupt", folder, fault, RESTORE);
}

async function isEmpty(database: LevelDatabase): Promise<boolean> {
  return (await database.keys({ limit: 1 }).all()).length === 0;
}

async function makeEmpty(database: LevelDatabase): Promise<void> {
  const key = ownKey.commit(1);
  await database.batch(
    [
      { type: "put", key: ownKey.format, value: encodeFormat(FORMAT) },
      { type: "put", key, value: seal(key, encodeCommit(1, new ContentDigest())).record },
    ],
    { sync: true },
  );
}

/** Faults that a message names. */
const NAMED = 3;

function summary(faults: readonly string[]): string {
  const named = faults.slice(0, NAMED).join("; ");
  return faults.length > NAMED ? `${named}; and ${faults.length - NAMED} more faults` : named;
}

/** LevelDB's own words, and what they mean for whoever reads them. */
function openFault(folder: string, error: Error): StoreFault {
  const cause = (error.cause as Error | undefined) ?? error;
  const { code } = cause as { code?: string };
  const options = { cause: error };
  if (code === "LEVEL_LOCKED")
    return new StoreFault("busy", folder, "another process has it open", "Stop that one first.", options);
  if (code === "LEVEL_CORRUPTION" || code === "LEVEL_INVALID_ARGUMENT" || code === "LEVEL_NOT_FOUND")
    return new StoreFault("corrupt", folder, `LevelDB says: ${cause.message}`, RESTORE, options);
  return new StoreFault(
    "io",
    folder,
    `it cannot be opened: ${cause.message}`,
    "See to its disk (room, mount, rights), then start again: nothing was changed.",
    options,
  );
}
