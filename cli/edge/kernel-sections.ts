import { peOf } from "./add-sections";

/** Where a section of a PE program lies in its file, bytes. */
export interface Place {
  readonly start: number;
  /** Filled up to the file's alignment. */
  readonly size: number;
}

/**
 * The sections of a program for UEFI, by name (Microsoft PE format, "Section Table").
 * @throws Error if it is none
 */
export function kernelSections(program: Buffer): ReadonlyMap<string, Place> {
  const pe = peOf(program);
  const count = pe.readUInt16LE(6);
  const table = 24 + pe.readUInt16LE(20);
  const sections = Array.from({ length: count }, (_, index): [string, Place] => {
    const at = table + index * 40;
    const name = pe.toString("latin1", at, at + 8).replace(/\0+$/, "");
    return [name, { size: pe.readUInt32LE(at + 16), start: pe.readUInt32LE(at + 20) }];
  });
  return new Map(sections);
}
