import { createHash, generateKeyPairSync, randomBytes, sign } from "node:crypto";
import { execFile } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { AwsProvider } from "@cdktf/provider-aws/lib/provider";
import { App, TerraformStack } from "cdktf";
import { EBSClient, GetSnapshotBlockCommand } from "@aws-sdk/client-ebs";
import { EdgeImage } from "../../constructs/edge-image";
import type { PublishedEdgeImage } from "../../policy/edge-images";
import { runDmz } from "../cli/run-dmz";
import { writeSite } from "../cli/site-folder";
import { type Emulator, startEmulator } from "../e2e/emulator";
import { testSite } from "../site";
import { providerMirror } from "./provider-mirror";

const BLOCK = 512 * 1024;
const site = testSite();
let folder: string;
let emulator: Emulator;
let env: Readonly<Record<string, string>>;
let published: PublishedEdgeImage;
const disk = Buffer.alloc(9 * BLOCK);

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "dmz-edge-ami-"));
  emulator = await startEmulator(site.aws.account);
  env = {
    AWS_ENDPOINT_URL: emulator.url,
    AWS_ACCESS_KEY_ID: "test",
    AWS_SECRET_ACCESS_KEY: "test",
    AWS_EC2_METADATA_DISABLED: "true",
  };
  const key = generateKeyPairSync("ec", { namedCurve: "P-256" });
  writeFileSync(join(folder, "key.pub"), key.publicKey.export({ type: "spki", format: "pem" }));
  const image = join(folder, "plant-gateway-1.0.0.raw");
  randomBytes(BLOCK).copy(disk, 7 * BLOCK);
  randomBytes(64).copy(disk);
  writeFileSync(image, disk);
  const line = `${createHash("sha256").update(disk).digest("hex")}  plant-gateway-1.0.0.raw\n`;
  writeFileSync(`${image}.sha256`, line);
  writeFileSync(`${image}.sha256.sig`, sign("sha256", Buffer.from(line), key.privateKey));
  await writeSite(join(folder, "sites"), "plant");
  const args = ["image", "edge", "publish", image, "plant", "--key", join(folder, "key.pub"), "--json"];
  const { stdout, stderr } = await runDmz([...args, "--sites", join(folder, "sites")], { cwd: folder, env });
  const last = stdout.split("\n").at(-1)!;
  if (!last.includes('"published"')) throw new Error(`${stdout}\n${stderr}`);
  const { deviceClass, version, snapshot, published: day } = JSON.parse(last) as PublishedEdgeImage;
  published = { deviceClass, version, snapshot, published: day };
});
afterAll(async () => {
  await emulator.stop();
  rmSync(folder, { recursive: true });
});

const terraform = async (...args: readonly string[]): Promise<string> => {
  const rc = join(folder, "terraform.rc");
  if (!existsSync(rc))
    writeFileSync(rc, `provider_installation {\n  filesystem_mirror {\n    path = "${providerMirror()}"\n  }\n}\n`);
  const { stdout } = await promisify(execFile)("terraform", [...args], {
    cwd: join(folder, "stacks/edge"),
    env: { ...process.env, ...env, TF_CLI_CONFIG_FILE: rc, CHECKPOINT_DISABLE: "1", TF_INPUT: "0" },
    maxBuffer: 64 * 1024 * 1024,
    // Where the emulator does not know a call, the provider asks again for an hour.
    timeout: 60_000,
  });
  return stdout;
};

const synthesize = (images: readonly PublishedEdgeImage[]): void => {
  const app = new App({ outdir: folder, stackTraces: false });
  const stack = new TerraformStack(app, "edge");
  new AwsProvider(stack, "aws", { region: site.aws.region, allowedAccountIds: [site.aws.account] });
  new EdgeImage(stack, "edge-image", {
    site,
    images: { images, shareWith: ["210987654321"], keep: 3, deprecateAfterDays: 365 },
  });
  app.synth();
};

/** Addresses and actions of what a plan would change. */
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

test("the snapshot holds the image's blocks", async () => {
  const ebs = new EBSClient({
    region: site.aws.region,
    endpoint: emulator.url,
    credentials: { accessKeyId: "test", secretAccessKey: "test" },
  });
  for (const index of [0, 7]) {
    const { BlockData } = await ebs.send(
      new GetSnapshotBlockCommand({ SnapshotId: published.snapshot, BlockIndex: index, BlockToken: "any" }),
    );
    const bytes = Buffer.from(await BlockData!.transformToByteArray());
    expect(bytes.equals(disk.subarray(index * BLOCK, (index + 1) * BLOCK))).toBe(true);
  }
});

test("the real provider plans, applies and destroys the AMI, its sharing, its key and the publisher", async () => {
  synthesize([published]);
  await terraform("init", "-no-color");
  expect(JSON.parse(await terraform("validate", "-json"))).toMatchObject({ valid: true, diagnostics: [] });
  expect(await plan()).toEqual([
    "create aws_ami",
    "create aws_ami_launch_permission",
    "create aws_iam_role",
    "create aws_iam_role_policy",
    "create aws_kms_alias",
    "create aws_kms_key",
  ]);
  // The emulator does not know EnableImageDeprecation: that attribute is planned above, and applied nowhere.
  const file = join(folder, "stacks/edge/cdk.tf.json");
  writeFileSync(file, readFileSync(file, "utf8").replace(/"deprecation_time": "[^"]+",/, ""));
  await terraform("apply", "-no-color", "-auto-approve");
  const state = JSON.parse(await terraform("show", "-json")) as {
    values: { root_module: { resources: { type: string; values: Readonly<Record<string, unknown>> }[] } };
  };
  const one = (type: string) => state.values.root_module.resources.find((each) => each.type === type)!.values;
  expect(one("aws_ami")["id"]).toMatch(/^ami-/);
  expect(one("aws_ami_launch_permission")).toMatchObject({
    image_id: one("aws_ami")["id"],
    account_id: "210987654321",
  });
  // The emulator forgets how an AMI boots and from what, so that its AMI alone would be made anew; nothing else differs.
  expect((await plan()).filter((change) => !change.includes("aws_ami"))).toEqual([]);
  await terraform("destroy", "-no-color", "-auto-approve");
}, 300_000);

test("the provider refuses a way to boot that EC2 does not have", async () => {
  synthesize([published]);
  const file = join(folder, "stacks/edge/cdk.tf.json");
  writeFileSync(file, readFileSync(file, "utf8").replaceAll('"uefi"', '"floppy"'));
  await terraform("init", "-no-color");
  expect(
    JSON.parse(await terraform("validate", "-json").catch((error: { stdout: string }) => error.stdout)),
  ).toMatchObject({
    valid: false,
  });
});
