import type { ContentDigest } from "./content-digest";

/**
 * Commits whose records are kept. LevelDB leaves out what it cannot read of a log and goes on behind it: the gap shows
 * here which commits went, while the digest shows that some did, however long ago.
 */
export const KEPT_COMMITS = 1_024;

/** What a commit says of the store as it left it: its own number again, and the digest of all records. */
export const encodeCommit = (sequence: number, digest: ContentDigest): Buffer =>
  Buffer.from(`${sequence} ${digest.toString()}`, "latin1");

/** The digest that commit number `sequence` wrote, or undefined when the value is another commit's. */
export function digestIn(value: Buffer, sequence: number): string | undefined {
  const text = value.toString("latin1");
  const prefix = `${sequence} `;
  return text.startsWith(prefix) ? text.slice(prefix.length) : undefined;
}
