import type { Actor } from "./can-read";

/**
 * What an actor's own policies name below a prefix, one of each pattern: of a function's versions and aliases, and of
 * tasks, nobody knows in advance what they are called.
 *
 * @param prefix an ARN's beginning, whole up to its resource: `arn:aws:lambda:eu-central-1:123456789012:function:f:`
 */
export const namedBelow = ({ identity }: Pick<Actor, "identity">, prefix: string): readonly string[] =>
  identity
    .flatMap(({ statements }) => statements.flatMap(({ allows, resources }) => (allows ? resources : [])))
    .filter((pattern) => pattern.startsWith("arn:"))
    .map((pattern) => {
      const parts = pattern.split(":");
      // Partition, service, region and account are those of what is asked about: here it matters what stands below.
      const place = prefix.split(":");
      for (const index of [1, 2, 3, 4]) if (/[*?]/.test(parts[index] ?? "")) parts[index] = place[index]!;
      return parts.join(":").replaceAll("*", "any").replaceAll("?", "0");
    })
    .filter((arn) => arn.startsWith(prefix) && arn.length > prefix.length);
