const base64url = (bytes: number): object => ({
  type: "string",
  pattern: `^[A-Za-z0-9_-]{${Math.ceil((bytes * 4) / 3)}}$`,
});

const sha256 = { type: "string", pattern: "^[0-9a-f]{64}$" } as const;

/** JSON Schema (draft-07) of one shard of the credential records. */
export const credentialShardSchema = {
  $schema: "http://json-schema.org/draft-07/schema#",
  title: "Credential shard",
  description: "The credential records of the identities that hash to this shard. Below 64 KiB of UTF-8 JSON; secret.",
  type: "object",
  additionalProperties: false,
  required: ["version", "site", "shard", "records"],
  properties: {
    version: { const: 1, description: "Format version: a reader refuses one that it does not know." },
    site: { type: "string", pattern: "^[a-z][a-z0-9-]{0,23}$", description: "The site's name." },
    shard: { type: "integer", minimum: 0, description: "Index of this shard, from 0." },
    records: {
      type: "object",
      description: "By identity name.",
      propertyNames: { pattern: "^(?!\\.{1,2}$)[A-Za-z0-9._-]{1,64}$" },
      additionalProperties: {
        type: "object",
        additionalProperties: false,
        required: ["passwords", "validFrom"],
        properties: {
          passwords: {
            type: "array",
            minItems: 1,
            maxItems: 2,
            description: "Two while a password is being changed: either is accepted.",
            items: {
              type: "object",
              additionalProperties: false,
              required: ["salt", "hash"],
              properties: {
                salt: { ...base64url(16), description: "16 random bytes." },
                hash: { ...base64url(32), description: "SHA-256 of the salt followed by the password in UTF-8." },
              },
            },
          },
          validFrom: { type: "integer", minimum: 0, description: "Unix seconds: older certificates are refused." },
        },
      },
    },
  },
} as const;

/** JSON Schema (draft-07) of a manifest: it activates one set of shards (decision 5). */
export const manifestSchema = {
  $schema: "http://json-schema.org/draft-07/schema#",
  title: "Manifest",
  description: "Which versions of the shards belong together; written last, by conditional write on the sequence.",
  type: "object",
  additionalProperties: false,
  required: ["version", "sequence", "shards", "sha256", "writtenAt"],
  properties: {
    version: { const: 1, description: "Format version." },
    sequence: { type: "integer", minimum: 1, description: "Grows by one with each write; a reader never goes back." },
    shards: {
      type: "array",
      minItems: 1,
      description: "One entry a shard, in shard order.",
      items: {
        type: "object",
        additionalProperties: false,
        required: ["versionId", "sha256"],
        properties: {
          versionId: {
            type: "string",
            minLength: 1,
            description: "Version of the secret, or file name in a directory.",
          },
          sha256: { ...sha256, description: "Of the shard's exact bytes." },
        },
      },
    },
    sha256: { ...sha256, description: "Of the entries' hashes joined by commas." },
    writtenAt: {
      type: "string",
      pattern: "^\\d{4}-\\d{2}-\\d{2}T\\d{2}:\\d{2}:\\d{2}(\\.\\d+)?Z$",
      description: "ISO 8601, UTC.",
    },
  },
} as const;
