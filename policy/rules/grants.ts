import { IDENTITY } from "../access-document";
import type { Report } from "../fault";
import type { ResolvedRole } from "../role";
import type { IdentityKind } from "../site";
import { filterFault } from "../topic-filter";

type Right = "publish" | "subscribe";

/** Syntax: a valid filter in which the placeholder, if any, fills exactly one whole level. */
const checkSyntax = (path: string, filter: string, report: Report): boolean => {
  const fault = filterFault(filter);
  if (fault !== undefined) {
    report(
      path,
      `must be a valid topic filter, but ${fault}`,
      filter,
      "write levels joined by '/', '+' for one level, '#' at the end for the rest",
    );
    return false;
  }
  const levels = filter.split("/");
  const odd = levels.find((level) => /[{}]/.test(level) && level !== IDENTITY);
  if (odd !== undefined)
    report(
      path,
      `must use braces only for a whole level ${IDENTITY}`,
      filter,
      `write the level "${odd}" as "${IDENTITY}"`,
    );
  if (levels.filter((level) => level === IDENTITY).length > 1)
    report(path, `must hold ${IDENTITY} at most once`, filter, `keep the first ${IDENTITY}`);
  return odd === undefined;
};

/** The `$` rule: what the broker says about itself is for the operator alone, and nobody writes it. */
const checkDollar = (path: string, filter: string, template: string, report: Report): void => {
  if (!filter.startsWith("$") || template === "operator") return;
  report(
    path,
    "must not reach topics that begin with '$', which only the operator role reads",
    filter,
    "drop the grant, or give the identity role: operator()",
  );
};

/** P5: a stolen edge credential reaches its own topics and nothing more. */
const checkOwn = (path: string, filter: string, right: Right, role: ResolvedRole, report: Report): void => {
  const levels = filter.split("/");
  const own = levels.indexOf(IDENTITY);
  const wild = levels.findIndex((level) => level === "+" || level === "#");
  if (own === -1) {
    if (right === "subscribe" && role.sharedReads.includes(filter)) return;
    const rule = `must hold a level ${IDENTITY} with no wildcard before it, since this is an edge identity`;
    const declare =
      right === "subscribe" ? ", or declare it in 'sharedReads' if all edge identities read it alike" : "";
    report(path, rule, filter, `add ${IDENTITY} as a level${declare}`);
  } else if (wild !== -1 && wild < own) {
    const rule = `must have no wildcard before the level ${IDENTITY}, since this is an edge identity`;
    report(path, rule, filter, `replace "${levels[wild]}" by the literal level`);
  }
};

/** Every filter of a role against the rules for the kind of identity that has it. */
export const checkGrants = (path: string, role: ResolvedRole, kind: IdentityKind, report: Report): void => {
  if (role.template === "operator" && kind === "edge")
    return report(
      path,
      "must not be the operator's: an edge identity reads no $SYS",
      role.id,
      "declare it in 'enterprise'",
    );
  for (const right of ["publish", "subscribe"] as const)
    for (const [index, filter] of role.grants[right].entries()) {
      const at = `${path}.${right}[${index}]`;
      if (!checkSyntax(at, filter, report)) continue;
      checkDollar(at, filter, role.template, report);
      if (kind === "edge") checkOwn(at, filter, right, role, report);
    }
  for (const [index, filter] of role.sharedReads.entries())
    if (!role.grants.subscribe.includes(filter))
      report(`${path}.sharedReads[${index}]`, "must be one of 'subscribe'", filter, "add it there, or remove it here");
  if (role.template === "operator" && role.grants.publish.length > 0)
    report(
      `${path}.publish`,
      "must be empty: an operator only reads",
      role.grants.publish[0],
      "use raw(...) for a client that writes",
    );
};
