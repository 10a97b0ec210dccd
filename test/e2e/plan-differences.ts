import { KNOWN_DIFFERENCES } from "./known-differences";

/** The part of `terraform show -json <plan>` that we read. */
export interface Plan {
  readonly resource_changes?: readonly {
    readonly address: string;
    readonly type: string;
    readonly mode: string;
    readonly change: {
      readonly actions: readonly string[];
      readonly before: Readonly<Record<string, unknown>> | null;
      readonly after: Readonly<Record<string, unknown>> | null;
      readonly after_unknown?: Readonly<Record<string, unknown>>;
      readonly replace_paths?: readonly (readonly unknown[])[];
    };
  }[];
}

export interface PlanDifferences {
  /** Sentences, one a change that nobody declared to be known. */
  readonly unexpected: readonly string[];
  /** `type.attribute` of the known ones that showed. */
  readonly known: ReadonlySet<string>;
}

/** Compares what a second plan would change with the list of differences that the emulator causes. */
export function planDifferences(plan: Plan): PlanDifferences {
  const unexpected: string[] = [];
  const known = new Set<string>();
  for (const { address, type, mode, change } of plan.resource_changes ?? []) {
    if (mode !== "managed" || change.actions.every((action) => action === "no-op")) continue;
    const changed = changedAttributes(change.before, change.after, change.after_unknown ?? {});
    const causes = (change.replace_paths ?? []).map(([attribute]) => String(attribute));
    // Once an attribute forces a replacement, everything computed becomes unknown: its cause is what counts.
    for (const attribute of causes.length > 0 ? new Set(causes) : changed) {
      const match = KNOWN_DIFFERENCES.find(
        (difference) => difference.type === type && difference.attribute === attribute,
      );
      if (match) known.add(`${type}.${attribute}`);
      else {
        const values = [change.before?.[attribute], change.after?.[attribute]].map(
          (value) => JSON.stringify(value) ?? "absent",
        );
        unexpected.push(`${address} (${change.actions.join("/")}): '${attribute}' from ${values.join(" to ")}`);
      }
    }
    if (changed.length === 0 && causes.length === 0) unexpected.push(`${address}: ${change.actions.join("/")}`);
  }
  return { unexpected, known };
}

function changedAttributes(
  before: Readonly<Record<string, unknown>> | null,
  after: Readonly<Record<string, unknown>> | null,
  unknown: Readonly<Record<string, unknown>>,
): string[] {
  if (before === null || after === null) return ["(whole resource)"];
  return [...new Set([...Object.keys(before), ...Object.keys(after)])].filter(
    (key) => unknown[key] === true || JSON.stringify(before[key]) !== JSON.stringify(after[key]),
  );
}
