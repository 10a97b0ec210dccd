import { contradictions } from "./contradictions";
import { inspectStore } from "./open-store";
import { StoreFault } from "./store-fault";

/** What a store holds and what is wrong with it. */
export interface StoreReport {
  /** Number of the last commit; undefined when the store cannot be looked into. */
  readonly commit: number | undefined;
  /** Records that are well, by kind: the first part of their keys. */
  readonly records: Readonly<Record<string, number>>;
  /** Each is a sentence without its full stop. */
  readonly faults: readonly string[];
}

/**
 * Reads everything in a store's folder. LevelDB writes to a folder that it opens: give it a copy.
 * @throws StoreFault when the folder is in use, of a later version, or cannot be read: that says nothing about its content.
 */
export async function verifyStore(folder: string): Promise<StoreReport> {
  try {
    const { database, inspection } = await inspectStore({ folder, create: false });
    const { faults, sequence } = inspection;
    const keys = new Set(inspection.records.keys);
    // Where a table cannot be read, what is missing is no news.
    const further = faults.length === 0 ? contradictions(database, keys) : Promise.resolve([]);
    const more = await further.finally(() => database.close());
    const records: Record<string, number> = {};
    for (const key of keys) {
      const [kind = ""] = key.split("/", 1);
      records[kind] = (records[kind] ?? 0) + 1;
    }
    return { commit: sequence, records, faults: [...faults, ...more] };
  } catch (error) {
    if (!(error instanceof StoreFault) || error.kind !== "corrupt") throw error;
    return { commit: undefined, records: {}, faults: [error.what] };
  }
}
