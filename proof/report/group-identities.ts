import type { AccessIdentity } from "../access/access-document";

/** Identities of one role. */
export interface RoleGroup {
  /** The role's parameters, or its whole id where it has none: `line1`. */
  readonly label: string;
  readonly names: readonly string[];
}

/** Roles of one template, the largest first. */
export interface TemplateGroup {
  readonly title: string;
  readonly count: number;
  readonly groups: readonly RoleGroup[];
}

const TITLES: Readonly<Record<string, string>> = {
  "sparkplug-edge-node": "Sparkplug edge nodes",
  "sparkplug-host": "Sparkplug hosts",
  "telemetry-device": "Telemetry devices",
  consumer: "Consumers",
  operator: "Operators",
  raw: "Filters written by hand",
};

/** Ten thousand identities as a handful of groups, by role template, then by what the role is for. */
export function groupIdentities(
  identities: readonly Pick<AccessIdentity, "name" | "roleId">[],
): readonly TemplateGroup[] {
  const templates = new Map<string, Map<string, string[]>>();
  for (const { name, roleId } of identities) {
    const [template, ...rest] = roleId.split(":");
    const roles = templates.get(template!) ?? new Map<string, string[]>();
    templates.set(template!, roles);
    const label = rest.join(":") || roleId;
    const names = roles.get(label) ?? [];
    roles.set(label, names);
    names.push(name);
  }
  const grouped = [...templates].map(([template, roles]) => {
    const groups = [...roles].map(([label, names]) => ({ label, names }));
    groups.sort((a, b) => b.names.length - a.names.length || a.label.localeCompare(b.label, "en", { numeric: true }));
    const count = groups.reduce((sum, { names }) => sum + names.length, 0);
    return { title: TITLES[template!] ?? template!, count, groups };
  });
  return grouped.sort((a, b) => b.count - a.count || (a.title < b.title ? -1 : 1));
}
