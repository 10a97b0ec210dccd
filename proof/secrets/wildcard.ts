const compiled = new Map<string, RegExp>();

/** IAM's pattern language: `*` any text, `?` one character; nothing else is special. */
export const matchesPattern = (pattern: string, text: string, ignoreCase = false): boolean => {
  if (!/[*?]/.test(pattern)) return ignoreCase ? pattern.toLowerCase() === text.toLowerCase() : pattern === text;
  const key = `${ignoreCase} ${pattern}`;
  const known = compiled.get(key);
  if (known !== undefined) return known.test(text);
  const expression = pattern
    .replace(/[.+^${}()|[\]\\]/g, "\\$&")
    .replaceAll("*", "[^]*")
    .replaceAll("?", "[^]");
  const made = new RegExp(`^${expression}$`, ignoreCase ? "i" : "");
  compiled.set(key, made);
  return made.test(text);
};

/** As `ArnLike` compares: each of the six parts by itself, so that a `*` does not swallow a colon before the resource. */
export const matchesArn = (pattern: string, text: string): boolean => {
  const split = (arn: string): readonly string[] => {
    const parts = arn.split(":");
    return [...parts.slice(0, 5), parts.slice(5).join(":")];
  };
  const [wanted, found] = [split(pattern), split(text)];
  if (pattern === "*") return true;
  return pattern.split(":").length >= 6 && wanted.every((part, index) => matchesPattern(part, found[index] ?? ""));
};
