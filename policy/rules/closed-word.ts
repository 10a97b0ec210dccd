import type { Report } from "../fault";
import { nearest } from "./nearest";

/** A choice among a few words, with "did you mean" for a misspelt one. @returns whether it is one of them. */
export const checkClosedWord = (path: string, value: unknown, words: readonly string[], report: Report): boolean => {
  if (typeof value === "string" && words.includes(value)) return true;
  const meant = nearest(value, words);
  const fix = meant === undefined ? `choose one of them` : `did you mean "${meant}"?`;
  report(path, `must be ${words.map((word) => `"${word}"`).join(" or ")}`, value, fix);
  return false;
};
