/** A section as a loader of programs for UEFI sees it. */
export interface LoadedSection {
  readonly name: string;
  /** Where it lies in memory, from the program's beginning. */
  readonly address: number;
  readonly content: Buffer;
}

/** The smallest PE32+ file that has headers as a stub has them (Microsoft PE format). */
export function uefiProgram({ machine = 0x8664, room = 5 } = {}): Buffer {
  const headers = 0x80 + 24 + 112 + 40 * (1 + room);
  const headersSize = Math.ceil(headers / 512) * 512;
  const file = Buffer.alloc(headersSize + 512 + 7);
  file.write("MZ");
  file.writeUInt32LE(0x80, 0x3c);
  const pe = file.subarray(0x80);
  pe.write("PE\0\0", "latin1");
  pe.writeUInt16LE(machine, 4);
  pe.writeUInt16LE(1, 6);
  pe.writeUInt32LE(1234567, 8);
  pe.writeUInt16LE(112, 20);
  const optional = pe.subarray(24);
  optional.writeUInt16LE(0x20b, 0);
  optional.writeUInt32LE(512, 32);
  optional.writeUInt32LE(512, 36);
  optional.writeUInt32LE(0x1300, 56);
  // What is not asked for is not there: the headers end where the room for sections does.
  optional.writeUInt32LE(headers, 60);
  optional.writeUInt32LE(99, 64);
  const section = pe.subarray(24 + 112);
  section.write(".text", 0, "latin1");
  section.writeUInt32LE(0x300, 8);
  section.writeUInt32LE(0x1000, 12);
  section.writeUInt32LE(512, 16);
  section.writeUInt32LE(headersSize, 20);
  file.fill(0xcc, headersSize, headersSize + 512);
  return file;
}

/** Loads a program as firmware does: each section at its address, and nothing of one over another. */
export function loadSections(file: Buffer): {
  readonly imageSize: number;
  readonly sections: readonly LoadedSection[];
} {
  const pe = file.subarray(file.readUInt32LE(0x3c));
  const optional = pe.subarray(24);
  const sections: LoadedSection[] = [];
  for (let index = 0; index < pe.readUInt16LE(6); index += 1) {
    const header = pe.subarray(24 + pe.readUInt16LE(20) + 40 * index);
    const [length, address, size, place] = [8, 12, 16, 20].map((at) => header.readUInt32LE(at));
    const name = header.toString("latin1", 0, 8).replace(/\0+$/, "");
    const content = Buffer.alloc(length!);
    file.copy(content, 0, place!, place! + Math.min(size!, length!));
    sections.push({ name, address: address!, content });
  }
  return { imageSize: optional.readUInt32LE(56), sections };
}
