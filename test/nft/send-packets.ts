import { execFileSync } from "node:child_process";
import { createSocket } from "node:dgram";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { SOURCE_PORTS, TARGET_PORTS } from "./random-ruleset";

// A child of the test, in a network namespace of its own. Reads a ruleset as JSON text a line, loads it, sends one packet
// of every sort over loopback, and prints what the kernel says: which arrived, and how it lists the ruleset.

const nft = (args: readonly string[], input?: string): string =>
  execFileSync("nft", args, { input, encoding: "utf8", stdio: ["pipe", "pipe", "pipe"] });
const FAMILIES = [
  { word: "ipv4", socket: "udp4", host: "127.0.0.1" },
  { word: "ipv6", socket: "udp6", host: "::1" },
] as const;

/** Behind all other chains of the hook: whoever comes here was let in. */
const COUNTERS = `table inet witness {
${FAMILIES.flatMap(({ word }) => SOURCE_PORTS.flatMap((s) => TARGET_PORTS.map((d) => `  counter ${word}-${s}-${d} { }`))).join("\n")}
  chain input {
    type filter hook input priority 1000; policy accept;
${FAMILIES.flatMap(({ word }) => SOURCE_PORTS.flatMap((s) => TARGET_PORTS.map((d) => `    meta nfproto ${word} udp sport ${s} udp dport ${d} counter name "${word}-${s}-${d}"`))).join("\n")}
  }
}
`;

const handle = async (ruleset: string): Promise<string> => {
  try {
    nft(["-f", "-"], ruleset);
  } catch (error) {
    return JSON.stringify({ refused: String(error) });
  }
  const listed: unknown = JSON.parse(nft(["-j", "list", "ruleset"]));
  nft(["-f", "-"], COUNTERS);
  for (const { socket: kind, host } of FAMILIES)
    for (const port of SOURCE_PORTS) {
      const socket = createSocket(kind);
      socket.bind(port, host);
      await once(socket, "listening");
      for (const target of TARGET_PORTS)
        // What is rejected comes back as an error, which is an answer, too.
        await new Promise<void>((resolve) => socket.send("x", target, host, () => resolve()));
      socket.on("error", () => undefined);
      socket.close();
    }
  const counters = (
    JSON.parse(nft(["-j", "list", "counters", "table", "inet", "witness"])) as {
      nftables: readonly { counter?: { name: string; packets: number } }[];
    }
  ).nftables;
  const arrived = counters.flatMap(({ counter }) =>
    counter !== undefined && counter.packets > 0 ? [counter.name] : [],
  );
  return JSON.stringify({ arrived, listed });
};

const main = async (): Promise<void> => {
  execFileSync("ip", ["link", "set", "lo", "up"]);
  for await (const line of createInterface({ input: process.stdin }))
    process.stdout.write(`${await handle(JSON.parse(line) as string)}\n`);
};

main().catch((error: unknown) => {
  console.error(error);
  process.exit(1);
});
