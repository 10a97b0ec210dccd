import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { App } from "cdktf";
import { loadSites } from "../../load-sites";
import { bootstrapName } from "../../policy/bootstrap";
import { BootstrapStack } from "../../stacks/bootstrap-stack";
import { bootstrapTargets } from "../../stacks/bootstrap-targets";
import { proveAtSynthesis } from "../../stacks/prove-at-synthesis";
import { SiteStack } from "../../stacks/site-stack";
import { tenThousandDevices } from "../sites/ten-thousand";
import { siteWithEdgeImages } from "../sites/with-edge-images";
import { providerMirror } from "./provider-mirror";

/** What `terraform validate -json` says. */
interface Verdict {
  readonly valid: boolean;
  readonly diagnostics: readonly { readonly summary: string; readonly detail: string }[];
}

describe("Terraform with the real AWS provider", () => {
  let folder: string;
  const sites = [...loadSites().values(), tenThousandDevices(), siteWithEdgeImages()];
  const targets = bootstrapTargets(sites);
  const names = [...sites.map((site) => site.name), ...targets.map((t) => bootstrapName.stack(t.account, t.region))];

  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), "dmz-validate-"));
    const configuration = `provider_installation {\n  filesystem_mirror {\n    path = "${providerMirror()}"\n  }\n}\n`;
    writeFileSync(join(folder, "terraform.rc"), configuration);
    const app = new App({ outdir: folder });
    for (const target of targets) new BootstrapStack(app, bootstrapName.stack(target.account, target.region), target);
    for (const site of sites) new SiteStack(app, site.name, site);
    proveAtSynthesis(app);
    app.synth();
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  const terraform = (stack: string, ...args: string[]): string => {
    try {
      return execFileSync("terraform", args, {
        cwd: join(folder, "stacks", stack),
        encoding: "utf8",
        env: {
          ...process.env,
          TF_CLI_CONFIG_FILE: join(folder, "terraform.rc"),
          CHECKPOINT_DISABLE: "1",
          TF_INPUT: "0",
        },
      });
    } catch (error) {
      const { code, stdout } = error as { code?: string; stdout?: string };
      if (code === "ENOENT") throw new Error("Terraform is not on the PATH: install 1.11 or newer", { cause: error });
      // validate answers on stdout and exits 1 when it refuses.
      if (args[0] === "validate" && stdout) return stdout;
      throw error;
    }
  };
  const validate = (stack: string): Verdict => {
    terraform(stack, "init", "-backend=false", "-no-color");
    return JSON.parse(terraform(stack, "validate", "-json")) as Verdict;
  };

  test.each(names)("accepts the stack %s without a warning", (stack) => {
    expect(validate(stack)).toMatchObject({ valid: true, diagnostics: [] });
  });

  test("refuses a stack whose function has a runtime that the provider does not know", () => {
    const name = sites[0]!.name;
    const file = join(folder, "stacks", name, "cdk.tf.json");
    const synthesized = readFileSync(file, "utf8");
    writeFileSync(file, synthesized.replaceAll("nodejs22.x", "nodejs0.x"));
    const { valid, diagnostics } = validate(name);
    writeFileSync(file, synthesized);
    expect(valid).toBe(false);
    expect(diagnostics.map((diagnostic) => diagnostic.summary).join("\n")).toContain("runtime");
  });
});
