import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { createInterface } from "node:readline";

export interface Refused {
  /** Why nft did not load it: two matches that exclude each other, say. */
  readonly refused: string;
}

export interface Observed {
  /** `ipv4-1000-2000`: family, source port, target port. */
  readonly arrived: readonly string[];
  /** What `nft -j list ruleset` printed. */
  readonly listed: unknown;
}

/** A network namespace with nothing but loopback, whose kernel is asked one ruleset after the other. */
export const openKernel = () => {
  const child = spawn("unshare", ["-rn", process.execPath, "--import", "tsx", join(__dirname, "send-packets.ts")], {
    stdio: ["pipe", "pipe", "inherit"],
  });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  return {
    ask: async (ruleset: string): Promise<Observed | Refused> => {
      child.stdin.write(`${JSON.stringify(ruleset)}\n`);
      const { value, done } = await lines.next();
      if (done === true) throw new Error(`the namespace ended on:\n${ruleset}`);
      return JSON.parse(value) as Observed | Refused;
    },
    close: async (): Promise<void> => {
      child.stdin.end();
      if (child.exitCode === null) await once(child, "exit");
    },
  };
};
