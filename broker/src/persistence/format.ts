import type { LevelDatabase } from "./level-database";
import { ownKey } from "./own-key";

/**
 * Versions of the store's format (docs/store.md):
 * 1: values as they are, nothing else.
 * 2: a checksum in every record, and a numbered commit with a digest of all records in every batch.
 */
export const FORMAT = 2;

const PREFIX = "mqtt-dmz store format ";

/** Every version writes it alike, so that every version can read it. */
export const encodeFormat = (version: number, note = ""): Buffer => Buffer.from(`${PREFIX}${version}\n${note}`);

export interface Format {
  readonly version: number;
  /** What an upgrade left behind, to go on from. */
  readonly note: string;
}

/** @returns undefined when there is no format record, "unreadable" when it is none that a version has ever written. */
export async function readFormat(database: LevelDatabase): Promise<Format | "unreadable" | undefined> {
  const record = await database.get(ownKey.format);
  if (record === undefined) return undefined;
  const found = /^mqtt-dmz store format ([1-9]\d{0,5})\n([^]*)$/.exec(record.toString());
  return found ? { version: Number(found[1]), note: found[2]! } : "unreadable";
}
