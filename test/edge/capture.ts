import { join } from "node:path";
import { findTool } from "../e2e/find-tool";
import { runCommand } from "../e2e/run-command";
import { DEVICE_MAC, type Lab } from "./lab";

/** Records every frame that the device sends to the neighbour, or to everybody. */
export interface Capture {
  /** Ends it. @returns what was sent but what the filter leaves out, one line a frame */
  stop(leaveOut?: string): Promise<string[]>;
}

let captures = 0;

/** Resolves when the recording runs. It sees the neighbour's side of the switch: what reaches an attacker. */
export async function capture(lab: Lab): Promise<Capture> {
  const tcpdump = findTool("tcpdump", "apt-get install tcpdump");
  const file = join(lab.folder, `capture${(captures += 1)}.pcap`);
  const running = lab.start("scan", tcpdump, ["-i", "eth0", "-n", "-U", "-w", file, `ether src ${DEVICE_MAC}`]);
  await running.line((line) => line.includes("listening on"), "tcpdump");
  return {
    stop: async (leaveOut) => {
      await running.stop("SIGINT");
      const { stdout } = await runCommand(tcpdump, ["-n", "-r", file, ...(leaveOut ? [`not (${leaveOut})`] : [])]);
      return stdout.trim().split("\n").filter(Boolean);
    },
  };
}

/**
 * What IP itself makes a host say on its link, and no more: ARP (RFC 826), neighbour discovery and router solicitation (RFC
 * 4861), multicast listener reports (RFC 3810), DHCP from the client's port (RFC 2131, RFC 8415).
 */
export const LINK_SPEECH =
  "arp or (icmp6 and (ip6[40] = 133 or ip6[40] = 135 or ip6[40] = 136)) or (ip6 multicast and ip6[6] = 0 and ip6[48] = 143) " +
  "or (udp src port 68 and udp dst port 67) or (udp src port 546 and udp dst port 547)";
