import { mkdirSync } from "node:fs";
import { readdir } from "node:fs/promises";
import { cpus, loadavg } from "node:os";
import { join } from "node:path";
import { buildBroker } from "../../broker/build";
import { readLastCommit } from "../../broker/src/persistence/last-commit-file";
import { cleanUp, cleanUpOnSignals, wasInterrupted } from "../broker/clean-up";
import { takeCores } from "../broker/cores";
import { prepareSite } from "../broker/prepare-site";
import { requireTools } from "../broker/require-tools";
import { STORED } from "../broker/scenarios";
import { startGenerator } from "../broker/start-generator";
import { AUTOSAVED, mosquittoVersion, startMosquitto } from "../broker/start-mosquitto";
import { startOurs, storeOf } from "../broker/start-ours";
import { buildMemoryBroker } from "./build-memory-broker";
import { measureStart } from "./measure-start";
import { measureSync } from "./measure-sync";
import { measureThroughput, type StoreThroughput } from "./measure-throughput";
import { readResults, tables, writeResults, type StoreResults } from "./write-results";

const FULL = { content: { sessions: 20_000, queued: 100_000, retained: 50_000 }, starts: 5 };
const FEW = { content: { sessions: 200, queued: 1_000, retained: 500 }, starts: 1 };
const EFFORT = { rounds: 5, warmUpMs: 1_000, measureMs: 4_000 };
const QUICK = { rounds: 1, warmUpMs: 200, measureMs: 1_000 };
/** What the issue of a durable store promises. */
const AT_MOST_MS = 3_000;
const AT_LEAST_OF_MEMORY = 0.5;

/**
 * `npm run bench:store`: what keeping everything that is acknowledged costs, beside the same broker with its store in
 * memory and mosquitto as durable as it gets; and how long a start takes that finds a full store. `-- --quick` only shows
 * that it works; `-- --start` measures the start alone, and leaves the other figures as they are.
 */
async function main(): Promise<void> {
  const quick = process.argv.includes("--quick");
  const effort = quick ? QUICK : EFFORT;
  requireTools(["taskset", "mosquitto", "mosquitto_passwd"]);
  cleanUpOnSignals();
  const loadBefore = loadavg()[0]!;
  const cores = takeCores();
  const site = await prepareSite(STORED.publishers);
  const [bundle, memory] = [join(site.folder, "broker.cjs"), join(site.folder, "memory/broker.cjs")];
  mkdirSync(join(site.folder, "memory"));
  await buildBroker(bundle);
  await buildMemoryBroker(memory);
  const core = cores.broker;
  if (process.argv.includes("--start")) {
    const restart = await measureStart({ site, core, bundle, ...(quick ? FEW : FULL) });
    const results = { ...(await readResults()), restart };
    console.log(tables(results));
    if (!quick) console.log(`\nwritten: ${(await writeResults(results)).join(", ")}`);
    if (restart.activeMs > AT_MOST_MS) throw new Error(`restart: took longer than ${AT_MOST_MS} ms`);
    return;
  }
  const generator = startGenerator(site.plant, cores.generator);
  const store = storeOf(site);

  const runs: StoreThroughput[] = [
    await measureThroughput({
      name: "memory",
      start: () => startOurs({ site, core, bundle: memory }),
      generator,
      effort,
    }),
    await measureThroughput({
      name: "durable",
      start: () => startOurs({ site, core, bundle }),
      generator,
      effort,
      syncs: () => commitsIn(store),
    }),
    await measureThroughput({
      name: "mosquitto",
      start: () => startMosquitto(site, core, AUTOSAVED),
      generator,
      effort,
    }),
  ];
  await generator.end();

  const restart = await measureStart({ site, core, bundle, ...(quick ? FEW : FULL) });

  const machine = { cpu: cpus()[0]!.model, cores: cpus().length, node: process.version, mosquitto: mosquittoVersion() };
  const results: StoreResults = {
    measured: new Date().toISOString(),
    machine: { ...machine, loadBefore, syncMs: await measureSync(site.folder) },
    runs,
    restart,
  };
  console.log(tables(results));
  if (quick) console.log("\n--quick: these figures show that it works, not how fast");
  else console.log(`\nwritten: ${(await writeResults(results)).join(", ")}`);

  const rate = (name: string): number => runs.find((one) => one.name === name)!.deliveriesPerSecond;
  const faults = [
    ...runs
      .slice(0, 2)
      .flatMap(({ name, sent, delivered }) => (sent === delivered ? [] : [`${name}: lost or repeated some`])),
    ...(quick || rate("durable") >= AT_LEAST_OF_MEMORY * rate("memory") ? [] : ["durable: below half of memory"]),
    ...(quick || rate("durable") > rate("mosquitto") ? [] : ["durable: behind mosquitto"]),
    ...(restart.activeMs <= AT_MOST_MS ? [] : [`restart: took longer than ${AT_MOST_MS} ms`]),
  ];
  for (const fault of faults) console.error(fault);
  if (faults.length > 0) process.exitCode = 1;
}

/** Each commit is one sync: the store of the last epoch counts them beside its own files. */
async function commitsIn(store: string): Promise<number> {
  const epochs = (await readdir(store)).filter((name) => /^epoch-\d+$/.test(name)).sort();
  return (await readLastCommit(join(store, epochs.at(-1)!)))!;
}

main()
  .catch((error: unknown) => {
    if (wasInterrupted()) return;
    console.error(error instanceof Error ? error.message : error);
    process.exitCode = 1;
  })
  .finally(cleanUp);
