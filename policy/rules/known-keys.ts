import type { Report } from "../fault";
import { nearest } from "./nearest";

/**
 * An object with no other properties than the known ones: a misspelt `certificat: "password-only"` must not pass in
 * silence. @returns whether the value is an object at all.
 */
export const checkKeys = (path: string, value: unknown, keys: readonly string[], report: Report): value is object => {
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    report(path, `must be an object with ${keys.join(", ")}`, value, "write it as { ... }");
    return false;
  }
  for (const key of Object.keys(value).filter((key) => !keys.includes(key))) {
    const meant = nearest(key, keys);
    const fix = meant === undefined ? `remove '${key}'; known are ${keys.join(", ")}` : `did you mean '${meant}'?`;
    report(path, `must have no property '${key}'`, (value as Record<string, unknown>)[key], fix);
  }
  return true;
};
