import { join } from "node:path";
import { findTool } from "../e2e/find-tool";
import type { Lab } from "./lab";

/** What nmap found out about ports: how many it puts into each state. */
export type PortStates = Readonly<Record<string, number>>;

/**
 * Scans from the neighbour's namespace. Sent once and fast: there is one switch between, and nothing is lost on it.
 * @param args nmap's, with the target last
 * @returns number of ports in each state; `open`, say, is missing when there is none
 */
export async function scan(lab: Lab, ...args: readonly string[]): Promise<PortStates> {
  findTool("nmap", "apt-get install nmap");
  const { stdout, code, output } = await lab.run("scan", "nmap", [
    ...["-n", "-Pn", "--disable-arp-ping", "--min-rate", "20000", "--max-retries", "0", "-oG", "-"],
    ...args,
  ]);
  if (code !== 0) throw new Error(`nmap ${args.join(" ")}: ${output}`);
  const states: Record<string, number> = {};
  for (const [, entries] of stdout.matchAll(/^Host:.*Ports: (.*?)(?:\t|$)/gm))
    for (const entry of entries!.split(", ").filter(Boolean)) {
      const state = entry.split("/")[1]!;
      states[state] = (states[state] ?? 0) + 1;
    }
  for (const [, state, count] of stdout.matchAll(/Ignored State: (\S+) \((\d+)\)/g))
    states[state!] = (states[state!] ?? 0) + Number(count);
  return states;
}

/** Runs one of forge.py's tricks from the neighbour's namespace. */
export async function forge(lab: Lab, trick: string, ...args: readonly string[]): Promise<string> {
  const { code, output } = await lab.run("scan", "/usr/bin/python3", [join(__dirname, "forge.py"), trick, ...args]);
  if (code !== 0) throw new Error(`forge.py ${trick}: ${output}`);
  return output;
}

/** Does a host answer the neighbour's ARP request? Every host on a link must (RFC 826). */
export async function isOnLink(lab: Lab, address: string): Promise<boolean> {
  const { stdout } = await lab.run("scan", "nmap", ["-n", "-sn", "-PR", "-oG", "-", address]);
  return stdout.includes("Status: Up");
}
