import { IDENTITY } from "../access-document";
import type { Report } from "../fault";
import { renderFilter } from "../render-filter";
import { filterFault, intersects } from "../topic-filter";
import type { CheckedIdentity } from "./identities";
import type { ResolvedRole } from "./resolve-role";

/** One publish filter of one identity; the filter still has its placeholder, the prefix has the name in its place. */
interface Entry {
  readonly owner: CheckedIdentity;
  readonly filter: string;
  readonly prefix: string;
}

/** What stands before the first wildcard level, without the slash before it. */
const literalPrefix = (filter: string): string => {
  const wild = filter.search(/(^|\/)[+#]/);
  return wild === -1 ? filter : filter.slice(0, wild);
};

/** `a/b/c` with lengths 1 and 3 gives `a` and `a/b/c`: lengths in levels, those that some prefix has. */
const prefixesOf = (prefix: string, lengths: ReadonlySet<number>): readonly string[] => {
  const prefixes: string[] = [];
  let length = 1;
  for (let slash = prefix.indexOf("/"); slash !== -1; slash = prefix.indexOf("/", slash + 1))
    if (lengths.has(length++)) prefixes.push(prefix.slice(0, slash));
  return [...prefixes, prefix];
};

const isOwn = (filter: string): boolean => {
  const levels = filter.split("/");
  const own = levels.indexOf(IDENTITY);
  const wild = levels.findIndex((level) => level === "+" || level === "#");
  return own !== -1 && (wild === -1 || own < wild) && filterFault(filter) === undefined;
};

/**
 * No two edge identities may write the same topic. Filters that are not an identity's own are faults already and left out
 * here; so every literal prefix holds its owner's name, at most as many owners share a prefix as it has levels, and two
 * filters can meet only if one's prefix begins the other's. Hence the cost grows with identities, not with pairs.
 */
export const checkWriters = (identities: readonly CheckedIdentity[], report: Report): void => {
  const own = new Map<ResolvedRole, readonly (readonly [filter: string, prefix: string])[]>();
  const byPrefix = new Map<string, Entry[]>();
  const lengths = new Set<number>();
  const entries: Entry[] = [];
  for (const owner of identities.filter(({ kind }) => kind === "edge")) {
    const { role, name } = owner;
    if (!own.has(role)) {
      own.set(
        role,
        role.grants.publish.filter(isOwn).map((filter) => [filter, literalPrefix(filter)]),
      );
      for (const [, prefix] of own.get(role) ?? []) lengths.add(prefix.split("/").length);
    }
    for (const [filter, template] of own.get(role) ?? []) {
      const prefix = renderFilter(template, name);
      const entry = { owner, filter, prefix };
      entries.push(entry);
      const there = byPrefix.get(prefix);
      if (there === undefined) byPrefix.set(prefix, [entry]);
      else there.push(entry);
    }
  }
  const reported = new Set<string>();
  for (const { owner, filter, prefix } of entries)
    for (const start of prefixesOf(prefix, lengths))
      for (const other of byPrefix.get(start) ?? []) {
        if (other.owner === owner) continue;
        const pair = [owner.path, other.owner.path].sort().join(" ");
        if (reported.has(pair)) continue;
        const witness = intersects(renderFilter(filter, owner.name), renderFilter(other.filter, other.owner.name));
        if (witness === undefined) continue;
        reported.add(pair);
        const rule = `must give no topic to write that ${other.owner.path} "${other.owner.name}" may write, too`;
        report(`${owner.path}.role`, rule, witness, "let the filters differ in a literal level");
      }
};
