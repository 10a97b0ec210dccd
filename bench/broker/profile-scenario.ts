import { mkdirSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { copyPrebuilds } from "../../broker/copy-prebuilds";
import { buildReadableBundle } from "./profile-bundle";
import type { Cores } from "./cores";
import type { BenchSite } from "./prepare-site";
import { type CpuProfile, selfTimes, type SelfTime } from "./read-profile";
import type { Qos, Scenario } from "./scenarios";
import { startGenerator } from "./start-generator";
import { startOurs } from "./start-ours";

export interface ProfileProps {
  readonly site: BenchSite;
  readonly cores: Cores;
  readonly scenario: Scenario;
  readonly qos: Qos;
}

const WARM_UP_MS = 3_000;
const MEASURE_MS = 5_000;
const SHOWN = 30;

/** Runs our broker alone under one scenario with V8's sampling profiler and prints where its time goes. */
export async function profileScenario({ site, cores, scenario, qos }: ProfileProps): Promise<void> {
  const bundle = join(site.folder, "readable.cjs");
  await buildReadableBundle(bundle);
  // It looks for LevelDB's native module beside itself.
  await copyPrebuilds(site.folder);
  const profiles = join(site.folder, "profiles");
  mkdirSync(profiles);
  const server = await startOurs({
    site,
    core: cores.broker,
    bundle,
    nodeArguments: ["--cpu-prof", `--cpu-prof-dir=${profiles}`, "--cpu-prof-interval=250"],
  });
  const generator = startGenerator(site.plant, cores.generator);
  const load = scenario.name;
  await generator.call("openLoad", { load, port: server.port, brokerPid: server.pid, scenario: scenario.name, qos });
  await generator.call("saturate", { load, warmUpMs: WARM_UP_MS, measureMs: 100 });
  // The profiler's clock is the same, CLOCK_MONOTONIC.
  const from = Number(process.hrtime.bigint() / 1000n);
  const measured = await generator.call("saturate", { load, warmUpMs: 0, measureMs: MEASURE_MS });
  const to = Number(process.hrtime.bigint() / 1000n);
  await generator.call("closeLoad", { load });
  // It writes the profile when it ends.
  await server.end();

  const [file] = readdirSync(profiles);
  if (file === undefined) throw new Error("the broker left no profile: it did not end in order");
  const profile = JSON.parse(readFileSync(join(profiles, file), "utf8")) as CpuProfile;
  const { functions, modules } = selfTimes(profile, [from, to], readFileSync(bundle, "utf8"));
  const cost = measured.brokerCpuMicroseconds / measured.deliveries;
  console.log(`${scenario.name}, QoS ${qos}: ${cost.toFixed(1)} µs a delivery, profiler included\n`);
  console.log(`self time by package\n${lines(modules)}\n\nself time by function\n${lines(functions)}`);
}

const lines = (times: readonly SelfTime[]): string =>
  times
    .slice(0, SHOWN)
    .filter(({ share }) => share >= 0.003)
    .map(({ what, share }) => `${(share * 100).toFixed(1).padStart(6)} %  ${what}`)
    .join("\n");
