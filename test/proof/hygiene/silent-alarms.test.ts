import { expect, test } from "@jest/globals";
import { readSynth } from "../../../proof/facts/read-synth";
import { silentAlarms } from "../../../proof/hygiene/silent-alarms";
import riverside from "../../../sites/riverside";
import { SiteStack } from "../../../stacks/site-stack";
import { synthesize } from "../../stacks/synthesize";

const alarms = (blocks: Readonly<Record<string, object>>) =>
  silentAlarms(readSynth(JSON.stringify({ resource: { aws_cloudwatch_metric_alarm: blocks } })));
const told = { alarm_actions: ["arn:aws:sns:eu-central-1:123456789012:on-call"] };

test("alarms that tell nobody are one remark, with the first of them and how many more there are", () => {
  expect(alarms({ heard: told })).toEqual([]);
  expect(alarms({ heard: told, mute: {} })).toEqual([
    { at: "aws_cloudwatch_metric_alarm.mute", says: expect.stringMatching(/^tells nobody when it goes off: /) },
  ]);
  const [remark] = alarms({ empty: { alarm_actions: [] }, off: { ...told, actions_enabled: false }, mute: {} });
  expect(remark).toMatchObject({ at: "aws_cloudwatch_metric_alarm.empty", says: expect.stringContaining("2 more") });
});

test("the sample site's alarms tell somebody, by a topic that exists only after apply", () => {
  const { alarms: sample, ...silent } = riverside;
  expect(sample).toBeDefined();
  const remarks = (site: typeof riverside) =>
    silentAlarms(readSynth(synthesize((app) => new SiteStack(app, "site", site))));
  expect(remarks(riverside)).toEqual([]);
  expect(remarks(silent)).toHaveLength(1);
});
