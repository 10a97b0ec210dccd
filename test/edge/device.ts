import { execFileSync } from "node:child_process";
import { chownSync, chmodSync, cpSync, mkdirSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { EDGE_ACCOUNTS } from "../../policy/edge-accounts";
import { findTool } from "../e2e/find-tool";
import { until } from "../e2e/until";
import type { Lab } from "./lab";
import type { Spawned } from "./spawned";
import { UNPACKED } from "./test-image";

/** The image's root file system, started by its own systemd as PID 1 in the device's network namespace. */
export interface Device {
  readonly console: Spawned;
  /** Runs a program of the device inside it, as root of the device. */
  run(...command: readonly string[]): string;
  /** Folder that is the device's data partition. */
  readonly data: string;
  stop(): Promise<void>;
}

export interface DeviceOptions {
  /** Enrolment bundle. */
  readonly bundle: string;
  /** File of the machine that takes the place of the device's own: `{ "/etc/nftables.conf": "/tmp/broken" }`. @default none */
  readonly replace?: Readonly<Record<string, string>>;
}

let started = 0;

/** A data partition as `dmz image edge provision` fills it. */
export function dataFolder(lab: Lab, bundle: string): string {
  const data = join(lab.folder, `data${(started += 1)}`);
  for (const name of ["identity", "queue", "state", "update"]) {
    mkdirSync(join(data, name), { recursive: true, mode: 0o700 });
    chownSync(join(data, name), EDGE_ACCOUNTS.agent, EDGE_ACCOUNTS.agent);
  }
  mkdirSync(join(data, "time"));
  chownSync(join(data, "time"), EDGE_ACCOUNTS.time, EDGE_ACCOUNTS.time);
  chmodSync(data, 0o755);
  for (const file of readdirSync(bundle, { withFileTypes: true })) {
    if (!file.isFile()) continue;
    const target = join(data, "identity", file.name);
    cpSync(join(bundle, file.name), target);
    chmodSync(target, 0o400);
    chownSync(target, EDGE_ACCOUNTS.agent, EDGE_ACCOUNTS.agent);
  }
  return data;
}

/** Starts the device; resolves when its systemd runs. What it does then is the test's to wait for. */
export async function startDevice(lab: Lab, { bundle, replace = {} }: DeviceOptions): Promise<Device> {
  const data = dataFolder(lab, bundle);
  const console = lab.start(
    "wan",
    findTool("systemd-nspawn", "apt-get install systemd-container"),
    [
      ...["--register=no", "--keep-unit", "--quiet", `--machine=dmz-edge-${process.pid}`, "-D", UNPACKED],
      ...["--read-only", "--volatile=state", `--bind=${data}:/data`, "--console=pipe", "--resolv-conf=off"],
      ...["--capability=CAP_NET_ADMIN", `--network-namespace-path=/run/netns/${lab.namespace("dev")}`],
      ...Object.entries(replace).map(([path, file]) => `--bind-ro=${file}:${path}`),
      ...["--link-journal=no", "--timezone=off", "--boot"],
    ],
    { SYSTEMD_NSPAWN_UNIFIED_HIERARCHY: "1" },
  );
  const leader = await until("the device's systemd", 60_000, () => childOf(console.child.pid!));
  const run = (...command: readonly string[]): string =>
    execFileSync(findTool("nsenter", "apt-get install util-linux"), ["-t", String(leader), "-a", ...command], {
      encoding: "utf8",
      env: { PATH: "/usr/sbin:/usr/bin", LC_ALL: "C.UTF-8" },
      stdio: ["ignore", "pipe", "pipe"],
    });
  const stop = async (): Promise<void> => {
    // The first process, and with it all of its namespace: it outlives systemd-nspawn, and what hangs in it runs on.
    if (childOf(console.child.pid!) === leader) process.kill(leader, "SIGKILL");
    await console.stop();
  };
  lab.cleanUp.add("the device", stop);
  return { console, run, data, stop };
}

/** The container's first process: the child of nspawn that has become systemd. Those before it set the container up. */
function childOf(parent: number): number | undefined {
  try {
    const children = readFileSync(`/proc/${parent}/task/${parent}/children`, "utf8").trim().split(" ");
    return children.map(Number).find((child) => readFileSync(`/proc/${child}/comm`, "utf8") === "systemd\n");
  } catch {
    // It has ended while we looked.
    return undefined;
  }
}
