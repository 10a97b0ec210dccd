import { expect, test } from "@jest/globals";
import { type App, TerraformOutput } from "cdktf";
import { AlarmReceivers } from "../../constructs/alarm-receivers";
import type { SiteAlarms } from "../../policy/site-alarms";
import { synthesisWarnings } from "../../stacks/synthesis-warnings";
import { testSite } from "../site";
import { synth } from "../synth";
import { siteParts } from "./site-parts";
import { statements } from "./statements";

const OWN = "arn:aws:sns:eu-central-1:123456789012:plant-alarms";
const THEIRS = "arn:aws:sns:eu-central-1:210987654321:on-call";

const build = (alarms?: SiteAlarms) => {
  let app!: App;
  const built = synth((stack, itsApp) => {
    const site = testSite({ ...(alarms && { alarms }) });
    app = itsApp;
    const { topics } = new AlarmReceivers(stack, "alarm-receivers", { site, keys: siteParts(stack, site).keys });
    new TerraformOutput(stack, "topics", { value: topics });
  });
  return { ...built, topics: built.json.output!["topics"]!["value"], warnings: synthesisWarnings(app) };
};
const cloudWatchOf = (block: Parameters<typeof statements>[0]) =>
  statements(block).filter(({ principals }) => principals.includes("cloudwatch.amazonaws.com"));

test("an address is one subscription, by its own name and not by its place", () => {
  const built = build({ email: ["ops@example.com", "night.shift+alarm@example.com"] });
  for (const endpoint of ["ops@example.com", "night.shift+alarm@example.com"])
    expect(built.at(`alarm-receivers/${endpoint}`)).toMatchObject({
      topic_arn: built.ref("alarm-receivers/topic", "arn"),
      protocol: "email",
      endpoint,
    });
  expect(built.topics).toEqual([built.ref("alarm-receivers/topic", "arn")]);
  expect(built.warnings).toEqual([]);
  const turned = build({ email: ["night.shift+alarm@example.com", "ops@example.com"] });
  const ids = ({ json }: typeof built) => Object.keys(json.resource!["aws_sns_topic_subscription"]!).sort();
  expect(ids(turned)).toEqual(ids(built));
});

test("the topic takes messages of CloudWatch alone, and only for this account's alarms of this site", () => {
  const built = build({ email: ["ops@example.com"] });
  const topic = built.at("alarm-receivers/topic");
  expect(topic).toMatchObject({ name: "plant-alarms", kms_master_key_id: built.ref("encryption-keys/data", "arn") });
  expect(statements(topic)).toEqual([
    expect.objectContaining({
      Effect: "Allow",
      principals: ["cloudwatch.amazonaws.com"],
      actions: ["sns:Publish"],
      resources: [OWN],
      Condition: {
        StringEquals: { "aws:SourceAccount": "123456789012" },
        ArnLike: { "aws:SourceArn": "arn:aws:cloudwatch:eu-central-1:123456789012:alarm:plant-*" },
      },
    }),
  ]);
});

test("the data key serves CloudWatch for that topic, account and site, and no other key does", () => {
  const built = build({ email: ["ops@example.com"] });
  expect(cloudWatchOf(built.at("encryption-keys/data"))).toEqual([
    expect.objectContaining({
      Effect: "Allow",
      actions: ["kms:Decrypt", "kms:GenerateDataKey"],
      Condition: {
        StringEquals: { "aws:SourceAccount": "123456789012", "kms:EncryptionContext:aws:sns:topicArn": OWN },
        ArnLike: { "aws:SourceArn": "arn:aws:cloudwatch:eu-central-1:123456789012:alarm:plant-*" },
      },
    }),
  ]);
  for (const key of ["vault", "access"]) expect(cloudWatchOf(built.at(`encryption-keys/${key}`))).toEqual([]);
});

test("a topic that is there already is named as it is, and nothing is made or granted for it", () => {
  const built = build({ topic: THEIRS });
  expect(built.topics).toEqual([THEIRS]);
  expect(built.all("aws_sns_topic")).toEqual([]);
  expect(cloudWatchOf(built.at("encryption-keys/data"))).toEqual([]);
  expect(build({ topic: THEIRS, email: ["ops@example.com"] }).topics).toHaveLength(2);
});

test("without receivers nothing is made, and synthesis warns that nobody is told, and how to tell somebody", () => {
  const built = build();
  expect(built.topics).toEqual([]);
  expect(built.all("aws_sns_topic")).toEqual([]);
  expect(cloudWatchOf(built.at("encryption-keys/data"))).toEqual([]);
  expect(built.warnings).toEqual([expect.stringMatching(/^site 'plant': nobody is told .*alarms: \{ email: /)]);
});
