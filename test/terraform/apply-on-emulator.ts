import { execFile } from "node:child_process";
import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { providerMirror } from "./provider-mirror";

/** What a provider and an SDK need to speak to the emulator and to nobody else. */
export const emulatorEnv = (url: string): Readonly<Record<string, string>> => ({
  AWS_ENDPOINT_URL: url,
  AWS_ACCESS_KEY_ID: "test",
  AWS_SECRET_ACCESS_KEY: "test",
  AWS_EC2_METADATA_DISABLED: "true",
});

/** Runs Terraform with the real provider in one stack of an app's output folder. */
export interface StackOnEmulator {
  readonly terraform: (...args: readonly string[]) => Promise<string>;
  /** Actions and types of what a plan would change, in order. */
  readonly plan: () => Promise<readonly string[]>;
}

/**
 * @param folder the app's output folder
 * @param env what `emulatorEnv` says; asked each time, since the emulator starts later than the tests are declared
 */
export const onEmulator = (
  folder: () => string,
  stack: string,
  env: () => Readonly<Record<string, string>>,
): StackOnEmulator => {
  const terraform = async (...args: readonly string[]): Promise<string> => {
    const rc = join(folder(), "terraform.rc");
    if (!existsSync(rc))
      writeFileSync(rc, `provider_installation {\n  filesystem_mirror {\n    path = "${providerMirror()}"\n  }\n}\n`);
    const { stdout } = await promisify(execFile)("terraform", [...args], {
      cwd: join(folder(), "stacks", stack),
      env: { ...process.env, ...env(), TF_CLI_CONFIG_FILE: rc, CHECKPOINT_DISABLE: "1", TF_INPUT: "0" },
      maxBuffer: 64 * 1024 * 1024,
      // Where the emulator does not know a call, the provider asks again for an hour.
      timeout: 60_000,
    });
    return stdout;
  };
  const plan = async (): Promise<readonly string[]> => {
    await terraform("plan", "-no-color", "-out=plan.bin");
    const { resource_changes: changes = [] } = JSON.parse(await terraform("show", "-json", "plan.bin")) as {
      resource_changes?: { type: string; change: { actions: string[] } }[];
    };
    return changes
      .filter(({ change }) => change.actions.join() !== "no-op")
      .map(({ type, change }) => `${change.actions.join("+")} ${type}`)
      .sort();
  };
  return { terraform, plan };
};
