import { showValue } from "../../policy/show-value";
import { BadInput } from "../facts/bad-input";
import type { Suppression } from "./suppression";

const DATE = /^\d{4}-\d{2}-\d{2}$/;
const KEYS = ["rule", "resource", "reason", "until"] as const;

const isDate = (text: string): boolean => {
  const time = DATE.test(text) ? Date.parse(`${text}T00:00:00Z`) : NaN;
  // February 30 would come back as March 2.
  return !Number.isNaN(time) && new Date(time).toISOString().startsWith(text);
};

const readOne = (at: string, value: unknown, rules: ReadonlySet<string>): Suppression => {
  if (typeof value !== "object" || value === null) throw new BadInput(at, `must be an object, got ${showValue(value)}`);
  const entries = Object.entries(value);
  const extra = entries.find(([key]) => !KEYS.some((known) => known === key));
  if (extra !== undefined) throw new BadInput(`${at}: '${extra[0]}'`, `must be one of ${KEYS.join(", ")}`);
  const fields = Object.fromEntries(entries);
  const text = (key: (typeof KEYS)[number]): string => {
    const found: unknown = fields[key];
    if (typeof found === "string" && found.trim() !== "") return found;
    throw new BadInput(`${at}: '${key}'`, `must be a text, got ${showValue(found)}`);
  };
  const [rule, resource, reason, until] = [text("rule"), text("resource"), text("reason"), text("until")];
  // What an attacker could do is not a matter of taste: only attribute rules can be set aside.
  if (!rules.has(rule)) throw new BadInput(`${at}: 'rule'`, `must be an attribute rule, got ${showValue(rule)}`);
  if (reason.trim().length < 10)
    throw new BadInput(`${at}: 'reason'`, `must say why in ten characters at least, got ${showValue(reason)}`);
  if (!isDate(until))
    throw new BadInput(`${at}: 'until'`, `must be a date such as 2027-03-31, got ${showValue(until)}`);
  return { rule, resource, reason, until };
};

/**
 * Reads `proof-suppressions.json`: `{ "suppressions": [{ "rule", "resource", "reason", "until" }] }`.
 *
 * @param rules ids that may be suppressed.
 * @throws BadInput with the place.
 */
export const readSuppressions = (file: string, json: unknown, rules: ReadonlySet<string>): readonly Suppression[] => {
  const list = typeof json === "object" && json !== null && "suppressions" in json ? json.suppressions : undefined;
  if (!Array.isArray(list)) throw new BadInput(`${file}:`, "must be an object with a list 'suppressions'");
  return (list as readonly unknown[]).map((entry, index) => readOne(`${file}: suppressions[${index}]`, entry, rules));
};
