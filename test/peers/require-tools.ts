import { spawnSync } from "node:child_process";

const PACKAGES: Readonly<Record<string, string>> = {
  mosquitto_pub: "mosquitto-clients",
  mosquitto_sub: "mosquitto-clients",
  stdbuf: "coreutils",
  testssl: "testssl.sh",
};

/** @throws naming every tool that is missing, and how to get it. */
export function requireTools(...names: readonly string[]): void {
  const missing = names.filter((name) => spawnSync(name, ["--help"]).error !== undefined);
  if (missing.length === 0) return;
  const packages = [...new Set(missing.map((name) => PACKAGES[name]))];
  throw new Error(`this suite needs ${missing.join(", ")}; on Debian: apt-get install ${packages.join(" ")}`);
}
