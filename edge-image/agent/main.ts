import { AgentFault } from "./agent-fault";
import { readImage } from "./identity/read-image";
import { createLog } from "./log";
import { runAgent } from "./run-agent";
import { readSettings } from "./settings";
import { verifyUpdate } from "./update/verify-update";

const settings = readSettings(process.env);

/** `agent.cjs verify-update <folder>`, for the installer: exit code 0 and the version on standard output, or 1 and why not. */
async function verifyCommand(folder: string): Promise<void> {
  try {
    const { version } = await verifyUpdate(folder, await readImage(settings.image));
    process.stdout.write(`${version}\n`);
  } catch (error) {
    process.stderr.write(`${error instanceof AgentFault ? error.message : String(error)}\n`);
    process.exitCode = 1;
  }
}

async function run(): Promise<void> {
  const log = createLog((line) => process.stdout.write(line), process.env["JOURNAL_STREAM"] !== undefined);
  const stopping = new AbortController();
  for (const name of ["SIGTERM", "SIGINT"] as const) process.once(name, () => stopping.abort());
  try {
    while (!stopping.signal.aborted) await runAgent(settings, log, stopping.signal);
    log("info", "stopped", "on request");
  } catch (error) {
    if (error instanceof AgentFault) log("error", error.code, error.message);
    else log("error", "failed", error instanceof Error ? (error.stack ?? error.message) : String(error));
    process.exitCode = 1;
  }
}

const [command, folder] = process.argv.slice(2);
void (command === "verify-update" && folder !== undefined ? verifyCommand(folder) : run());
