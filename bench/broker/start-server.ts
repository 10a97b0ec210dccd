import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { atEnd } from "./clean-up";
import { endChild } from "./end-child";

/** A broker under test. */
export interface Server {
  readonly name: "ours" | "mosquitto";
  readonly pid: number;
  readonly port: number;
  readonly end: () => Promise<void>;
}

export interface ServerProps {
  readonly name: Server["name"];
  readonly port: number;
  /** The one core it may use. */
  readonly core: number;
  readonly command: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** The line of its log that says it serves. */
  readonly ready: RegExp;
}

const START_WITHIN_MS = 60_000;
const LINES_KEPT = 20;

/**
 * Starts a broker on its core and waits until it serves.
 * @throws with the end of its log when it ends before, or takes longer than a minute.
 */
export async function startServer({ name, port, core, command, env, ready }: ServerProps): Promise<Server> {
  const child = spawn("taskset", ["--cpu-list", String(core), ...command], {
    env: { ...process.env, ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  atEnd(() => endChild(child));
  const tail: string[] = [];
  await new Promise<void>((resolve, reject) => {
    const fail = (why: string): void => reject(new Error(`${name} ${why}:\n${tail.join("\n")}`));
    const timer = setTimeout(() => fail("did not start within a minute"), START_WITHIN_MS);
    child.once("error", reject);
    child.once("exit", (code, signal) => fail(`ended with ${code ?? signal}`));
    // Read to the end of its life: a full pipe would stop it.
    for (const stream of [child.stdout, child.stderr]) {
      createInterface({ input: stream }).on("line", (line) => {
        tail.push(line);
        if (tail.length > LINES_KEPT) tail.shift();
        if (!ready.test(line)) return;
        clearTimeout(timer);
        resolve();
      });
    }
  });
  return { name, pid: child.pid!, port, end: () => endChild(child) };
}
