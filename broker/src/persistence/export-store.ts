import { createHash } from "node:crypto";
import { walk } from "./level-database";
import { inspectStore } from "./open-store";
import { FIRST_KEY } from "./own-key";
import { unseal } from "./sealed-record";
import { RESTORE, StoreFault } from "./store-fault";

/** Names the format of an export, in its first line. */
export const EXPORT = "mqtt-dmz store export 1";

/** First line of an export. */
export interface ExportHead {
  readonly export: string;
  /** Number of the store's last commit. */
  readonly commit: number;
}
/** A record: its key, and its value in base64. */
export interface ExportRecord {
  readonly key: string;
  readonly value: string;
}
/** Last line: how many records, and the SHA-256 of their lines, line feeds included, in hexadecimal. */
export interface ExportEnd {
  readonly records: number;
  readonly sha256: string;
}

export interface ExportOptions {
  /** Leaves out what is damaged, and goes on. @default false: what is damaged is a fault, before anything is given. */
  readonly salvage?: boolean;
  /** Called with each fault that is gone past. */
  readonly onFault?: (fault: string) => void;
}

/**
 * Everything in a store as lines of JSON (docs/store.md), a piece at a time. LevelDB writes to a folder that it opens: give
 * it a copy.
 * @throws StoreFault
 */
export async function* exportStore(
  folder: string,
  options: ExportOptions = {},
): AsyncGenerator<string, number, undefined> {
  const { salvage = false, onFault = () => undefined } = options;
  const { database, inspection } = await inspectStore({ folder, create: false });
  try {
    const { faults, sequence } = inspection;
    if (faults.length > 0 && !salvage) throw new StoreFault("corrupt", folder, faults[0]!, RESTORE);
    faults.forEach(onFault);
    yield line({ export: EXPORT, commit: sequence } satisfies ExportHead);
    const hash = createHash("sha256");
    let records = 0;
    try {
      for await (const entries of walk(database, { gte: FIRST_KEY })) {
        let piece = "";
        for (const [key, record] of entries) {
          const value = unseal(key, record);
          if (!value) continue;
          piece += line({ key, value: value.toString("base64") } satisfies ExportRecord);
          records += 1;
        }
        hash.update(piece);
        yield piece;
      }
    } catch (error) {
      // What LevelDB cannot read ends the walk; what came before is well.
      if (!salvage) throw error;
    }
    yield line({ records, sha256: hash.digest("hex") } satisfies ExportEnd);
    return records;
  } finally {
    await database.close();
  }
}

const line = (value: ExportHead | ExportRecord | ExportEnd): string => `${JSON.stringify(value)}\n`;
