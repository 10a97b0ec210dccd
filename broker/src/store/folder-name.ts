/** Digits of an epoch: their order is the order of the names. */
const DIGITS = 12;

/** Names in the store's folder. */
export const folderName = {
  /** What one epoch of the lease works in. */
  epoch: (epoch: number): string => `epoch-${String(epoch).padStart(DIGITS, "0")}`,
  /** A checkpoint that is not whole yet; `nonce` tells two attempts apart. */
  building: (name: string, nonce: string): string => `${name}.building-${nonce}`,
  /** Where checkpoints for the backup lie. */
  backup: "backup",
  /** A checkpoint made at a time of the wall clock. */
  checkpoint: (at: Date): string => `checkpoint-${at.toISOString().replace(/[-:]|\.\d+/g, "")}`,
  /** A checkpoint that an operator put here: the next epoch begins with it. */
  restore: "restore",
} as const;

/** @returns the epoch of a folder that is whole; undefined for every other name. */
export function epochOf(name: string): number | undefined {
  const [, digits] = /^epoch-(\d{12,})$/.exec(name) ?? [];
  return digits === undefined ? undefined : Number(digits);
}

/** Whether the folder was never finished. */
export const isBuilding = (name: string): boolean => /\.building-[0-9a-f-]+$/.test(name);

export const isCheckpoint = (name: string): boolean => /^checkpoint-\d{8}T\d{6}Z$/.test(name);
