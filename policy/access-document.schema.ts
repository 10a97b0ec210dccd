/** JSON Schema (draft-07) of one shard of the access document. What a schema cannot say, `compileAccess` checks. */
export const accessShardSchema = {
  $schema: "http://json-schema.org/draft-07/schema#",
  title: "Access document shard",
  description:
    "Who may connect to a site's broker, and what each may publish and subscribe. One shard of several; below 64 KiB of UTF-8 JSON. An identity's row is in the shard that rendezvous hashing of its name gives.",
  type: "object",
  additionalProperties: false,
  required: ["version", "site", "shard", "shards", "roles", "identities"],
  properties: {
    version: { const: 1, description: "Format version: a reader refuses one that it does not know." },
    site: { type: "string", pattern: "^[a-z][a-z0-9-]{0,23}$", description: "The site's name." },
    shard: { type: "integer", minimum: 0, maximum: 99, description: "Index of this shard, from 0, below 'shards'." },
    shards: {
      type: "integer",
      minimum: 1,
      maximum: 100,
      description: "Number of shards of the document, the same in each.",
    },
    roles: {
      type: "object",
      description: "The roles of this shard's rows, by id: a template's word, or '<template>:<parameters>'.",
      propertyNames: { pattern: "^(sparkplug-edge-node|sparkplug-host|telemetry-device|consumer|operator|raw)(:.+)?$" },
      additionalProperties: { $ref: "#/definitions/grants" },
    },
    identities: {
      type: "array",
      description: "One row an identity, sorted by name.",
      items: { $ref: "#/definitions/row" },
    },
  },
  definitions: {
    grants: {
      type: "object",
      additionalProperties: false,
      required: ["publish", "subscribe"],
      properties: {
        publish: { $ref: "#/definitions/filters", description: "What it may publish, wills and retained included." },
        subscribe: { $ref: "#/definitions/filters", description: "One of these must cover a requested subscription." },
      },
    },
    filters: {
      type: "array",
      uniqueItems: true,
      items: {
        type: "string",
        minLength: 1,
        maxLength: 65_535,
        description: "An MQTT 3.1.1 topic filter. A level that is '{id}' stands for the identity's name.",
        // Wildcards fill whole levels and '#' is last; braces only as {id}, once (MQTT 3.1.1, section 4.7.1).
        pattern:
          "^(?![^]*\\{id\\}[^]*\\{id\\})([^+#{}\\u0000/]*|\\+|\\{id\\})(/([^+#{}\\u0000/]*|\\+|\\{id\\}))*(/#)?$|^#$",
      },
    },
    row: {
      type: "array",
      minItems: 4,
      maxItems: 4,
      additionalItems: false,
      description: "[name, kind, role, certificate]",
      items: [
        {
          type: "string",
          pattern: "^(?!\\.{1,2}$)[A-Za-z0-9._-]{1,64}$",
          description: "Identity name: user name, certificate subject and ClientId.",
        },
        { enum: ["e", "n"], description: "e: edge; n: enterprise, whose ClientId may be 'name~suffix'." },
        { type: "string", minLength: 1, description: "A key of 'roles'." },
        { enum: [0, 1], description: "1: a client certificate is required; 0: password only." },
      ],
    },
  },
} as const;
