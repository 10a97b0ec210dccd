import { createLog } from "./log";
import { runAgent } from "./run-agent";
import { readSettings } from "./settings";

const log = createLog((line) => process.stdout.write(line), process.env["JOURNAL_STREAM"] !== undefined);
const stopping = new AbortController();
for (const name of ["SIGTERM", "SIGINT"] as const) process.once(name, () => stopping.abort());

runAgent(readSettings(process.env), log, stopping.signal).then(
  () => log("info", "stopped", "on request"),
  (error: unknown) => {
    log("error", "failed", error instanceof Error ? (error.stack ?? error.message) : String(error));
    process.exitCode = 1;
  },
);
