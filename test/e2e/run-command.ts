import { spawn } from "node:child_process";

export interface CommandOutput {
  readonly code: number | null;
  /** Standard output alone. */
  readonly stdout: string;
  /** Both streams as they came. */
  readonly output: string;
}

export interface CommandOptions {
  readonly cwd?: string;
  /** @default this process's environment */
  readonly env?: NodeJS.ProcessEnv;
  /** Milliseconds after which it is ended. @default 600000 */
  readonly deadline?: number;
  /** Called with each line of either stream. */
  readonly onLine?: (line: string) => void;
  /** Return a failure instead of throwing it. @default false */
  readonly mayFail?: boolean;
}

/**
 * Runs a program to its end without a terminal and without input.
 * @throws with the command and the last lines of its output unless it ends with 0.
 */
export async function runCommand(
  command: string,
  args: readonly string[],
  options: CommandOptions = {},
): Promise<CommandOutput> {
  const child = spawn(command, args, {
    cwd: options.cwd,
    env: options.env ?? process.env,
    stdio: ["ignore", "pipe", "pipe"],
    // A group of its own: what it started ends with it.
    detached: true,
  });
  const endGroup = (): void => {
    if (child.exitCode === null && child.signalCode === null && child.pid !== undefined)
      process.kill(-child.pid, "SIGTERM");
  };
  const timer = setTimeout(endGroup, options.deadline ?? 600_000);
  process.once("exit", endGroup);
  let [stdout, output, rest] = ["", "", ""];
  const take = (chunk: Buffer): void => {
    output += chunk.toString();
    if (!options.onLine) return;
    const lines = (rest + chunk.toString()).split("\n");
    rest = lines.pop()!;
    lines.forEach(options.onLine);
  };
  child.stdout.on("data", (chunk: Buffer) => (stdout += chunk.toString())).on("data", take);
  child.stderr.on("data", take);
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once("error", reject).once("close", resolve);
  }).finally(() => {
    clearTimeout(timer);
    process.off("exit", endGroup);
  });
  if (code !== 0 && options.mayFail !== true)
    throw new Error(`${command} ${args.join(" ")}: ended with ${code}\n${output.split("\n").slice(-60).join("\n")}`);
  return { code, stdout, output };
}
