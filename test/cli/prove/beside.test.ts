import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { readInput } from "../../../cli/prove/read-input";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "dmz-beside-"));
  writeFileSync(join(folder, "cdk.tf.json"), "{}");
});
afterEach(() => rmSync(folder, { recursive: true }));

test.each(["extra.tf", "extra.tf.json", "cdk_override.tf.json", "extra.tofu", "override.tf"])(
  "a stack with %s beside it is not proven without it",
  async (name) => {
    writeFileSync(join(folder, name), "");
    await expect(readInput(folder, "cdk.tf.json")).rejects.toThrow(`'${name}' must not stand beside cdk.tf.json`);
  },
);

test("what Terraform itself leaves there changes nothing", async () => {
  for (const name of [".terraform.lock.hcl", "terraform.tfstate", "plan.json"]) writeFileSync(join(folder, name), "");
  await expect(readInput(folder, "cdk.tf.json")).resolves.toBe("{}");
});

test("a folder without a stack is said to be none, with what makes one", async () => {
  rmSync(join(folder, "cdk.tf.json"));
  await expect(readInput(folder, "cdk.tf.json")).rejects.toThrow(
    /has no cdk\.tf\.json: write it with 'npx tsx main\.ts'/,
  );
});
