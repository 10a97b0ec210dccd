import { IDENTITY } from "../access-document";
import type { Report } from "../fault";
import { renderFilter } from "../render-filter";
import type { ResolvedRole } from "../role";
import { filterFault, intersects } from "../topic-filter";
import type { CheckedIdentity } from "./identities";

/** What a filter lets an identity do with its topics. */
type Right = "write" | "read";

/** A filter of a role that holds its identity's name: its prefix still has the placeholder. */
interface OwnFilter {
  readonly right: Right;
  readonly filter: string;
  readonly prefix: string;
}

/** The same for one identity: the prefix has the name in it. */
interface Entry extends OwnFilter {
  readonly owner: CheckedIdentity;
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

/** Other filters of an edge role are shared reads, or faults that other rules report. */
const isOwn = (filter: string): boolean => {
  const levels = filter.split("/");
  const own = levels.indexOf(IDENTITY);
  const wild = levels.findIndex((level) => level === "+" || level === "#");
  return own !== -1 && (wild === -1 || own < wild) && filterFault(filter) === undefined;
};

const ownFilters = ({ grants }: ResolvedRole): readonly OwnFilter[] => {
  const of = (right: Right, filters: readonly string[]): readonly OwnFilter[] =>
    filters.filter(isOwn).map((filter) => ({ right, filter, prefix: literalPrefix(filter) }));
  return [...of("write", grants.publish), ...of("read", grants.subscribe)];
};

const rendered = ({ owner, filter }: Entry): string => renderFilter(filter, owner.name);

const reportPair = (mine: Entry, other: Entry, witness: string, report: Report): void => {
  // Of a template and filters written by hand, the latter are what can be changed.
  const [at, hurt] =
    other.owner.role.template === "raw" && mine.owner.role.template !== "raw" ? [other, mine] : [mine, other];
  const too = at.right === hurt.right ? ", too" : "";
  const rule = `must give no topic to ${at.right} that ${hurt.owner.path} "${hurt.owner.name}" may ${hurt.right}${too}`;
  report(`${at.owner.path}.role`, rule, witness, "let the filters differ in a literal level");
};

/**
 * Every own filter begins with levels that hold its owner's name, at most as many owners share such a prefix as it has
 * levels, and two filters can meet only if one's prefix begins the other's. Hence the cost grows with identities, not
 * with pairs.
 */
const checkOwnFilters = (
  edge: readonly CheckedIdentity[],
  own: ReadonlyMap<ResolvedRole, readonly OwnFilter[]>,
  report: Report,
): void => {
  const lengths = new Set([...own.values()].flat().map(({ prefix }) => prefix.split("/").length));
  const byPrefix = new Map<string, Entry[]>();
  const entries: Entry[] = [];
  for (const owner of edge)
    for (const template of own.get(owner.role) ?? []) {
      const prefix = renderFilter(template.prefix, owner.name);
      const entry = { ...template, owner, prefix };
      entries.push(entry);
      const there = byPrefix.get(prefix);
      if (there === undefined) byPrefix.set(prefix, [entry]);
      else there.push(entry);
    }
  const reported = new Set<string>();
  for (const entry of entries)
    for (const start of prefixesOf(entry.prefix, lengths))
      for (const other of byPrefix.get(start) ?? []) {
        if (other.owner === entry.owner) continue;
        const pair = [entry.owner.path, other.owner.path].sort().join(" ");
        if (reported.has(pair)) continue;
        const witness = intersects(rendered(entry), rendered(other));
        if (witness === undefined) continue;
        reported.add(pair);
        reportPair(entry, other, witness, report);
      }
};

/** One own filter of one or more roles. */
interface Distinct {
  readonly right: Right;
  readonly filter: string;
  readonly roles: Set<ResolvedRole>;
  /** Any identity that has it. */
  readonly first: CheckedIdentity;
}

/** Distinct filters are few, so each is held against each; a name in the shared filter asks for that identity. */
const checkSharedReads = (
  edge: readonly CheckedIdentity[],
  own: ReadonlyMap<ResolvedRole, readonly OwnFilter[]>,
  report: Report,
): void => {
  const byName = new Map(edge.map((owner) => [owner.name, owner]));
  const distinct = new Map<string, Distinct>();
  const shared = new Map<string, CheckedIdentity>();
  // Backwards, so that the first one stays.
  const firstOf = new Map([...edge].reverse().map((owner) => [owner.role, owner]));
  for (const [role, filters] of own) {
    const first = firstOf.get(role)!;
    for (const { right, filter } of filters) {
      const key = `${right} ${filter}`;
      if (!distinct.has(key)) distinct.set(key, { right, filter, first, roles: new Set() });
      distinct.get(key)!.roles.add(role);
    }
    for (const filter of role.sharedReads)
      if (!shared.has(filter) && !isOwn(filter) && filterFault(filter) === undefined) shared.set(filter, first);
  }
  for (const [read, { path }] of shared)
    for (const { right, filter, roles, first } of distinct.values()) {
      const named = byName.get(read.split("/")[filter.split("/").indexOf(IDENTITY)] ?? "");
      const owner = named !== undefined && roles.has(named.role) ? named : first;
      const witness = intersects(read, renderFilter(filter, owner.name));
      if (witness === undefined) continue;
      const rule = `must share no read that an edge identity ${right}s for its own, as "${read}" does with "${filter}"`;
      report(`${path}.role.sharedReads`, rule, witness, "read a topic that no edge identity writes or reads alone");
      break;
    }
};

/**
 * P5 between devices: what one edge identity writes or reads for its own, no other may write or read, and nobody reads
 * it along as shared. So no device reads another's data or commands, none commands another, and none speaks for another.
 */
export const checkEdgeSeparation = (identities: readonly CheckedIdentity[], report: Report): void => {
  const edge = identities.filter(({ kind }) => kind === "edge");
  const own = new Map([...new Set(edge.map(({ role }) => role))].map((role) => [role, ownFilters(role)]));
  checkOwnFilters(edge, own, report);
  checkSharedReads(edge, own, report);
};
