import {
  CloudwatchMetricAlarm,
  type CloudwatchMetricAlarmConfig,
} from "@cdktf/provider-aws/lib/cloudwatch-metric-alarm";
import type { Construct } from "constructs";
import type { Site } from "../policy/site";
import type { AlarmReceivers } from "./alarm-receivers";

/** Whose alarms they are, and who is told. */
export interface AlarmOwner {
  readonly site: Site;
  readonly receivers: AlarmReceivers;
}

/** An alarm of a site under its role as id and in its name, which tells its receivers when it goes off and when it is over. */
export const siteAlarm = (
  scope: Construct,
  role: string,
  { site, receivers }: AlarmOwner,
  config: Omit<CloudwatchMetricAlarmConfig, "alarmName" | "alarmActions" | "okActions"> & { alarmDescription: string },
): CloudwatchMetricAlarm => {
  const actions = receivers.topics.length > 0 ? [...receivers.topics] : undefined;
  const alarmName = `${site.name}-${role}`;
  return new CloudwatchMetricAlarm(scope, role, { ...config, alarmName, alarmActions: actions, okActions: actions });
};
