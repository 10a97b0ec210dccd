/**
 * Reads a secret of ours: an object of version 1 with these fields, strings or lists of strings.
 * @throws naming the secret and the rule, never the content: the JSON parser's own message would quote a key.
 */
export const parseSecret = <T extends { readonly version: 1 }>(
  secret: string,
  text: string,
  fields: Readonly<Record<Exclude<keyof T, "version">, "string" | "list">>,
): T => {
  const fault = (rule: string): Error => new Error(`secret '${secret}': ${rule}; restore its previous version`);
  let parsed: Record<string, unknown> | null;
  try {
    parsed = JSON.parse(text) as Record<string, unknown> | null;
  } catch {
    throw fault("must be JSON");
  }
  if (typeof parsed !== "object" || parsed === null || parsed["version"] !== 1)
    throw fault("must be an object of version 1");
  for (const [field, kind] of Object.entries(fields)) {
    const value = parsed[field];
    const fits =
      kind === "string" ? typeof value === "string" : Array.isArray(value) && value.every((v) => typeof v === "string");
    if (!fits) throw fault(`'${field}' must be a ${kind === "string" ? "text" : "list of texts"}`);
  }
  return parsed as unknown as T;
};
