const MAX_LENGTH = 120;

const show = (value: unknown): string => {
  if (typeof value === "string") return JSON.stringify(value);
  if (value === undefined) return "nothing";
  if (Array.isArray(value)) return value.length === 0 ? "an empty list" : `a list of ${value.length}`;
  if (typeof value === "function") return "a function";
  if (typeof value === "object" && value !== null) return "an object";
  return String(value);
};

/** A value as an error message shows it: quoted, on one line, at most about 120 characters. Never throws. */
export const showValue = (value: unknown): string => {
  const text = show(value);
  return text.length <= MAX_LENGTH ? text : `${text.slice(0, MAX_LENGTH)}... (${text.length} characters)`;
};
