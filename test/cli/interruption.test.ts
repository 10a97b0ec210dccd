import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, expect, jest, test } from "@jest/globals";
import { interruption } from "../../cli/interruption";
import { temporaryFolder } from "../vault/temporary-folder";
import { startDmz } from "./run-dmz";
import { writeSite } from "./site-folder";

// The real command as a child process, on a machine that others may use.
let folder: Awaited<ReturnType<typeof temporaryFolder>>;
beforeEach(async () => {
  folder = await temporaryFolder();
});
afterEach(() => folder.remove());

/** Runs the site in a process that takes its pipes for a terminal, until it is up; the signals then come one by one. */
async function interruptOnTerminal(...signals: readonly NodeJS.Signals[]) {
  await writeSite(join(folder.path, "sites"), "plant");
  const terminal = join(folder.path, "terminal.js");
  // With it listr2 redraws, hides the cursor, and has signal-exit bring it back at the end.
  writeFileSync(terminal, `process.stdout.isTTY = process.stderr.isTTY = true;`);
  const site = startDmz(["start", "--sites", "sites", "--mqtt-port", "0", "--https-port", "0"], {
    cwd: folder.path,
    env: { NODE_OPTIONS: `--require ${terminal}` },
  });
  let text = "";
  await new Promise<void>((resolve, reject) => {
    site.child.stdout!.on("data", (chunk: Buffer) => {
      text += chunk.toString();
      if (text.includes("Running until Ctrl-C")) resolve();
    });
    site.child.once("exit", () => reject(new Error(`it ended before it was up:\n${text}`)));
  });
  expect(text).toContain("\u001b[?25l");
  for (const signal of signals) site.child.kill(signal);
  return site.end();
}

test.each<readonly [string, readonly NodeJS.Signals[]]>([
  ["Ctrl-C", ["SIGINT"]],
  ["Ctrl-C under npm, which passes the signal on once more,", ["SIGINT", "SIGINT"]],
  ["a terminal that closes", ["SIGHUP"]],
])("on a terminal, %s stops the site in an orderly way", async (_, signals) => {
  const { code, stdout } = await interruptOnTerminal(...signals);
  expect(code).toBe(0);
  expect(stdout).toContain("Stopped. The CA and the clients' bundles stay in");
  expect(existsSync(join(folder.path, ".dmz", "plant", "local", "start.lock"))).toBe(false);
});

test("a later signal ends a process that does not come to its end", () => {
  const exit = jest.spyOn(process, "exit").mockImplementation((() => undefined) as never);
  let time = 0;
  const interrupted = interruption(() => time);
  try {
    process.emit("SIGINT", "SIGINT");
    time = 100;
    process.emit("SIGINT", "SIGINT");
    expect(interrupted.signal.aborted).toBe(true);
    expect(exit).not.toHaveBeenCalled();
    time = 1_000;
    process.emit("SIGTERM", "SIGTERM");
    expect(exit).toHaveBeenCalledWith(130);
  } finally {
    interrupted.dispose();
    exit.mockRestore();
  }
  expect(process.listenerCount("SIGHUP")).toBe(0);
});
