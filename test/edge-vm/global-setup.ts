import { requireTools } from "../edge/require-tools";

export default function globalSetup(): void {
  requireTools("npm run test:edge-vm", { as: "binutils", "qemu-system-x86_64": "qemu-system-x86" });
}
