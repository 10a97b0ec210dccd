import { readFile, writeFile } from "node:fs/promises";
import { cpus } from "node:os";
import { join } from "node:path";
import type { Account } from "./ledger";
import { SCALE } from "./scale";

const FILE = join(__dirname, "../../bench/results/faults.json");

/** Prints what a scenario counted and took; the full run keeps it. Milliseconds. */
export async function report(
  scenario: string,
  account: Account,
  figures: Readonly<Record<string, unknown>> = {},
): Promise<void> {
  const { examples, ...counts } = account;
  const entry = { ...counts, ...figures };
  const text = Object.entries(entry)
    .map(([name, value]) => `${name} ${String(value)}`)
    .join(", ");
  process.stderr.write(`faults: ${scenario}: ${text}${examples.length > 0 ? `, such as ${examples.join(" ")}` : ""}\n`);
  if (!SCALE.isFull) return;
  const all = JSON.parse(await readFile(FILE, "utf8").catch(() => "{}")) as Record<string, unknown>;
  all["machine"] = { node: process.version, cpu: cpus()[0]?.model, cores: cpus().length };
  all[scenario] = entry;
  await writeFile(FILE, `${JSON.stringify(all, undefined, 2)}\n`);
}

/** Longest and middle of a list of milliseconds, as seconds. */
export function spread(milliseconds: readonly number[]): { readonly longestS: number; readonly medianS: number } {
  const sorted = [...milliseconds].sort((a, b) => a - b);
  const seconds = (value: number): number => Math.round(value / 10) / 100;
  return { longestS: seconds(sorted.at(-1) ?? 0), medianS: seconds(sorted[sorted.length >> 1] ?? 0) };
}
