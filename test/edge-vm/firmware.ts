import { copyFile } from "node:fs/promises";
import { join } from "node:path";

/** What a machine starts its disk by. */
export type Firmware = "UEFI" | "BIOS";

/** Whether everything is shown with both firmwares; without it what is slow is shown with one. */
export const FULL = process.env["DMZ_EDGE_FULL"] === "1";

export const BOTH: readonly Firmware[] = ["UEFI", "BIOS"];

const OVMF = { code: "/usr/share/OVMF/OVMF_CODE_4M.fd", variables: "/usr/share/OVMF/OVMF_VARS_4M.fd" };

/**
 * A gateway's hardware for QEMU, but for its network card: an interpreted processor (/dev/kvm may be there and not be one
 * that starts a Debian kernel), the firmware, an NVMe disk, a serial line on standard output.
 * @param folder for what the firmware remembers
 */
export async function hardware(firmware: Firmware, disk: string, folder: string): Promise<string[]> {
  const flash: string[] = [];
  if (firmware === "UEFI") {
    const variables = join(folder, `${Date.now()}.fd`);
    await copyFile(OVMF.variables, variables);
    flash.push("-drive", `if=pflash,format=raw,readonly=on,file=${OVMF.code}`);
    flash.push("-drive", `if=pflash,format=raw,file=${variables}`);
  }
  return [
    ...["-machine", "q35", "-accel", "tcg,thread=multi", "-cpu", "qemu64", "-smp", "1", "-m", "512"],
    ...["-display", "none", "-monitor", "none", "-serial", "stdio"],
    // SeaBIOS is what QEMU starts with when it is given no other.
    ...flash,
    // Written through to the host: what the guest flushed is in the file when the plug is pulled, what it did not is lost.
    ...["-drive", `file=${disk},format=raw,if=none,id=disk,cache=directsync`, "-device", "nvme,drive=disk,serial=dmz"],
  ];
}
