/** Terraform takes "22" for 22. An expression (`${...}`) is no literal: nobody can say before apply what it will be. */
export const literalNumber = (value: unknown): number | undefined =>
  typeof value === "number" ? value : typeof value === "string" && /^\d+$/.test(value) ? Number(value) : undefined;

/** tcp by name or by number, and nothing that only might be. */
export const isTcp = (protocol: unknown): boolean => ["tcp", "6"].includes(String(protocol).toLowerCase());

/** A block that occurs once may stand alone, without a list around it. */
export const blocks = (value: unknown): unknown[] =>
  (Array.isArray(value) ? value : [value]).filter((block) => block !== undefined && block !== null);

/** One block written out: neither a list, which Terraform's JSON would merge or unfold, nor an expression. */
export const isBlock = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** Absent, or switched off in one of the ways Terraform knows. */
export const isOff = (value: unknown): boolean =>
  value === undefined ||
  value === null ||
  ["", "false", "0", "disabled"].includes(String(value)) ||
  (Array.isArray(value) && value.length === 0);

/** Every attribute at any depth, except the free-form maps, whose keys are the user's own words. */
export function* everyAttribute(value: unknown): Generator<[key: string, value: unknown]> {
  if (typeof value !== "object" || value === null) return;
  for (const [key, child] of Object.entries(value)) {
    if (FREE_FORM.has(key)) continue;
    if (!Array.isArray(value)) yield [key, child];
    yield* everyAttribute(child);
  }
}

const FREE_FORM: ReadonlySet<string> = new Set(["//", "tags", "tags_all", "variables", "lifecycle", "provisioner"]);
