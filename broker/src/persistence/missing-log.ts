import { access, readFile } from "node:fs/promises";
import { join } from "node:path";

/** LevelDB's log format: blocks of so many bytes, in each records with a header of checksum (4), length (2) and type (1). */
const BLOCK = 32 * 1024;
const HEADER = 7;
const FULL = 1;
const LAST = 4;

/** Tags of a version edit, and how many variable-length integers or byte strings follow each. */
const LOG_NUMBER = 2;
const FIELDS: Readonly<Record<number, string>> = {
  1: "s", // comparator
  2: "i", // log number
  3: "i", // next file number
  4: "i", // last sequence
  5: "is", // compact pointer: level, key
  6: "ii", // deleted file: level, number
  7: "iiiss", // new file: level, number, size, smallest and largest key
  9: "i", // previous log number
};

/**
 * LevelDB replays the logs that it finds, and misses none: a log that is gone takes its commits along without a word.
 * Its manifest names the oldest log that is still needed, which is always there.
 * @returns what is wrong, or undefined. A manifest that cannot be read is LevelDB's to complain about.
 */
export async function missingLog(folder: string): Promise<string | undefined> {
  const current = (await readFile(join(folder, "CURRENT"), "latin1")).trim();
  if (!/^MANIFEST-\d+$/.test(current)) return `the file CURRENT is damaged: it must name a manifest`;
  const manifest = await readFile(join(folder, current)).catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return undefined;
    throw error;
  });
  if (!manifest) return `the file ${current} is missing`;
  const number = logNumber(manifest);
  if (number === undefined || number === 0) return undefined;
  const name = `${number.toString().padStart(6, "0")}.log`;
  const isThere = await access(join(folder, name)).then(
    () => true,
    () => false,
  );
  return isThere ? undefined : `the file ${name} is missing: it holds the latest commits`;
}

/** The last log number in a manifest. */
function logNumber(manifest: Buffer): number | undefined {
  let found: number | undefined;
  for (const edit of records(manifest)) {
    try {
      found = logNumberIn(edit) ?? found;
    } catch (error) {
      // Not a version edit: what LevelDB refuses at once.
      if (!(error instanceof RangeError)) throw error;
      return found;
    }
  }
  return found;
}

function* records(file: Buffer): Generator<Buffer, void, undefined> {
  let parts: Buffer[] = [];
  for (let at = 0; at + HEADER <= file.length;) {
    const left = BLOCK - (at % BLOCK);
    if (left < HEADER) {
      at += left;
      continue;
    }
    const length = file.readUInt16LE(at + 4);
    const type = file[at + 6]!;
    if (type === 0 || at + HEADER + length > file.length) return;
    parts.push(file.subarray(at + HEADER, at + HEADER + length));
    at += HEADER + length;
    if (type !== FULL && type !== LAST) continue;
    yield Buffer.concat(parts);
    parts = [];
  }
}

function logNumberIn(edit: Buffer): number | undefined {
  let at = 0;
  const integer = (): number => {
    let value = 0;
    for (let scale = 1; ; scale *= 128) {
      const byte = edit[at++];
      if (byte === undefined) throw new RangeError("a version edit that ends early");
      value += (byte & 127) * scale;
      if (byte < 128) return value;
    }
  };
  let found: number | undefined;
  while (at < edit.length) {
    const tag = integer();
    const fields = FIELDS[tag];
    if (!fields) throw new RangeError(`tag ${tag} of a version edit`);
    for (const field of fields) {
      const value = integer();
      if (field === "s") at += value;
      else if (tag === LOG_NUMBER) found = value;
    }
  }
  return found;
}
