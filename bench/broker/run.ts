import { cpus, loadavg } from "node:os";
import { join } from "node:path";
import { buildBroker } from "../../broker/build";
import { cleanUp, cleanUpOnSignals, wasInterrupted } from "./clean-up";
import { type Cores, takeCores } from "./cores";
import { FULL, QUICK } from "./effort";
import { holdConnections } from "./hold-connections";
import { measureConnections } from "./measure-connections";
import { measureScenario } from "./measure-scenario";
import { type Options, readOptions } from "./options";
import { type BenchSite, prepareSite } from "./prepare-site";
import { profileScenario } from "./profile-scenario";
import { BUSY, connectionTable, isBusy, messageTable, plainText, trustTable } from "./report";
import type { ConnectionResult, Results, ScenarioResult } from "./results";
import { requireTools } from "./require-tools";
import { mosquittoVersion, startMosquitto } from "./start-mosquitto";
import { startGenerator } from "./start-generator";
import { startOurs } from "./start-ours";
import type { Server } from "./start-server";
import { writeResults } from "./write-results";

/** One site, one generator core, one broker core. */
interface Bench {
  readonly options: Options;
  readonly cores: Cores;
  readonly site: BenchSite;
  readonly starts: readonly [ours: () => Promise<Server>, mosquitto: () => Promise<Server>];
}

/** `npm run bench:broker`: this broker beside mosquitto, in one run. */
async function main(): Promise<void> {
  const options = readOptions(process.argv.slice(2));
  requireTools(options.task === "profile" ? ["taskset"] : ["taskset", "mosquitto", "mosquitto_passwd"]);
  cleanUpOnSignals();
  const cores = takeCores();
  const site = await prepareSite();
  // The file that `npm run build` makes, from today's sources.
  const bundle = join(site.folder, "broker.cjs");
  await buildBroker(bundle);
  const starts = [
    () => startOurs({ site, core: cores.broker, bundle }),
    () => startMosquitto(site, cores.broker),
  ] as const;
  const bench: Bench = { options, cores, site, starts };
  if (options.task === "profile")
    await profileScenario({ ...bench, scenario: options.scenarios[0]!, qos: options.qos });
  else if (options.task === "connections") await hold(bench);
  else await compare(bench);
}

async function compare({ options, cores, site, starts }: Bench): Promise<void> {
  const effort = options.quick ? QUICK : FULL;
  const machine = {
    cpu: cpus()[0]!.model,
    cores: cpus().length,
    node: process.version,
    mosquitto: mosquittoVersion(),
    loadBefore: loadavg()[0]!,
  };
  const generator = startGenerator(site.plant, cores.generator);
  const servers = [await starts[0](), await starts[1]()] as const;
  const scenarios: ScenarioResult[] = [];
  for (const scenario of options.scenarios) {
    for (const qos of [0, 1] as const) {
      progress(`${scenario.name}, QoS ${qos}`);
      scenarios.push(await measureScenario({ scenario, qos, servers, generator, effort }));
    }
  }
  for (const server of servers) await server.end();
  let connections: ConnectionResult | undefined;
  if (options.connectionCosts) {
    progress("connections");
    connections = await measureConnections({ starts, generator, effort });
  }
  const results: Results = { measured: new Date().toISOString(), machine, scenarios, connections };

  const tables = [messageTable(scenarios), ...(connections ? [connectionTable(connections)] : []), trustTable(results)];
  console.log(tables.map(plainText).join("\n\n"));
  if (isBusy(results)) console.log(`\n${BUSY}`);
  if (options.quick) console.log("\n--quick: few and short rounds; these figures show that it works, not how fast");
  else if (options.connectionCosts) console.log(`\nwritten: ${(await writeResults(results)).join(", ")}`);

  // What mosquitto loses is its own affair; it shows in the table.
  const faulty = scenarios.filter(
    ({ accounts: { ours } }) => ours.delivered !== ours.expected || ours.outOfSequence > 0,
  );
  for (const { scenario, qos } of faulty) console.error(`${scenario}, QoS ${qos}: not all delivered once and in order`);
  if (faulty.length > 0) process.exitCode = 1;
}

async function hold({ starts, site, cores }: Bench): Promise<void> {
  for (const start of starts) {
    progress("idle connections");
    const held = await holdConnections({ start, plantFile: site.plant, core: cores.generator });
    const { name, asked, bytesPerConnection, connectsPerSecond, cpuMicrosecondsPerConnect } = held;
    const why = held.held < asked ? `, refused beyond that (asked for ${asked})` : "";
    const costs = cpuMicrosecondsPerConnect.map((cost) => cost.toFixed(0)).join(", ");
    console.log(`${name}: ${held.held} idle TLS connections held${why}`);
    console.log(`  memory a connection: ${(bytesPerConnection / 1024).toFixed(1)} KiB`);
    console.log(`  connects a second: ${connectsPerSecond.toFixed(0)}`);
    console.log(`  CPU µs a connect, one generator process after the other: ${costs}`);
  }
}

function progress(what: string): void {
  if (process.stderr.isTTY) process.stderr.write(`${what}\n`);
}

main()
  .catch((error: unknown) => {
    // What was being done when the signal came did not fail.
    if (wasInterrupted()) return;
    console.error(error instanceof Error ? error.message : error);
    process.exitCode = 1;
  })
  .finally(cleanUp);
