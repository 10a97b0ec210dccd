import { ContentDigest } from "./content-digest";
import { encodeCommit } from "./commit-log";
import { encodeFormat, type Format } from "./format";
import { walk, type LevelDatabase } from "./level-database";
import { FIRST_KEY, ownKey } from "./own-key";
import { checksumOf, seal } from "./sealed-record";

type Operation = { type: "put"; key: string; value: Buffer };

/**
 * Brings a store of format 1 to format 2: seals every record in its place, a piece at a time so that memory stays small,
 * and with each piece notes how far it is. A crash at any moment leaves a store of format 1 that the next call finishes.
 * @param format what the store says of itself.
 * @returns what is wrong with a record that an earlier call sealed, if something is; nothing was changed then.
 */
export async function upgradeFormat(
  database: LevelDatabase,
  { note: sealedUpTo }: Format,
): Promise<string | undefined> {
  const digest = new ContentDigest();
  for await (const entries of walk(database, { gte: FIRST_KEY })) {
    const operations: Operation[] = [];
    for (const [key, value] of entries) {
      if (key <= sealedUpTo) {
        const checksum = checksumOf(key, value);
        if (checksum === undefined) return `the record '${key}' is damaged: it does not have its checksum`;
        digest.add(checksum);
        continue;
      }
      const { record, checksum } = seal(key, value);
      digest.add(checksum);
      operations.push({ type: "put", key, value: record });
    }
    const last = operations.at(-1);
    if (!last) continue;
    operations.push({ type: "put", key: ownKey.format, value: encodeFormat(1, last.key) });
    await database.batch(operations, { sync: true });
  }
  const commit = seal(ownKey.commit(1), encodeCommit(1, digest)).record;
  await database.batch(
    [
      { type: "put", key: ownKey.commit(1), value: commit },
      { type: "put", key: ownKey.format, value: encodeFormat(2) },
    ],
    { sync: true },
  );
  return undefined;
}
