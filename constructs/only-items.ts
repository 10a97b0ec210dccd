import type { Statement } from "./policy-document";

/**
 * Limits a DynamoDB statement to the items with these partition keys. `Null` closes the gap that `ForAllValues` is true
 * for a request that carries no key at all (IAM User Guide, "Multivalued context keys").
 */
export const onlyItems = (...keys: readonly string[]): NonNullable<Statement["Condition"]> => ({
  "ForAllValues:StringEquals": { "dynamodb:LeadingKeys": keys },
  Null: { "dynamodb:LeadingKeys": "false" },
});
