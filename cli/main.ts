import { createRequire } from "node:module";
import { Command, CommanderError, InvalidArgumentError } from "commander";
import { version } from "../package.json";
import { EXIT } from "./exit-code";
import { explainError } from "./explain-error";
import { registerImage } from "./image";
import { registerStore } from "./store";

// The TypeScript loader hooks require, not import().
const load = createRequire(__filename);

const EXIT_CODES = `
Exit codes:
  ${EXIT.done}  done, or stopped by Ctrl-C
  ${EXIT.failed}  the work failed, or a demo's expectation did not hold
  ${EXIT.usage}  the command line, a site's name or its declaration is wrong; nothing was changed

DMZ_DEBUG=1 adds the stack trace to an error.`;

/** Runs the command line and sets the process's exit code; one plain message on standard error says what went wrong. */
export async function main(argv: readonly string[]): Promise<void> {
  // Whoever read our output is gone (`dmz ... | head`): a site that runs goes on running.
  process.stdout.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code !== "EPIPE") throw error;
  });
  try {
    await commandLine().parseAsync(argv);
  } catch (error) {
    // Commander has printed its own message, with the nearest command or option that exists.
    if (error instanceof CommanderError) {
      process.exitCode = error.exitCode === 0 ? EXIT.done : EXIT.usage;
      if (process.exitCode && argv.includes("--json")) writeError(error.message, EXIT.usage);
      return;
    }
    const { message, exitCode } = explainError(error);
    if (argv.includes("--json")) writeError(message, exitCode);
    else process.stderr.write(`dmz: ${message}\n`);
    if (process.env["DMZ_DEBUG"] && error instanceof Error) process.stderr.write(`${error.stack}\n`);
    process.exitCode = exitCode;
  }
}

function writeError(message: string, exitCode: number): void {
  process.stdout.write(`${JSON.stringify({ event: "error", message, exitCode })}\n`);
}

/** The commands and their options. Each command's code is loaded when it runs, so that `--help` answers at once. */
function commandLine(): Command {
  const dmz = new Command("dmz")
    .description("A secure MQTT site from one declaration: on this machine, or on AWS.")
    .version(version)
    .addHelpText("after", EXIT_CODES)
    .exitOverride();

  dmz
    .command("start")
    .description("run a site on this machine, with nothing but Node")
    .argument("[site]", "site to run; may be left out if there is only one")
    .option("--dir <folder>", "where its CA, credentials and client bundles live (default: .dmz/<site>/local)")
    .option("--mqtt-port <port>", "port for MQTT over TLS", port, 8883)
    .option("--https-port <port>", "port for MQTT over WebSockets, and health", port, 8443)
    .option("--fresh", "forget the CA and every credential of an earlier start")
    .option("--demo", "also play gateways and who works with them, and show what each is allowed and refused")
    .option("--exit-after-demo", "stop after the demo; exit code 1 if an expectation failed")
    .option("--sites <folder>", "folder of the site files")
    .option("--json", "one JSON object a line on standard output: progress, check, ready, error")
    .action(async (site, options) => (load("./start") as typeof import("./start.js")).start(site, options));

  dmz
    .command("enrol")
    .description("give a deployed site's clients their certificates and passwords")
    .argument("<site>", "deployed site")
    .argument("[names...]", "identities to enrol (default: every one the site declares)")
    .option("--dir <folder>", "where the client bundles are written (default: .dmz/<site>/clients)")
    .option("--force", "replace bundles that exist: their clients need the new password")
    .option("--sites <folder>", "folder of the site files")
    .option("--json", "one JSON object a line on standard output: progress, enrolled, error")
    .action(async (site, names, options) =>
      (load("./enrol") as typeof import("./enrol.js")).enrol(site, names, options),
    );

  dmz
    .command("new")
    .description("write a new site file from a few answers or flags")
    .argument("[site]", "name of the new site")
    .option("--host <name>", "public DNS name that clients connect to")
    .option("--account <id>", "AWS account, twelve digits")
    .option("--region <region>", "AWS region")
    .option("--zones <list>", "two or three of its availability zones, with commas")
    .option("--deployer-role <arn>", "ARN of the role that runs Terraform")
    .option("--lines <list>", "production lines and their numbers of gateways, as line1=2,line2=3")
    .option("--sites <folder>", "folder of the site files")
    .action(async (site, options) => (load("./new") as typeof import("./new.js")).newCommand(site, options));

  registerImage(dmz);
  registerStore(dmz);
  return dmz;
}

/** Reads a TCP port from the command line. */
function port(value: string): number {
  if (/^\d{1,5}$/.test(value) && Number(value) <= 65535) return Number(value);
  throw new InvalidArgumentError("It must be a whole number from 0 (any free port) to 65535.");
}
