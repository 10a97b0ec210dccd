import { requireTools } from "../edge/require-tools";

/** On another processor than this machine's the image is built, too: with DMZ_EDGE_FULL=1. */
const ARM64 = {
  "qemu-aarch64-static": "qemu-user-static",
  "qemu-system-aarch64": "qemu-system-arm qemu-efi-aarch64",
};

export default function globalSetup(): void {
  const full = process.env["DMZ_EDGE_FULL"] === "1";
  requireTools("npm run test:edge-vm", {
    as: "binutils",
    "qemu-system-x86_64": "qemu-system-x86 ovmf",
    ...(full && ARM64),
  });
}
