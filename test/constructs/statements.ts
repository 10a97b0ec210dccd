import type { Attributes } from "../synth";

/** One statement of a policy document, its lists always lists. */
export interface Stated {
  readonly Sid: string;
  readonly Effect: "Allow" | "Deny";
  readonly principals: readonly string[];
  readonly actions: readonly string[];
  readonly resources: readonly string[];
  readonly Condition: Readonly<Record<string, Readonly<Record<string, string | readonly string[]>>>>;
}

/** The statements of the policy in a resource's attribute. Throws if there is none. */
export function statements(attributes: Attributes, attribute = "policy"): readonly Stated[] {
  const document = JSON.parse(String(attributes[attribute])) as { Statement: Record<string, unknown>[] };
  return document.Statement.map((statement) => ({
    Sid: String(statement.Sid ?? ""),
    Effect: statement.Effect as Stated["Effect"],
    principals: list(
      typeof statement.Principal === "object" && statement.Principal
        ? Object.values(statement.Principal as Record<string, unknown>).flatMap(list)
        : statement.Principal,
    ),
    actions: list(statement.Action),
    resources: list(statement.Resource),
    Condition: (statement.Condition ?? {}) as Stated["Condition"],
  }));
}

const list = (value: unknown): string[] =>
  value === undefined ? [] : Array.isArray(value) ? (value as string[]) : [String(value)];

/** True if one of IAM's patterns (`*` many, `?` one character) matches the text. */
export const matches = (patterns: string | readonly string[], text: string): boolean =>
  list(patterns).some((pattern) =>
    new RegExp(
      `^${pattern
        .replace(/[.+^${}()|[\]\\]/g, "\\$&")
        .replaceAll("*", ".*")
        .replaceAll("?", ".")}$`,
    ).test(text),
  );
