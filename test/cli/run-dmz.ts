import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { afterEach } from "@jest/globals";

const DMZ = join(__dirname, "..", "..", "cli", "dmz.js");

/** A test that fails half way must not leave its site running: jest would wait for it for ever. */
const running = new Set<ChildProcess>();
afterEach(() => {
  for (const child of running) child.kill("SIGKILL");
});

/** A line of `--json`. */
export type DmzEvent = { readonly event: string } & Readonly<Record<string, unknown>>;

export interface DmzResult {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

interface DmzProps {
  readonly cwd: string;
  readonly env?: Readonly<Record<string, string>>;
}

/** A command that was started and is running. */
export interface RunningDmz {
  readonly child: ChildProcess;
  /** The first event of this name, seen already or still to come. @throws with all output if the command ends before. */
  event(name: string): Promise<DmzEvent>;
  /** Every event so far. */
  readonly events: readonly DmzEvent[];
  /** Sends the signal, if any, and waits for the end. */
  end(signal?: NodeJS.Signals): Promise<DmzResult>;
}

/** Starts the real command as a child process; its lines are taken for events where they are JSON. */
export function startDmz(args: readonly string[], { cwd, env = {} }: DmzProps): RunningDmz {
  const plain = { ...process.env, NO_COLOR: "1", DMZ_DEBUG: "" };
  const child = spawn(process.execPath, [DMZ, ...args], {
    cwd,
    env: { ...plain, ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  running.add(child);
  child.once("exit", () => running.delete(child));
  const [out, err]: [string[], string[]] = [[], []];
  const events: DmzEvent[] = [];
  const lines = createInterface({ input: child.stdout! });
  lines.on("line", (line) => {
    out.push(line);
    if (line.startsWith("{")) events.push(JSON.parse(line) as DmzEvent);
  });
  createInterface({ input: child.stderr! }).on("line", (line) => err.push(line));
  const closed = once(child, "close").then(([code]): DmzResult => ({
    code: code as number | null,
    stdout: out.join("\n"),
    stderr: err.join("\n"),
  }));
  const event = (name: string): Promise<DmzEvent> =>
    new Promise((resolve, reject) => {
      const look = (): void => {
        const found = events.find((candidate) => candidate.event === name);
        if (found) resolve(found);
      };
      lines.on("line", look);
      look();
      void closed.then(() => reject(new Error(`dmz ended before '${name}':\n${[...out, ...err].join("\n")}`)));
    });
  return {
    child,
    event,
    events,
    end: (signal) => {
      if (signal) child.kill(signal);
      return closed;
    },
  };
}

/** Runs the real command to its end. */
export const runDmz = (args: readonly string[], props: DmzProps): Promise<DmzResult> => startDmz(args, props).end();
