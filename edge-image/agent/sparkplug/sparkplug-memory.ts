import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { replaceFile } from "../../../vault/atomic-file";
import type { MetricDeclaration } from "./metric";

/** What a Sparkplug node must know after a restart: its birth counter, and which metrics it and its devices have. */
export interface SparkplugMemory {
  /** The next counter of births and deaths, 0 to 255; on disk before it is used. */
  nextBdSeq(): Promise<number>;
  /** By device; the node's own under the empty name. */
  readonly declared: ReadonlyMap<string, readonly MetricDeclaration[]>;
  /** @returns whether anything changed */
  declare(device: string, metrics: readonly MetricDeclaration[]): Promise<boolean>;
}

interface Stored {
  readonly version: 1;
  readonly bdSeq: number;
  readonly declared: Readonly<Record<string, readonly MetricDeclaration[]>>;
}

/** @param folder the state folder. @throws when the file is damaged: a counter that begins anew could bury the living */
export async function openSparkplugMemory(folder: string): Promise<SparkplugMemory> {
  const path = join(folder, "sparkplug.json");
  const stored = await read(path);
  let bdSeq = stored?.bdSeq ?? 0;
  const declared = new Map(Object.entries(stored?.declared ?? {}));
  let writing: Promise<void> = Promise.resolve();
  const save = (): Promise<void> => {
    const text = JSON.stringify({ version: 1, bdSeq, declared: Object.fromEntries(declared) } satisfies Stored);
    return (writing = writing.catch(() => undefined).then(() => replaceFile(path, text)));
  };
  return {
    declared,
    nextBdSeq: async () => {
      const current = bdSeq;
      bdSeq = (bdSeq + 1) % 256;
      await save();
      return current;
    },
    declare: async (device, metrics) => {
      if (JSON.stringify(declared.get(device)) === JSON.stringify(metrics)) return false;
      declared.set(device, metrics);
      await save();
      return true;
    },
  };
}

async function read(path: string): Promise<Stored | undefined> {
  let text: string;
  try {
    text = await readFile(path, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
  const stored = JSON.parse(text) as Stored;
  if (stored.version !== 1) throw new Error(`${path}: must be of version 1; start the image that wrote it`);
  return stored;
}
