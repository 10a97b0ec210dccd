import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { findTool } from "./find-tool";
import { credentialsOf, type Principal } from "./principals";
import { runCommand, type CommandOutput } from "./run-command";
import { providerMirror } from "../terraform/provider-mirror";

const ROOT = join(__dirname, "../..");

/**
 * Terraform and the cdktf command line against the emulator: everything that differs from a deployment to AWS is in the
 * environment, so that the app, its constructs and its backend are those of a user.
 */
export class Terraform {
  readonly #env: NodeJS.ProcessEnv;
  readonly #terraform = findTool("terraform", "https://developer.hashicorp.com/terraform/install (tried with 1.11.4)");

  /**
   * @param folder for the command-line configuration, synthesized stacks and plans.
   * @param endpoint where AWS answers.
   * @param extra what the app itself reads.
   */
  constructor(
    readonly folder: string,
    endpoint: string,
    region: string,
    principal: Principal,
    extra: Readonly<Record<string, string>>,
  ) {
    mkdirSync(folder, { recursive: true });
    const configuration = join(folder, "terraform.rc");
    writeFileSync(
      configuration,
      `provider_installation {\n  filesystem_mirror {\n    path = "${providerMirror()}"\n  }\n}\n`,
    );
    this.#env = {
      PATH: process.env.PATH,
      HOME: process.env.HOME,
      ...credentialsOf(principal),
      AWS_ENDPOINT_URL: endpoint,
      AWS_REGION: region,
      AWS_EC2_METADATA_DISABLED: "true",
      AWS_CONFIG_FILE: "/dev/null",
      AWS_SHARED_CREDENTIALS_FILE: "/dev/null",
      TF_CLI_CONFIG_FILE: configuration,
      TF_IN_AUTOMATION: "1",
      TF_INPUT: "0",
      CHECKPOINT_DISABLE: "1",
      // Its cache in the home folder would outlive the run.
      CDKTF_DISABLE_PLUGIN_CACHE_ENV: "1",
      CI: "true",
      NO_COLOR: "1",
      ...extra,
    };
  }

  /** Where the app synthesizes a stack to. */
  stackFolder(stack: string): string {
    return join(this.folder, "cdktf.out", "stacks", stack);
  }

  /** Runs the project's own cdktf command line on the end-to-end app. */
  cdktf(
    command: string,
    stack: string,
    args: readonly string[],
    onLine?: (line: string) => void,
  ): Promise<CommandOutput> {
    const app = `npx tsx ${join(ROOT, "test/e2e/app.ts")}`;
    const output = join(this.folder, "cdktf.out");
    const cli = join(ROOT, "node_modules/.bin/cdktf");
    return runCommand(cli, [command, stack, "--app", app, "--output", output, ...args], {
      cwd: ROOT,
      env: this.#env,
      onLine,
    });
  }

  /** Synthesizes the end-to-end app without the cdktf command line. */
  async synth(): Promise<void> {
    const env = { ...this.#env, CDKTF_OUTDIR: join(this.folder, "cdktf.out") };
    await runCommand(process.execPath, ["--import", "tsx", join(ROOT, "test/e2e/app.ts")], { cwd: ROOT, env });
  }

  /** Plain Terraform in a folder, without the cdktf command line. */
  run(folder: string, ...args: readonly string[]): Promise<CommandOutput> {
    return runCommand(this.#terraform, args, { cwd: folder, env: this.#env });
  }
}
