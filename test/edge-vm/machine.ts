import { findTool } from "../e2e/find-tool";
import { inNamespace, ip } from "../e2e/namespaces";
import { runCommand } from "../e2e/run-command";
import { DEVICE_MAC, type Lab } from "../edge/lab";
import type { Spawned } from "../edge/spawned";
import { HARDWARE, hardware, type HardwareOptions } from "./firmware";

export interface PowerOnOptions extends HardwareOptions {
  /** What the machine's clock says at power-on, as `1970-01-02T00:00:00`. @default the time */
  readonly clock?: string;
}

/** A gateway in software: its firmware, an NVMe disk, one network card on the lab's switch. */
export interface Machine {
  readonly console: Spawned;
  /** Pulls the network cable. */
  unplug(): Promise<void>;
  /** Pulls the plug: nothing is flushed, nobody is told. */
  cutPower(): Promise<void>;
  /** Seconds since power-on at which a line like this was on the console. */
  secondsAt(pattern: RegExp): number | undefined;
}

let machines = 0;

/**
 * Powers a machine on.
 * @param disk image that it starts from and writes to
 */
export async function powerOn(lab: Lab, disk: string, options: PowerOnOptions = {}): Promise<Machine> {
  const { program, debian } = HARDWARE[options.architecture ?? "x86_64"];
  const id = (machines += 1);
  const wan = lab.namespace("wan");
  const tap = `vm${id}`;
  await ip("-n", wan, "tuntap", "add", tap, "mode", "tap");
  await ip("-n", wan, "link", "set", tap, "master", "br0", "up");
  const machine = await hardware(disk, lab.folder, options);
  const started = performance.now();
  const console = lab.start("wan", findTool(program, `apt-get install ${debian}`), [
    ...machine,
    ...["-rtc", `base=${options.clock ?? "utc"}`],
    ...["-netdev", `tap,id=net,ifname=${tap},script=no,downscript=no`],
    ...["-device", `virtio-net-pci,netdev=net,mac=${DEVICE_MAC},romfile=`, "-device", "virtio-rng-pci"],
    ...["-watchdog-action", "reset"],
  ]);
  const times: [line: string, seconds: number][] = [];
  void console
    .line(
      (line) => {
        times.push([line, (performance.now() - started) / 1000]);
        return false;
      },
      "the machine's console",
      3_600_000,
    )
    .catch(() => undefined);
  return {
    console,
    unplug: () => ip("-n", wan, "link", "set", tap, "down"),
    cutPower: async () => {
      await console.stop("SIGKILL");
      const [command, args] = inNamespace(wan, findTool("ip", "apt-get install iproute2"), "link", "del", tap);
      await runCommand(command, args, { mayFail: true });
    },
    secondsAt: (pattern) => times.find(([line]) => pattern.test(line))?.[1],
  };
}
