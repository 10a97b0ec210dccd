import { createHash, generateKeyPairSync, randomBytes, sign } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
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
import { emulatorEnv, onEmulator } from "./apply-on-emulator";

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
  env = emulatorEnv(emulator.url);
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

const { terraform, plan } = onEmulator(
  () => folder,
  "edge",
  () => env,
);

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
