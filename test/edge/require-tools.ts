import { findTool } from "../e2e/find-tool";

const PACKAGES: Readonly<Record<string, string>> = {
  dnsmasq: "dnsmasq-base",
  ip: "iproute2",
  mcopy: "mtools",
  mke2fs: "e2fsprogs",
  mksquashfs: "squashfs-tools",
  mmdebstrap: "mmdebstrap",
  nft: "nftables",
  nmap: "nmap",
  nsenter: "util-linux",
  sfdisk: "fdisk",
  socat: "socat",
  "systemd-nspawn": "systemd-container",
  tcpdump: "tcpdump",
  veritysetup: "cryptsetup-bin",
  zstd: "zstd",
};

/** @throws Error that names every program the suite needs and does not find */
export function requireTools(suite: string, more: Readonly<Record<string, string>> = {}): void {
  const missing = Object.entries({ ...PACKAGES, ...more }).filter(([name, debian]) => {
    try {
      findTool(name, debian);
      return false;
    } catch {
      return true;
    }
  });
  if (process.getuid?.() !== 0) throw new Error(`${suite} makes network namespaces: run it as root`);
  if (missing.length === 0) return;
  const lines = missing.map(([name, debian]) => `  ${name}: apt-get install ${debian}`);
  throw new Error(`${suite} needs programs that are not on the PATH:\n${lines.join("\n")}`);
}
