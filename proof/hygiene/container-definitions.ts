import { Template, type Value } from "../facts/facts";

export type Container = Readonly<Record<string, unknown>>;

/** Containers of a task definition; undefined when they are not known. Unknown parts of texts stand as `${unknown}`. */
export const containersOf = (value: Value | undefined): readonly Container[] | undefined => {
  const text =
    value instanceof Template
      ? value.parts.map((part) => (typeof part === "string" ? part : "${unknown}")).join("")
      : value;
  if (typeof text !== "string") return undefined;
  try {
    const parsed = JSON.parse(text) as unknown;
    return Array.isArray(parsed) ? (parsed as readonly Container[]) : undefined;
  } catch {
    return undefined;
  }
};
