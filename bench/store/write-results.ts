import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { markdown } from "../broker/report";
import { STORED } from "../broker/scenarios";
import type { StartFigures } from "./measure-start";
import type { StoreThroughput } from "./measure-throughput";

export interface StoreResults {
  readonly measured: string;
  readonly machine: {
    readonly cpu: string;
    readonly cores: number;
    readonly node: string;
    readonly mosquitto: string;
    readonly loadBefore: number;
    /** One sync of the disk that held the stores. */
    readonly syncMs: { readonly p50: number; readonly p99: number };
  };
  readonly runs: readonly StoreThroughput[];
  readonly restart: StartFigures;
}

const ROOT = join(__dirname, "../..");
const JSON_FILE = "bench/results/store.json";
const DOCUMENT = "docs/performance.md";
const [BEGIN, END] = ["<!-- bench:store -->", "<!-- /bench:store -->"];

/** Load average above which the figures are the neighbours' doing, too. */
const QUIET = 0.5;
const BUSY =
  "Other work ran on the same cores: read the CPU a delivery and the CPU of the start; what is by the clock is the neighbours' doing.";

const WHO: Readonly<Record<string, string>> = {
  memory: "ours, store in memory",
  durable: "ours, durable",
  mosquitto: "mosquitto, saved at every change",
};

/** The figures as text: Markdown, which reads well in a terminal too. */
export function tables({ measured, machine, runs, restart }: StoreResults): string {
  const { cpu, cores, node, mosquitto, syncMs } = machine;
  const memory = runs.find(({ name }) => name === "memory")!;
  const throughput = markdown([
    [
      `QoS 1, ${STORED.publishers} publishers to ${STORED.subscribers} persistent sessions`,
      "deliveries/s",
      "of memory",
      "syncs",
      "deliveries a sync",
      "broker, % of a core",
      "CPU µs a delivery",
      "lost",
    ],
    ...runs.map((run) => [
      WHO[run.name]!,
      run.deliveriesPerSecond.toFixed(0),
      (run.deliveriesPerSecond / memory.deliveriesPerSecond).toFixed(3),
      run.syncs?.toString() ?? "",
      run.deliveriesPerSync?.toFixed(0) ?? "",
      (run.brokerShare * 100).toFixed(0),
      ((run.brokerShare * 1e6) / run.deliveriesPerSecond).toFixed(1),
      (run.sent - run.delivered).toString(),
    ]),
  ]);
  const started = markdown([
    ["process start to active", "sessions", "queued", "retained", "records", "ms", "of it CPU, ms", "resident, MiB"],
    [
      "full store",
      ...[restart.sessions, restart.queued, restart.retained, restart.keys].map(String),
      restart.activeMs.toFixed(0),
      restart.cpuMs.toFixed(0),
      restart.residentMiB.toFixed(0),
    ],
    ["empty store", "0", "0", "0", "0", "", restart.emptyCpuMs.toFixed(0), restart.emptyResidentMiB.toFixed(0)],
  ]);
  const starts =
    `Medians of ${restart.starts} starts each, measured ${restart.measured.slice(0, 10)} ` +
    `at a load average of ${restart.loadBefore.toFixed(1)} on ${cores} cores.`;
  const where =
    `Measured ${measured.slice(0, 10)} on ${cores} cores of an ${cpu}, Node ${node}, mosquitto ${mosquitto}; ` +
    `one sync of 4 KiB took ${syncMs.p50.toFixed(2)} ms (p99 ${syncMs.p99.toFixed(2)}).`;
  return [machine.loadBefore > QUIET ? `${where} ${BUSY}` : where, throughput, started, starts].join("\n\n");
}

/** What was written last. */
export async function readResults(): Promise<StoreResults> {
  return JSON.parse(await readFile(join(ROOT, JSON_FILE), "utf8")) as StoreResults;
}

/** @returns the files that were written, from the repository's root. */
export async function writeResults(results: StoreResults): Promise<string[]> {
  await mkdir(join(ROOT, "bench/results"), { recursive: true });
  await writeFile(join(ROOT, JSON_FILE), `${JSON.stringify(results, rounded, 2)}\n`);
  const document = await readFile(join(ROOT, DOCUMENT), "utf8");
  const [begin, end] = [document.indexOf(BEGIN), document.indexOf(END)];
  if (begin < 0 || end < begin) throw new Error(`${DOCUMENT}: must have '${BEGIN}' and then '${END}', for the tables`);
  const text = `${document.slice(0, begin + BEGIN.length)}\n\n${tables(results)}\n\n${document.slice(end)}`;
  await writeFile(join(ROOT, DOCUMENT), text);
  return [JSON_FILE, DOCUMENT];
}

const rounded = (_key: string, value: unknown): unknown =>
  typeof value === "number" && !Number.isInteger(value) ? Number(value.toPrecision(4)) : value;
