import type { Json, JsonObject, Rule } from "./ruleset";

const isObject = (value: Json | undefined): value is JsonObject =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** About as nft writes it: enough for a reader to find the rule. */
const text = (value: Json | undefined): string => {
  if (Array.isArray(value)) return (value as readonly Json[]).map(text).join(",");
  if (!isObject(value)) return String(value);
  const [[kind, inner] = ["", null]] = Object.entries(value);
  if (kind === "set" && Array.isArray(inner)) return `{ ${(inner as readonly Json[]).map(text).join(", ")} }`;
  if (kind === "payload" && isObject(inner))
    return `${text(inner["protocol"] ?? "@")} ${text(inner["field"] ?? inner["offset"])}`;
  if ((kind === "meta" || kind === "ct") && isObject(inner)) return `${kind} ${text(inner["key"])}`;
  if (kind === "prefix" && isObject(inner)) return `${text(inner["addr"])}/${text(inner["len"])}`;
  if (kind === "range" && Array.isArray(inner)) return (inner as readonly Json[]).map(text).join("-");
  if (kind === "concat" && Array.isArray(inner)) return (inner as readonly Json[]).map(text).join(" . ");
  if (kind === "elem" && isObject(inner)) return text(inner["val"]);
  if (kind === "&" && Array.isArray(inner)) return (inner as readonly Json[]).map(text).join(" & ");
  if (inner === null) return kind;
  return `${kind} ${isObject(inner) ? Object.values(inner).map(text).join(" ") : text(inner)}`;
};

const statementText = (statement: JsonObject): string => {
  const { match, vmap, jump, goto } = statement;
  if (isObject(match)) {
    const op = match["op"] === "==" || match["op"] === "in" ? "" : `${text(match["op"])} `;
    return `${text(match["left"])} ${op}${text(match["right"])}`;
  }
  if (isObject(vmap)) return `${text(vmap["key"])} vmap ${text(vmap["data"])}`;
  if (isObject(jump)) return `jump ${text(jump["target"])}`;
  if (isObject(goto)) return `goto ${text(goto["target"])}`;
  return text(statement);
};

/** A rule in one line, without what only counts and logs. */
export const ruleText = ({ expr }: Pick<Rule, "expr">): string =>
  expr
    .filter((statement) => !("counter" in statement) && !("log" in statement))
    .map(statementText)
    .join(" ");
