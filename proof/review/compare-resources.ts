import { isDeepStrictEqual } from "node:util";
import { type Facts, Reference, type Resource, type Value } from "../facts/facts";
import { HOLDS, REPLACING } from "./replacing-attributes";

/** What happens to one resource between base and head. */
export interface ResourceChange {
  readonly address: string;
  readonly type: string;
  readonly change: "added" | "removed" | "replaced" | "changed";
  /** Attributes that differ; empty for an added or a removed one. */
  readonly attributes: readonly string[];
  /** What is lost with it, if it goes or is replaced and holds what cannot be made again. */
  readonly atRisk?: string;
}

/**
 * Compares two stacks resource by resource. What would be destroyed comes first, and first of all what holds data; a
 * resource that must follow another's replacement (a subnet its VPC) is told as replaced, too. Addresses are Terraform's:
 * a renamed resource is one that goes and one that comes.
 */
export const compareResources = (base: Facts, head: Facts): readonly ResourceChange[] => {
  const managed = (facts: Facts) => facts.resources.filter(({ mode }) => mode === "managed");
  const pairs = managed(head).flatMap((is) => {
    const was = base.byAddress.get(is.address);
    return was ? [{ is, attributes: differing(was, is) }] : [];
  });
  const replaced = replacements(pairs);
  const changes: ResourceChange[] = [
    ...managed(base)
      .filter(({ address }) => !head.byAddress.has(address))
      .map((was) => change(was, "removed", [])),
    ...managed(head)
      .filter(({ address }) => !base.byAddress.has(address))
      .map((is) => change(is, "added", [])),
    ...pairs.flatMap(({ is, attributes }) => {
      const because = replaced.get(is.address);
      if (because) return [change(is, "replaced", because)];
      return attributes.length > 0 ? [change(is, "changed", attributes)] : [];
    }),
  ];
  return changes.sort((a, b) => rank(a) - rank(b) || (a.address < b.address ? -1 : 1));
};

const rank = ({ change: what, atRisk }: ResourceChange): number =>
  (atRisk === undefined ? 10 : 0) + ["removed", "replaced", "changed", "added"].indexOf(what);

const change = (
  { address, type }: Resource,
  what: ResourceChange["change"],
  attributes: readonly string[],
): ResourceChange => {
  const held = what === "removed" || what === "replaced" ? HOLDS[type] : undefined;
  return { address, type, change: what, attributes, ...(held !== undefined && { atRisk: held }) };
};

const differing = (was: Resource, is: Resource): string[] =>
  [...new Set([...Object.keys(was.values), ...Object.keys(is.values)])]
    .filter((name) => !isDeepStrictEqual(was.values[name] ?? null, is.values[name] ?? null))
    .sort();

interface Pair {
  readonly is: Resource;
  readonly attributes: readonly string[];
}

/** Addresses of what is replaced, with the attributes that make it so. */
const replacements = (pairs: readonly Pair[]): ReadonlyMap<string, readonly string[]> => {
  const replaced = new Map<string, readonly string[]>();
  for (let before = -1; before < replaced.size;) {
    before = replaced.size;
    for (const { is, attributes } of pairs) {
      if (replaced.has(is.address)) continue;
      const because = (REPLACING[is.type] ?? []).filter(
        (name) => attributes.includes(name) || mentioned(is.values[name]).some((address) => replaced.has(address)),
      );
      if (because.length > 0) replaced.set(is.address, because);
    }
  }
  return replaced;
};

const mentioned = (value: Value | undefined): string[] => {
  if (value instanceof Reference) return [value.address];
  if (typeof value !== "object" || value === null) return [];
  return Object.values(value as Readonly<Record<string, Value>>).flatMap(mentioned);
};
