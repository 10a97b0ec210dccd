import { createHash } from "node:crypto";
import { EXPORT, type ExportEnd, type ExportHead, type ExportRecord } from "./export-store";
import type { Change } from "./key-value";
import { LevelKeyValue } from "./level-key-value";

/** Bytes of values that one batch takes. */
const BATCH_BYTES = 4 * 1024 * 1024;

/** An export that is not one, or is not all of it. */
export class ImportFault extends Error {
  override readonly name = "ImportFault";
}

/**
 * Makes a store of an export, in a folder that is empty or not there.
 * @param lines of the export, without their line feeds.
 * @returns its records.
 * @throws ImportFault with the number of the line, when the export is damaged or ends too early; the folder is then worth
 *   nothing.
 */
export async function importStore(lines: AsyncIterable<string>, folder: string): Promise<number> {
  const store = await LevelKeyValue.open({ folder, create: true });
  try {
    const hash = createHash("sha256");
    let number = 0;
    let records = 0;
    let end: ExportEnd | undefined;
    let changes: Change[] = [];
    let bytes = 0;
    let last = "";
    for await (const text of lines) {
      number += 1;
      if (end) throw new ImportFault(`line ${number}: nothing may follow the last line`);
      const value = parse(text, number);
      if (number === 1) {
        requireHead(value);
        continue;
      }
      if ("sha256" in value) {
        end = value as unknown as ExportEnd;
        continue;
      }
      const change = changeOf(value, number);
      // Of a key that comes twice one record would be gone, and the count right all the same.
      if (change.key <= last)
        throw new ImportFault(`line ${number}: 'key' must come behind '${last}', got '${change.key}'`);
      last = change.key;
      changes.push(change);
      hash.update(`${text}\n`);
      records += 1;
      bytes += text.length;
      if (bytes < BATCH_BYTES) continue;
      await store.batch(changes);
      changes = [];
      bytes = 0;
    }
    await store.batch(changes);
    if (!end) throw new ImportFault(`line ${number + 1}: the last line is missing: the export is not all there`);
    if (end.records !== records) throw new ImportFault(`it must have ${end.records} records, and has ${records}`);
    if (end.sha256 !== hash.digest("hex"))
      throw new ImportFault("its records are not those that were exported (SHA-256)");
    return records;
  } finally {
    await store.close();
  }
}

type Json = Readonly<Record<string, unknown>>;

function parse(text: string, number: number): Json {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === "object" && value !== null && !Array.isArray(value)) return value as Json;
  } catch {
    // Said below.
  }
  throw new ImportFault(`line ${number}: it must be an object in JSON`);
}

function requireHead(value: Json): void {
  const head = value as Partial<ExportHead>;
  if (head.export !== EXPORT)
    throw new ImportFault(`line 1: 'export' must be '${EXPORT}', got '${String(head.export).slice(0, 60)}'`);
}

function changeOf(record: Json, number: number): Change {
  const { key, value: base64 } = record as Partial<ExportRecord>;
  if (typeof key !== "string" || !/^[!-~]+$/.test(key))
    throw new ImportFault(`line ${number}: 'key' must be printable ASCII`);
  const value = typeof base64 === "string" ? Buffer.from(base64, "base64") : undefined;
  // Node's decoder goes past what is no base64: a line that was edited by hand would be stored as less than it says.
  if (!value || value.toString("base64") !== base64)
    throw new ImportFault(`line ${number}: 'value' must be text in base64`);
  return { type: "put", key, value };
}
