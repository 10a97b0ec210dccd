import { randomInt } from "node:crypto";
import { readFile, rename } from "node:fs/promises";
import { join } from "node:path";
import { replaceFile } from "../../../vault/atomic-file";
import type { MetricDeclaration } from "./metric";
import { DATA_TYPES } from "./payload";

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
 * @param damaged called with what became of a file that cannot be read: it is kept beside, and the node goes on without it
 */
export async function openSparkplugMemory(
  folder: string,
  saved: (error?: Error) => void,
  damaged: (text: string) => void,
): Promise<SparkplugMemory> {
  const path = join(folder, "sparkplug.json");
  const text = await readText(path);
  const stored = text === undefined ? undefined : parse(text);
  if (text !== undefined && !stored) {
    const aside = `${path}.damaged`;
    const kept = await rename(path, aside).then(
      () => `kept as ${aside}`,
      (error: Error) => `could not be kept: ${error.message}`,
    );
    damaged(
      `${path}: must be JSON of version 1 with 'bdSeq' from 0 to 255 and 'declared'; it was ${kept}. Births are counted from ` +
        "a number drawn anew, and the applications must declare their metrics again; the queue was not touched",
    );
  }
  // Any number will do that the last birth did not have: drawn, the will of that one buries this one once in 256 times.
  let bdSeq = stored?.bdSeq ?? (text === undefined ? 0 : randomInt(256));
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

async function readText(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
}

/** @returns undefined for what this agent did not write */
function parse(text: string): Stored | undefined {
  try {
    const stored = Object(JSON.parse(text)) as Partial<Stored>;
    const { version, bdSeq, declared } = stored;
    const isWhole =
      version === 1 &&
      Number.isInteger(bdSeq) &&
      bdSeq! >= 0 &&
      bdSeq! < 256 &&
      typeof declared === "object" &&
      Object.values(Object(declared) as Readonly<Record<string, unknown>>).every(isDeclared);
    return isWhole ? (stored as Stored) : undefined;
  } catch {
    return undefined;
  }
}

const isDeclared = (metrics: unknown): boolean =>
  Array.isArray(metrics) &&
  metrics.every((metric) => {
    const { name, type } = Object(metric) as Partial<Record<string, unknown>>;
    return typeof name === "string" && typeof type === "string" && Object.hasOwn(DATA_TYPES, type);
  });
