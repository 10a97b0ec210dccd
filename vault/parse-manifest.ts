import type { Manifest, ManifestEntry } from "../policy/credentials";
import { documentSha256 } from "./next-manifest";

const HEX_SHA256 = /^[0-9a-f]{64}$/;

const isEntry = (value: unknown): value is ManifestEntry => {
  const entry = value as Partial<ManifestEntry> | null;
  return (
    typeof entry === "object" &&
    entry !== null &&
    typeof entry.versionId === "string" &&
    typeof entry.sha256 === "string" &&
    HEX_SHA256.test(entry.sha256)
  );
};

/**
 * Reads a stored manifest and checks that it is whole: it decides which credentials are valid.
 * @param where names the item or file in errors.
 * @throws when it is no manifest of version 1, or its hash does not fit its shards.
 */
export const parseManifest = (text: string, where: string): Manifest => {
  const fault = (rule: string, got: unknown): Error => new Error(`${where}: ${rule}, got ${JSON.stringify(got)}`);
  let parsed: Partial<Manifest> | null;
  try {
    parsed = JSON.parse(text) as Partial<Manifest> | null;
  } catch (cause) {
    throw new Error(`${where}: must be JSON, got ${text.length} characters that are not`, { cause });
  }
  if (typeof parsed !== "object" || parsed === null) throw fault("must be an object", parsed);
  const { version, sequence, shards, sha256, writtenAt } = parsed;
  if (version !== 1) throw fault("'version' must be 1 (is this tool older than the site?)", version);
  if (!Number.isSafeInteger(sequence) || sequence! < 1)
    throw fault("'sequence' must be a whole number from 1", sequence);
  if (!Array.isArray(shards) || !shards.every(isEntry))
    throw fault("'shards' must be a list of versionId and sha256", shards);
  if (sha256 !== documentSha256(shards)) throw fault("'sha256' must be the hash of the shards' hashes", sha256);
  if (typeof writtenAt !== "string") throw fault("'writtenAt' must be an ISO 8601 time", writtenAt);
  return { version, sequence: sequence!, shards, sha256: sha256!, writtenAt };
};
