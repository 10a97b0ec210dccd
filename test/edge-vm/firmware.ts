import { copyFile } from "node:fs/promises";
import { join } from "node:path";
import type { Architecture } from "../../policy/architecture";

/** What a machine starts its disk by. */
export type Firmware = "UEFI" | "BIOS";

/** Whether everything is shown with both firmwares; without it what is slow is shown with one. */
export const FULL = process.env["DMZ_EDGE_FULL"] === "1";

export const BOTH: readonly Firmware[] = ["UEFI", "BIOS"];

/** The machine around a processor, and its UEFI firmware, as Debian packages them. */
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

export interface HardwareOptions {
  /** @default "UEFI" */
  readonly firmware?: Firmware;
  /** @default "x86_64" */
  readonly architecture?: Architecture;
}

/**
 * A gateway's hardware for QEMU, but for its network card: an interpreted processor (/dev/kvm may be there and not be one
 * that starts a Debian kernel), the firmware, an NVMe disk, a serial line on standard output.
 * @param folder for what the firmware remembers
 */
export async function hardware(disk: string, folder: string, options: HardwareOptions = {}): Promise<string[]> {
  const { firmware = "UEFI", architecture = "x86_64" } = options;
  const { machine, firmware: code, variables: fresh } = HARDWARE[architecture];
  const flash: string[] = [];
  if (firmware === "UEFI") {
    const variables = join(folder, `${Date.now()}.fd`);
    await copyFile(fresh, variables);
    flash.push("-drive", `if=pflash,format=raw,readonly=on,file=${code}`);
    flash.push("-drive", `if=pflash,format=raw,file=${variables}`);
  }
  return [
    ...[...machine, "-accel", "tcg,thread=multi", "-smp", "1", "-m", "512"],
    ...["-display", "none", "-monitor", "none", "-serial", "stdio"],
    // SeaBIOS is what QEMU starts with when it is given no other.
    ...flash,
    // Written through to the host: what the guest flushed is in the file when the plug is pulled, what it did not is lost.
    ...["-drive", `file=${disk},format=raw,if=none,id=disk,cache=directsync`, "-device", "nvme,drive=disk,serial=dmz"],
  ];
}
