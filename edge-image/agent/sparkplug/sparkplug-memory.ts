import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { replaceFile } from "../../../vault/atomic-file";
import type { MetricDeclaration } from "./metric";

/** What a Sparkplug node must know after a restart: its birth counter, and which metrics it and its devices have. */
export interface SparkplugMemory {
  /** The next counter of births and deaths, 0 to 255; on disk before it is used, if the disk takes it. */
  nextBdSeq(): Promise<number>;
  /** By device; the node's own under the empty name. */
  readonly declared: ReadonlyMap<string, readonly MetricDeclaration[]>;
  /** @returns whether anything changed. @throws when the disk does not take it: nothing is declared then */
  declare(device: string, metrics: readonly MetricDeclaration[]): Promise<boolean>;
}

interface Stored {
  readonly version: 1;
  readonly bdSeq: number;
  readonly declared: Readonly<Record<string, readonly MetricDeclaration[]>>;
}

/**
 * @param folder the state folder
 * @param saved called after each try to save the counter, with what the disk said against it
 * @throws when the file is damaged: a counter that begins anew could bury the living
 */
export async function openSparkplugMemory(folder: string, saved: (error?: Error) => void): Promise<SparkplugMemory> {
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
      // A device whose disk is full must connect all the same: what it then sends is what makes room.
      await save().then(
        () => saved(),
        (error: unknown) => saved(error instanceof Error ? error : new Error(String(error))),
      );
      return current;
    },
    declare: async (device, metrics) => {
      const before = declared.get(device);
      if (JSON.stringify(before) === JSON.stringify(metrics)) return false;
      declared.set(device, metrics);
      try {
        await save();
      } catch (error) {
        if (before) declared.set(device, before);
        else declared.delete(device);
        throw error;
      }
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
