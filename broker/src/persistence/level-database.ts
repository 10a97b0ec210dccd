import { ClassicLevel } from "classic-level";

/** LevelDB as we use it: text keys, binary values. */
export type LevelDatabase = ClassicLevel<string, Buffer>;

/** An entry as LevelDB holds it. */
export type LevelEntry = readonly [key: string, value: Buffer];

/** Entries, and bytes, that a walk reads at a time. */
const STEP = 500;
const STEP_BYTES = 1024 * 1024;

/**
 * What LevelDB gathers before it makes a file of it. Most records are gone soon after they came: with its own 4 MiB, and
 * compressing, making files and merging them was a fifth of what a delivery cost. A start reads as much again from the log.
 */
const WRITE_BUFFER = 16 * 1024 * 1024;

/** @throws LevelDB's own error when the folder cannot be opened as a database. */
export async function openLevel(folder: string, create: boolean): Promise<LevelDatabase> {
  const database: LevelDatabase = new ClassicLevel(folder, {
    keyEncoding: "utf8",
    valueEncoding: "buffer",
    createIfMissing: create,
    compression: false,
    writeBufferSize: WRITE_BUFFER,
  });
  await database.open();
  return database;
}

/** Reads in ascending order what the database holds at the moment of the call. */
export async function* walk(
  database: LevelDatabase,
  range: { readonly gt?: string; readonly gte?: string; readonly lt?: string } = {},
): AsyncGenerator<readonly LevelEntry[], void, undefined> {
  // What is read once must not drive out of the cache what is read often.
  const iterator = database.iterator({ ...range, fillCache: false, highWaterMarkBytes: STEP_BYTES });
  try {
    for (let next = iterator.nextv(STEP); ;) {
      const entries = await next;
      if (entries.length === 0) return;
      // LevelDB reads on in its own thread while these are looked at.
      next = iterator.nextv(STEP);
      next.catch(() => undefined);
      yield entries;
    }
  } finally {
    await iterator.close();
  }
}
