import { field } from "../field";
import type { Report } from "../fault";
import { type ResolvedRole, type Role, ROLE_TEMPLATES } from "../role";
import { showValue } from "../show-value";

const EXAMPLE = 'write for example role: sparkplugEdgeNode({ group: "line1" })';

const textList = (path: string, value: unknown, report: Report): readonly string[] | undefined => {
  if (!Array.isArray(value)) {
    report(path, "must be a list of topic filters", value, "write [] for none");
    return undefined;
  }
  // A copy, since the caller may change its own later.
  const list: readonly unknown[] = Array.from(value);
  const wrong = list.findIndex((entry) => typeof entry !== "string");
  if (wrong === -1) return list as readonly string[];
  report(
    `${path}[${wrong}]`,
    "must be a topic filter in a string",
    list[wrong],
    'write for example "area/{id}/data/#"',
  );
  return undefined;
};

const isTemplate = (value: unknown): value is Role["template"] =>
  typeof value === "string" && (ROLE_TEMPLATES as readonly string[]).includes(value);

/** The id is a key of the access document: beginning with the template's word, it can be no `__proto__`. */
const isIdOf = (template: string, id: unknown): id is string =>
  typeof id === "string" && (id === template || id.startsWith(`${template}:`));

const hasGrants = (value: unknown): value is Role => typeof field(value, "grants") === "function";

/**
 * Turns a declared role into its filters, whatever an untyped caller handed over.
 * @returns undefined when it has faults; they are reported then.
 */
export const resolveRole = (path: string, value: unknown, site: string, report: Report): ResolvedRole | undefined => {
  // Read once, like the grants: a role made by hand may answer differently the next time.
  const [id, template] = [field(value, "id"), field(value, "template")];
  if (!isTemplate(template) || !isIdOf(template, id) || !hasGrants(value)) {
    const fix = typeof value === "function" ? "call the template: role: operator()" : EXAMPLE;
    report(path, "must be what a role template returns", value, fix);
    return undefined;
  }
  // A role made by hand may throw anywhere; what it threw is one more fault.
  try {
    for (const fault of value.faults ?? []) report(`${path}.${fault.path}`, fault.rule, fault.value, fault.fix);
    if (value.faults !== undefined && value.faults.length > 0) return undefined;
    // Only now: a template's own id ends early when its parameters are missing, which is said better above.
    if (id === `${template}:`) {
      report(`${path}.id`, "must name its parameters behind the colon", id, `write "${template}:<name>"`);
      return undefined;
    }
    const grants = value.grants(site);
    const publish = textList(`${path}.publish`, field(grants, "publish"), report);
    const subscribe = textList(`${path}.subscribe`, field(grants, "subscribe"), report);
    const sharedReads = textList(`${path}.sharedReads`, value.sharedReads?.(site) ?? [], report);
    if (publish === undefined || subscribe === undefined || sharedReads === undefined) return undefined;
    return { id, template, grants: { publish, subscribe }, sharedReads };
  } catch (error) {
    report(path, `must yield its grants, but threw ${showValue(String(error))}`, value, EXAMPLE);
    return undefined;
  }
};
