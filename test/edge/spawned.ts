import { type ChildProcess, spawn } from "node:child_process";
import { createInterface } from "node:readline";
import type { CleanUp } from "../e2e/clean-up";
import { inNamespace } from "../e2e/namespaces";

/** A program that runs beside the test, line by line. */
export interface Spawned {
  readonly child: ChildProcess;
  /** Every line of both streams so far. */
  readonly lines: string[];
  /** Resolves with the first line from number `since` on, past or to come, that `matches`; rejects when the program ends before. */
  line(matches: (line: string) => boolean, what: string, deadline?: number, since?: number): Promise<string>;
  stop(signal?: NodeJS.Signals): Promise<void>;
}

/** Starts a program, in a network namespace if one is named; the clean-up ends it. */
export function start(
  cleanUp: CleanUp,
  namespace: string | undefined,
  command: string,
  args: readonly string[],
  env: NodeJS.ProcessEnv = {},
): Spawned {
  const [program, all] = namespace === undefined ? [command, [...args]] : inNamespace(namespace, command, ...args);
  const child = spawn(program, all, { stdio: ["pipe", "pipe", "pipe"], env: { ...process.env, ...env } });
  const lines: string[] = [];
  const waiting = new Set<(line: string | undefined) => void>();
  const take = (line: string | undefined): void => {
    if (line !== undefined) lines.push(line);
    for (const tell of [...waiting]) tell(line);
  };
  createInterface(child.stdout).on("line", take);
  createInterface(child.stderr).on("line", take);
  const ended = new Promise<void>((resolve) => child.once("exit", () => resolve()));
  void ended.then(() => take(undefined));
  const stop = async (signal: NodeJS.Signals = "SIGTERM"): Promise<void> => {
    if (child.exitCode === null && child.signalCode === null) child.kill(signal);
    await ended;
  };
  cleanUp.add(command, () => stop());
  const line = (matches: (line: string) => boolean, what: string, deadline = 60_000, since = 0): Promise<string> =>
    new Promise((resolve, reject) => {
      const found = lines.slice(since).find(matches);
      if (found !== undefined) return resolve(found);
      const fail = (why: string): void => {
        finish();
        reject(new Error(`${what}: ${why}\n${lines.slice(-30).join("\n")}`));
      };
      const timer = setTimeout(() => fail(`not within ${deadline / 1000} s`), deadline);
      const tell = (text: string | undefined): void => {
        if (text === undefined) return fail(`${command} ended`);
        if (!matches(text)) return;
        finish();
        resolve(text);
      };
      const finish = (): void => {
        clearTimeout(timer);
        waiting.delete(tell);
      };
      waiting.add(tell);
    });
  return { child, lines, line, stop };
}
