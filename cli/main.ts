import { createRequire } from "node:module";
import { Command, CommanderError, InvalidArgumentError } from "commander";
import { version } from "../package.json";
import { EXIT } from "./exit-code";
import { explainError } from "./explain-error";
import { registerImage } from "./image";
import { PROVE_EXIT } from "./prove/prove-exit";
import { registerStore } from "./store";

// The TypeScript loader hooks require, not import().
const load = createRequire(__filename);

const EXIT_CODES = `
Exit codes:
  ${EXIT.done}  done, or stopped by Ctrl-C
  ${EXIT.failed}  the work failed, or a demo's expectation did not hold
  ${EXIT.usage}  the command line, a site's name or its declaration is wrong; nothing was changed
prove and review have exit codes of their own: see their --help.

DMZ_DEBUG=1 adds the stack trace to an error.`;

const PROVE_EXIT_CODES = `
Exit codes:
  ${PROVE_EXIT.proven}  all proven
  ${PROVE_EXIT.violated}  something is violated
  ${PROVE_EXIT.unproven}  nothing is violated, but something could not be shown
  ${PROVE_EXIT.badInput}  an input is not what it should be; nothing was proven`;

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
      const code = exitCodeFor(argv, error.exitCode === 0 ? EXIT.done : EXIT.usage);
      process.exitCode = code;
      if (code !== EXIT.done && argv.includes("--json")) writeError(error.message, code);
      return;
    }
    const { message, exitCode: code } = explainError(error);
    const exitCode = exitCodeFor(argv, code);
    if (argv.includes("--json")) writeError(message, exitCode);
    else process.stderr.write(`dmz: ${message}\n`);
    if (process.env["DMZ_DEBUG"] && error instanceof Error) process.stderr.write(`${error.stack}\n`);
    process.exitCode = exitCode;
  }
}

/** Of `prove` and `review`, 1 and 2 are answers: whatever else went wrong there has shown nothing. */
const exitCodeFor = (argv: readonly string[], code: number): number =>
  code !== EXIT.done && /^(prove|review)$/.test(argv[2] ?? "") ? PROVE_EXIT.badInput : code;

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
    .option("--alarms <list>", "e-mail addresses that are told of alarms, with commas, or an SNS topic's ARN")
    .option("--sites <folder>", "folder of the site files")
    .action(async (site, options) => (load("./new") as typeof import("./new.js")).newCommand(site, options));

  dmz
    .command("report")
    .description("write a site's security posture as one HTML file: drawing, promises, access, controls, cost")
    .argument("[site]", "site to report on; may be left out if there is only one")
    .option("--plan <file>", "its plan, as 'terraform show -json' prints it (default: synthesize it)")
    .option("--synth <path>", "its synthesized stack: cdk.tf.json, or a folder that holds it")
    .option("--bundles <folder>", "client bundles whose certificates are told with the day they end")
    .option(
      "--suppressions <file>",
      "attribute rules set aside, each with a reason and an end (default: proof-suppressions.json)",
    )
    .option("--ruleset <file>", "what 'nft -j list ruleset' prints on an edge device: proves promise P2, too")
    .option(
      "--accounts <file>",
      "passwd(5) of a gateway with its own system, for --ruleset (default: the image's numbers)",
    )
    .option("--out <file>", "file to write (default: .dmz/<site>/posture.html)")
    .option("--sites <folder>", "folder of the site files")
    .option("--json", "one JSON object a line on standard output: report, error")
    .action(async (site, options) => (load("./report") as typeof import("./report.js")).report(site, options));

  dmz
    .command("prove")
    .description("hold a stack to the promises: PROVEN, VIOLATED with a counterexample, or UNPROVEN with the reason")
    .argument("[site]", "site that the stack was made from; left out for every stack, or for somebody else's")
    .option("--plan <file>", "what 'terraform show -json' prints of a plan (preferred)")
    .option("--synth <folder>", "the app's output folder, or one stack's with its cdk.tf.json")
    .option("--state <file>", "what 'terraform show -json' prints of a state")
    .option(
      "--access <file>",
      "an access document: one shard, or { shards: [...] }, of a stack that has none in itself",
    )
    .option("--ruleset <file>", "what 'nft -j list ruleset' prints on an edge device")
    .option(
      "--accounts <file>",
      "passwd(5) of a gateway with its own system, for --ruleset (default: the image's numbers)",
    )
    .option(
      "--trust-references",
      "take an expression of an HCL plan for exactly what it refers to (see docs/prover.md)",
    )
    .option("--expose <ports>", "tcp ports that the internet may reach, with commas (default: the site's)", ports)
    .option(
      "--suppressions <file>",
      "attribute rules set aside, each with a reason and an end (default: proof-suppressions.json)",
    )
    .option("--sites <folder>", "folder of the site files")
    .option("--json", "one JSON object a line on standard output: proof, counts, error")
    .addHelpText("after", PROVE_EXIT_CODES)
    .action(async (site, options) => (load("./prove") as typeof import("./prove.js")).prove(site, options));

  dmz
    .command("review")
    .description("say what a change opens, closes, grants, destroys and costs, and whether the promises still hold")
    .requiredOption("--base <ref>", "commit to compare with, such as origin/main")
    .option("--head <ref>", "commit to review (default: the work tree as it is)")
    .option("--out <file>", "write the Markdown there (default: standard output)")
    .option("--json", "one JSON object a line on standard output: review, error")
    .addHelpText("after", PROVE_EXIT_CODES)
    .action(async (options) => (load("./review") as typeof import("./review.js")).review(options));

  registerImage(dmz);
  registerStore(dmz);
  return dmz;
}

/** Reads a list of TCP ports; an empty one is none. */
function ports(value: string): number[] {
  const words = value === "" ? [] : value.split(",");
  if (words.every((word) => /^\d{1,5}$/.test(word) && Number(word) >= 1 && Number(word) <= 65535))
    return words.map(Number);
  throw new InvalidArgumentError("It must be ports from 1 to 65535 with commas, such as 8883,443.");
}

/** Reads a TCP port from the command line. */
function port(value: string): number {
  if (/^\d{1,5}$/.test(value) && Number(value) <= 65535) return Number(value);
  throw new InvalidArgumentError("It must be a whole number from 0 (any free port) to 65535.");
}
