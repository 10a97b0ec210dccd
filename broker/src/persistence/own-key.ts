/** What the store keeps for itself lies before every key of its users, which are printable ASCII. */
const OWN = "\u0000";

/** The first key that a user may have. */
export const FIRST_KEY = "\u0001";

/** The store's own records. */
export const ownKey = {
  /** The format's version. */
  format: `${OWN}format`,
  /** Commits lie in the order of their numbers. */
  commit: (sequence: number): string => `${OWN}commit/${sequence.toString().padStart(16, "0")}`,
} as const;

/** @returns the number of the commit whose key it is. */
export function commitOf(key: string): number | undefined {
  return key.startsWith(`${OWN}commit/`) ? Number(key.slice(`${OWN}commit/`.length)) : undefined;
}
