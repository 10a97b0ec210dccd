import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { CloudwatchLogGroup } from "@cdktf/provider-aws/lib/cloudwatch-log-group";
import { AwsProvider } from "@cdktf/provider-aws/lib/provider";
import { App, TerraformStack } from "cdktf";
import { AlarmReceivers } from "../../constructs/alarm-receivers";
import { EncryptionKeys } from "../../constructs/encryption-keys";
import { alarmOnLines } from "../../constructs/log-alarm";
import { ServiceRoles } from "../../constructs/service-roles";
import { type Emulator, startEmulator } from "../e2e/emulator";
import { testSite } from "../site";
import { emulatorEnv, onEmulator } from "./apply-on-emulator";

const site = testSite({ alarms: { email: ["ops@example.com"] } });
const TOPIC = "arn:aws:sns:eu-central-1:123456789012:plant-alarms";
let folder: string;
let emulator: Emulator;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "dmz-alarms-"));
  emulator = await startEmulator(site.aws.account);
});
afterAll(async () => {
  await emulator.stop();
  rmSync(folder, { recursive: true });
});
const { terraform, plan } = onEmulator(
  () => folder,
  "alarms",
  () => emulatorEnv(emulator.url),
);

test("the real provider plans each subscription, applies topic, policy and actions, finds nothing more to do, and destroys", async () => {
  const app = new App({ outdir: folder, stackTraces: false });
  const stack = new TerraformStack(app, "alarms");
  new AwsProvider(stack, "aws", { region: site.aws.region, allowedAccountIds: [site.aws.account] });
  const keys = new EncryptionKeys(stack, "encryption-keys", {
    site,
    roles: new ServiceRoles(stack, "roles", { site }),
  });
  const receivers = new AlarmReceivers(stack, "alarm-receivers", { site, keys });
  alarmOnLines(
    stack,
    "lease-lost",
    { site, receivers },
    {
      logGroup: new CloudwatchLogGroup(stack, "log-group", { name: "broker" }),
      metric: "LeaseLost",
      patterns: { "lease-lost": '{ $.event = "lease-lost" }' },
      alarmDescription: "The lease was lost",
    },
  );
  app.synth();

  await terraform("init", "-no-color");
  expect(JSON.parse(await terraform("validate", "-json"))).toMatchObject({ valid: true, diagnostics: [] });
  const planned = await plan();
  expect(planned).toContain("create aws_sns_topic");
  expect(planned).toContain("create aws_sns_topic_subscription");
  await terraform("apply", "-no-color", "-auto-approve");
  const state = JSON.parse(await terraform("show", "-json")) as {
    values: { root_module: { resources: { type: string; values: Readonly<Record<string, unknown>> }[] } };
  };
  const one = (type: string) => state.values.root_module.resources.find((each) => each.type === type)!.values;
  // The policies and the actions name the topic before it exists: it is the one that came to be.
  expect(one("aws_sns_topic")["arn"]).toBe(TOPIC);
  expect(one("aws_sns_topic_subscription")).toMatchObject({ topic_arn: TOPIC, protocol: "email" });
  expect(one("aws_cloudwatch_metric_alarm")).toMatchObject({ alarm_actions: [TOPIC], ok_actions: [TOPIC] });
  expect(await plan()).toEqual([]);
  await terraform("destroy", "-no-color", "-auto-approve");
}, 300_000);
