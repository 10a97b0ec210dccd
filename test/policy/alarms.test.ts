import { expect, test } from "@jest/globals";
import { defineSite } from "../../policy/define-site";
import { faultsOf, valid } from "./declaration";

const TOPIC = "arn:aws:sns:eu-central-1:210987654321:on-call";

test("a site tells addresses, a topic that is there already, both, or nobody", () => {
  for (const alarms of [{ email: ["ops@example.com"] }, { topic: TOPIC }, { email: ["a.b+c@x.example"], topic: TOPIC }])
    expect(defineSite({ ...valid, alarms }).alarms).toEqual(alarms);
  expect(defineSite(valid)).not.toHaveProperty("alarms");
});

test.each([
  ["a word", "ops@example.com", "alarms", "must be an object with email, topic"],
  ["nothing in it", {}, "alarms", "must name 'email' or 'topic'"],
  ["another field", { topic: TOPIC, sms: "+49" }, "alarms", "must have no property 'sms'"],
  ["one address outside of a list", { email: "ops@example.com" }, "alarms.email", "must be a list of 1 to 10"],
  ["an empty list", { email: [] }, "alarms.email", "must be a list of 1 to 10"],
  ["eleven addresses", { email: Array.from({ length: 11 }, (_, i) => `a${i}@x.example`) }, "alarms.email", "1 to 10"],
  ["no address", { email: ["ops@example.com", "ops"] }, "alarms.email[1]", "must be an e-mail address"],
  ["a host without a dot", { email: ["ops@localhost"] }, "alarms.email[0]", "must be an e-mail address"],
  ["a name around it", { email: ["Ops <ops@example.com>"] }, "alarms.email[0]", "must be an e-mail address"],
  ["an expression", { email: ["${var.x}@example.com"] }, "alarms.email[0]", "must be an e-mail address"],
  ["a local part that is too long", { email: [`${"a".repeat(65)}@x.example`] }, "alarms.email[0]", "must be an e-mail"],
  ["a number", { email: [7] }, "alarms.email[0]", "must be an e-mail address"],
  ["an address twice", { email: ["ops@example.com", "Ops@example.com"] }, "alarms.email[1]", "must be listed once"],
  ["a topic's name", { topic: "on-call" }, "alarms.topic", "must be the ARN of an SNS topic"],
  ["a FIFO topic", { topic: `${TOPIC}.fifo` }, "alarms.topic", "must be the ARN of an SNS topic"],
  ["a queue", { topic: TOPIC.replace("sns", "sqs") }, "alarms.topic", "must be the ARN of an SNS topic"],
  ["another region's topic", { topic: TOPIC.replace("central", "west") }, "alarms.topic", "region eu-central-1"],
])("%s is a fault, and the only one", (_, alarms, path, rule) => {
  expect(faultsOf({ ...valid, alarms })).toEqual([
    expect.objectContaining({ path, rule: expect.stringContaining(rule) }),
  ]);
});

test("a fault of the region is not said a second time of the topic", () => {
  const faults = faultsOf({ ...valid, aws: { ...valid.aws, region: undefined }, alarms: { topic: TOPIC } });
  expect(faults.filter(({ path }) => path === "alarms.topic")).toEqual([]);
});
