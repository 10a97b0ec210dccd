import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { BUSY, connectionTable, isBusy, markdown, messageTable } from "./report";
import type { Results } from "./results";

const ROOT = join(__dirname, "../..");
const JSON_FILE = "bench/results/broker.json";
const DOCUMENT = "docs/performance.md";
const [BEGIN, END] = ["<!-- bench:broker -->", "<!-- /bench:broker -->"];

/**
 * Writes the figures as JSON, and as tables into docs/performance.md between its two marks.
 * @returns the files, from the repository's root.
 */
export async function writeResults(results: Results): Promise<string[]> {
  await mkdir(join(ROOT, "bench/results"), { recursive: true });
  await writeFile(join(ROOT, JSON_FILE), `${JSON.stringify(results, rounded, 2)}\n`);
  const document = await readFile(join(ROOT, DOCUMENT), "utf8");
  const [begin, end] = [document.indexOf(BEGIN), document.indexOf(END)];
  if (begin < 0 || end < begin) throw new Error(`${DOCUMENT}: must have '${BEGIN}' and then '${END}', for the tables`);
  const text = document.slice(0, begin + BEGIN.length) + tables(results) + document.slice(end);
  await writeFile(join(ROOT, DOCUMENT), text);
  return [JSON_FILE, DOCUMENT];
}

function tables(results: Results): string {
  const { measured, machine, scenarios, connections } = results;
  const { cpu, cores, node, mosquitto } = machine;
  const where = `Measured ${measured.slice(0, 10)} on ${cores} cores of an ${cpu}, Node ${node}, mosquitto ${mosquitto}.`;
  const parts = [
    isBusy(results) ? `${where} ${BUSY}` : where,
    markdown(messageTable(scenarios)),
    connections && markdown(connectionTable(connections)),
  ];
  return `\n\n${parts.filter(Boolean).join("\n\n")}\n\n`;
}

/** More digits than the machine's noise allows would only fill the difference of two runs. */
const rounded = (_key: string, value: unknown): unknown =>
  typeof value === "number" && !Number.isInteger(value) ? Number(value.toPrecision(4)) : value;
