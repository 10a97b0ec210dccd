import type { Architecture } from "../../policy/architecture";
import { copyFile } from "node:fs/promises";
import { join } from "node:path";
import { findTool } from "../e2e/find-tool";
import { inNamespace, ip } from "../e2e/namespaces";
import { runCommand } from "../e2e/run-command";
import { DEVICE_MAC, type Lab } from "../edge/lab";
import type { Spawned } from "../edge/spawned";

/** The machine around a processor, and its firmware, as Debian packages them. */
interface Hardware {
  readonly program: string;
  readonly debian: string;
  readonly machine: readonly string[];
  readonly firmware: string;
  readonly variables: string;
}

export const HARDWARE: Readonly<Record<Architecture, Hardware>> = {
  x86_64: {
    program: "qemu-system-x86_64",
    debian: "qemu-system-x86",
    machine: ["-machine", "q35", "-cpu", "qemu64"],
    firmware: "/usr/share/OVMF/OVMF_CODE_4M.fd",
    variables: "/usr/share/OVMF/OVMF_VARS_4M.fd",
  },
  arm64: {
    program: "qemu-system-aarch64",
    debian: "qemu-system-arm qemu-efi-aarch64",
    machine: ["-machine", "virt", "-cpu", "cortex-a57"],
    firmware: "/usr/share/AAVMF/AAVMF_CODE.fd",
    variables: "/usr/share/AAVMF/AAVMF_VARS.fd",
  },
};

export interface PowerOnOptions {
  /** @default "x86_64" */
  readonly architecture?: Architecture;
  /** What the machine's clock says at power-on, as `1970-01-02T00:00:00`. @default the time */
  readonly clock?: string;
}

/** A gateway in software: UEFI firmware, an NVMe disk, one network card on the lab's switch. */
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
 * Powers a machine on. Its processor is interpreted (TCG): /dev/kvm may be there and not be one that starts a Debian
 * kernel.
 * @param disk image that it starts from and writes to
 */
export async function powerOn(lab: Lab, disk: string, options: PowerOnOptions = {}): Promise<Machine> {
  const { architecture = "x86_64", clock = "utc" } = options;
  const { program, debian, machine, firmware, variables: fresh } = HARDWARE[architecture];
  const id = (machines += 1);
  const wan = lab.namespace("wan");
  const tap = `vm${id}`;
  await ip("-n", wan, "tuntap", "add", tap, "mode", "tap");
  await ip("-n", wan, "link", "set", tap, "master", "br0", "up");
  const variables = join(lab.folder, `vars${id}.fd`);
  await copyFile(fresh, variables);
  const started = performance.now();
  const console = lab.start("wan", findTool(program, `apt-get install ${debian}`), [
    ...[...machine, "-accel", "tcg,thread=multi", "-smp", "1", "-m", "512"],
    ...["-rtc", `base=${clock}`],
    ...["-display", "none", "-monitor", "none", "-serial", "stdio"],
    ...[
      "-drive",
      `if=pflash,format=raw,readonly=on,file=${firmware}`,
      "-drive",
      `if=pflash,format=raw,file=${variables}`,
    ],
    // Written through to the host: what the guest flushed is in the file when the plug is pulled, what it did not is lost.
    ...["-drive", `file=${disk},format=raw,if=none,id=disk,cache=directsync`, "-device", "nvme,drive=disk,serial=dmz"],
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
