import { digestIn } from "./commit-log";
import { ContentDigest } from "./content-digest";
import { walk, type LevelDatabase } from "./level-database";
import { OpenedRecords } from "./opened-records";
import { commitOf, FIRST_KEY } from "./own-key";
import { checksumOf, unseal, VALUE_AT } from "./sealed-record";

/** What all records of a store say together. */
export interface Inspection {
  readonly digest: ContentDigest;
  /** Every record that is well: whoever opens a store reads them next. */
  readonly records: OpenedRecords;
  /** Number of the last commit; 0 without any. */
  readonly sequence: number;
  /** Each is a sentence without its full stop; the store is well when there are none. */
  readonly faults: readonly string[];
}

/**
 * Reads every record of a store of the current format and holds it against its checksum, the commits against their
 * numbers, and all records together against the digest of the last commit.
 * @param atLeast the commit that is known to be stored.
 */
export async function inspectRecords(database: LevelDatabase, atLeast: number): Promise<Inspection> {
  const digest = new ContentDigest();
  const records = new OpenedRecords();
  const faults: string[] = [];
  let sequence = 0;
  let expected: string | undefined;
  try {
    for await (const entries of walk(database, { lt: FIRST_KEY })) {
      for (const [key, record] of entries) {
        const commit = commitOf(key);
        if (commit === undefined) continue;
        if (sequence > 0 && commit !== sequence + 1) faults.push(gap(sequence + 1, commit - 1));
        sequence = commit;
        const value = unseal(key, record);
        expected = value && digestIn(value, commit);
        if (expected === undefined) faults.push(`commit ${commit} is damaged: its record does not have its checksum`);
      }
    }
    for await (const entries of walk(database, { gte: FIRST_KEY })) {
      for (const [key, record] of entries) {
        const checksum = checksumOf(key, record);
        if (checksum === undefined) {
          faults.push(`the record '${key}' is damaged: it does not have its checksum`);
          continue;
        }
        digest.add(checksum);
        records.add(key, record, VALUE_AT, checksum);
      }
    }
  } catch (error) {
    faults.push(`a table cannot be read: ${(error as Error).message}`);
  }
  if (sequence === 0) faults.push("no commit is there");
  if (atLeast > sequence) faults.push(gap(sequence + 1, atLeast));
  if (faults.length === 0 && expected !== digest.toString())
    faults.push(
      `records are missing, or are there that were deleted: it holds ${digest.count}, the last commit left ${expected!.split(" ")[0]!}` +
        " (or as many others)",
    );
  return { digest, records, sequence, faults };
}

const gap = (first: number, last: number): string =>
  first === last ? `commit ${first} is missing` : `commits ${first} to ${last} are missing`;
