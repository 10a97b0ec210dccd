/** A section of a program for UEFI. */
export interface Section {
  /** At most eight characters. */
  readonly name: string;
  readonly content: Buffer;
}

/** Where fields stand in a PE32+ file, from its "PE" on (Microsoft PE format, "COFF File Header" and "Optional Header"). */
const AT = { machine: 4, sections: 6, optionalSize: 20, optional: 24 } as const;
const OPTIONAL = {
  magic: 0,
  sectionAlignment: 32,
  fileAlignment: 36,
  imageSize: 56,
  headersSize: 60,
  checksum: 64,
} as const;
const PE32_PLUS = 0x20b;
const HEADER = 40;
/** Initialised data that may be read. */
const READ_ONLY_DATA = 0x40000040;
const PAGE = 4096;

const roundUp = (value: number, to: number): number => Math.ceil(value / to) * to;

/** @throws Error if the file is no program for UEFI */
export const peOf = (file: Buffer): Buffer => {
  const at = file.length > 0x40 ? file.readUInt32LE(0x3c) : 0;
  if (at === 0 || at > file.length - HEADER || file.toString("latin1", at, at + 4) !== "PE\0\0")
    throw new Error("a program for UEFI must be a PE file");
  return file.subarray(at);
};

/** The processor that a program, or a kernel, is for: `Machine` of its PE header. */
export const machineOf = (file: Buffer): number => peOf(file).readUInt16LE(AT.machine);

/**
 * Adds sections behind those that a program for UEFI has, in the file and in memory. Nothing else of it changes and no
 * clock goes in: the same parts give the same bytes, for whichever processor and on whichever.
 * @throws Error if it is no such program, or its headers have no room
 */
export const addSections = (program: Buffer, sections: readonly Section[]): Buffer => {
  const file = Buffer.from(program);
  const pe = peOf(file);
  const optional = pe.subarray(AT.optional);
  if (optional.readUInt16LE(OPTIONAL.magic) !== PE32_PLUS) throw new Error("a program for UEFI must be PE32+");
  const count = pe.readUInt16LE(AT.sections);
  const table = pe.byteOffset - file.byteOffset + AT.optional + pe.readUInt16LE(AT.optionalSize);
  const headersSize = optional.readUInt32LE(OPTIONAL.headersSize);
  if (table + HEADER * (count + sections.length) > headersSize)
    throw new Error(`the program's headers have no room for ${sections.length} more sections`);
  const fileAlignment = optional.readUInt32LE(OPTIONAL.fileAlignment);
  const alignment = Math.max(PAGE, optional.readUInt32LE(OPTIONAL.sectionAlignment));
  const parts: Buffer[] = [file];
  let end = file.length;
  let address = optional.readUInt32LE(OPTIONAL.imageSize);
  sections.forEach(({ name, content }, index) => {
    const size = roundUp(content.length, fileAlignment);
    const place = roundUp(end, fileAlignment);
    address = roundUp(address, alignment);
    const header = file.subarray(table + HEADER * (count + index)).subarray(0, HEADER);
    header.fill(0);
    header.write(name, 0, 8, "latin1");
    header.writeUInt32LE(content.length, 8);
    header.writeUInt32LE(address, 12);
    header.writeUInt32LE(size, 16);
    header.writeUInt32LE(place, 20);
    header.writeUInt32LE(READ_ONLY_DATA, 36);
    parts.push(Buffer.alloc(place - end), content, Buffer.alloc(size - content.length));
    end = place + size;
    address += content.length;
  });
  pe.writeUInt16LE(count + sections.length, AT.sections);
  optional.writeUInt32LE(roundUp(address, alignment), OPTIONAL.imageSize);
  // UEFI does not look at it, and it would be wrong.
  optional.writeUInt32LE(0, OPTIONAL.checksum);
  return Buffer.concat(parts);
};
