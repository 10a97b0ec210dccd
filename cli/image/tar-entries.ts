/** One entry of a tar archive. */
export interface TarEntry {
  /** Without a leading `/` or `./`. */
  readonly path: string;
  readonly type: "file" | "folder" | "other";
  /** Permission bits, set-user-id and set-group-id among them. */
  readonly mode: number;
  readonly content: Buffer;
}

const BLOCK = 512;

/**
 * Reads a tar archive (POSIX.1-2017 pax, with GNU's long names). Read here rather than by `tar`, whose listing differs
 * from system to system.
 * @throws Error if it is cut short
 */
export function* tarEntries(archive: Buffer): Generator<TarEntry> {
  let longPath: string | undefined;
  for (let at = 0; at + BLOCK <= archive.length;) {
    const header = archive.subarray(at, at + BLOCK);
    // Two blocks of zeros end the archive.
    if (header[0] === 0) return;
    const size = octal(header, 124, 12);
    const content = archive.subarray(at + BLOCK, at + BLOCK + size);
    if (content.length < size) throw new Error(`tar archive is cut short in the entry at byte ${at}`);
    at += BLOCK + Math.ceil(size / BLOCK) * BLOCK;

    const type = String.fromCharCode(header[156]!);
    if (type === "L") longPath = text(content, 0, size);
    else if (type === "x") longPath = paxPath(content) ?? longPath;
    else if (type !== "g" && type !== "K") {
      const prefix = text(header, 345, 155);
      const path = longPath ?? (prefix ? `${prefix}/${text(header, 0, 100)}` : text(header, 0, 100));
      longPath = undefined;
      yield {
        path: path.replace(/^(\.?\/)+/, ""),
        // "1" is a hard link: another name of a file, and for our rules a file.
        type: type === "0" || type === "\0" || type === "1" ? "file" : type === "5" ? "folder" : "other",
        mode: octal(header, 100, 8),
        content,
      };
    }
  }
}

const text = (bytes: Buffer, start: number, length: number): string =>
  bytes.toString("utf8", start, start + length).replace(/\0[^]*$/, "");

/** A number in octal digits; or, for what does not fit those, GNU's binary form: the first bit set, big-endian. */
function octal(header: Buffer, start: number, length: number): number {
  if (header[start]! & 0x80) return Number(header.readBigUInt64BE(start + length - 8));
  return parseInt(text(header, start, length).trim() || "0", 8);
}

/** The path among the records of a pax header, each `<length> <key>=<value>\n`, where the length counts all of it. */
function paxPath(records: Buffer): string | undefined {
  for (let at = 0; at < records.length;) {
    const length = parseInt(records.toString("latin1", at, at + 10), 10);
    if (!(length > 0)) return undefined;
    const record = records.toString("utf8", at, at + length - 1);
    const [, key, value] = /^\d+ ([^=]+)=([^]*)$/.exec(record) ?? [];
    if (key === "path") return value;
    at += length;
  }
  return undefined;
}
