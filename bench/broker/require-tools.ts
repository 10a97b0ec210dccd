import { spawnSync } from "node:child_process";

const TOOLS: Readonly<Record<string, string>> = {
  mosquitto: "mosquitto",
  mosquitto_passwd: "mosquitto",
  taskset: "util-linux",
};

/** @throws naming every tool that is missing and how to get it. */
export function requireTools(names: readonly string[]): void {
  const missing = names.filter((name) => spawnSync(name, ["--help"]).error !== undefined);
  if (missing.length === 0) return;
  const packages = [...new Set(missing.map((name) => TOOLS[name]))];
  throw new Error(`the bench needs ${missing.join(", ")}; on Debian: apt-get install ${packages.join(" ")}`);
}
