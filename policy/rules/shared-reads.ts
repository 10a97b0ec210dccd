import { IDENTITY } from "../access-document";
import type { Report } from "../fault";
import { filterFault, intersects } from "../topic-filter";
import type { CheckedIdentity } from "./identities";

const isValid = (filter: string): boolean => filterFault(filter) === undefined;

/**
 * What all edge identities of a role read alike may be nothing that an edge identity writes: otherwise one device would
 * read another's data (P5). Distinct filters are few, so each is held against each.
 */
export const checkSharedReads = (identities: readonly CheckedIdentity[], report: Report): void => {
  const edge = identities.filter(({ kind }) => kind === "edge");
  const roles = new Set(edge.map(({ role }) => role));
  const written = new Set([...roles].flatMap(({ grants }) => grants.publish.filter(isValid)));
  const seen = new Set<string>();
  for (const { path, role } of edge)
    for (const shared of role.sharedReads) {
      if (seen.has(shared) || !isValid(shared)) continue;
      seen.add(shared);
      for (const filter of written) {
        const witness = intersects(shared, filter.split(IDENTITY).join("+"));
        if (witness === undefined) continue;
        const rule = `must share no read that an edge identity writes, as "${shared}" does with "${filter}"`;
        report(`${path}.role.sharedReads`, rule, witness, "read a topic that only enterprise clients write");
        break;
      }
    }
};
