/** `2026-11-22`, in UTC. */
export const dateText = (date: Date): string => date.toISOString().slice(0, 10);

/** `2026-11-22 17:54 UTC`. */
export const timeText = (date: Date): string => `${date.toISOString().slice(0, 16).replace("T", " ")} UTC`;
