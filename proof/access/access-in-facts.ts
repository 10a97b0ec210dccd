import type { Facts } from "../facts/facts";
import { BadInput } from "../facts/bad-input";
import type { ShardSource } from "./read-access-document";

/** What a shard's JSON begins like, whoever wrote it: a shard that does not parse must not go unseen. */
const parse = (text: string): unknown => {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
};

const looksLikeShard = (value: unknown): boolean =>
  typeof value === "object" && value !== null && "identities" in value && "roles" in value && "shards" in value;

/**
 * The shards among the secrets' values that a plan, a synthesized stack or a state writes. A site writes no other value.
 *
 * @returns sources in order of address; empty when no value is a shard.
 * @throws BadInput when a secret's value is not known before apply: nothing can be said of what it grants.
 */
export const accessInFacts = (facts: Facts): readonly ShardSource[] =>
  facts.resources
    .filter(({ type, mode }) => type === "aws_secretsmanager_secret_version" && mode === "managed")
    .flatMap(({ address, values }): readonly ShardSource[] => {
      const text = values["secret_string"];
      if (text === undefined || text === null) return [];
      if (typeof text !== "string") throw new BadInput(`${address}: 'secret_string'`, "is not known before apply");
      const value = parse(text);
      return looksLikeShard(value) ? [{ at: address, value }] : [];
    });
