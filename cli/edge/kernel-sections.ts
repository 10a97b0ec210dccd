/** Where a section of a PE program lies in its file, bytes. */
export interface Section {
  readonly start: number;
  /** Filled up to the file's alignment. */
  readonly size: number;
}

/**
 * The sections of a program for UEFI, by name (Microsoft PE format, "Section Table").
 * @throws Error if it is none
 */
export function kernelSections(program: Buffer): ReadonlyMap<string, Section> {
  const header = program.readUInt32LE(0x3c);
  if (program.toString("latin1", header, header + 4) !== "PE\0\0")
    throw new Error("a kernel image must be a PE program");
  const count = program.readUInt16LE(header + 6);
  const table = header + 24 + program.readUInt16LE(header + 20);
  const sections = Array.from({ length: count }, (_, index): [string, Section] => {
    const at = table + index * 40;
    const name = program.toString("latin1", at, at + 8).replace(/\0+$/, "");
    return [name, { size: program.readUInt32LE(at + 16), start: program.readUInt32LE(at + 20) }];
  });
  return new Map(sections);
}
