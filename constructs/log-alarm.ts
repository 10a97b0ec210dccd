import type { CloudwatchLogGroup } from "@cdktf/provider-aws/lib/cloudwatch-log-group";
import { CloudwatchLogMetricFilter } from "@cdktf/provider-aws/lib/cloudwatch-log-metric-filter";
import type { CloudwatchMetricAlarm } from "@cdktf/provider-aws/lib/cloudwatch-metric-alarm";
import type { Construct } from "constructs";
import { type AlarmOwner, siteAlarm } from "./site-alarm";

/** Seconds. */
const MINUTE = 60;

/** An alarm on lines of a log. */
export interface LogAlarm {
  readonly logGroup: CloudwatchLogGroup;
  /** Name of the metric, in the site's own namespace, that counts the lines. */
  readonly metric: string;
  /** Filters for the lines (Amazon CloudWatch Logs User Guide, "Filter pattern syntax": JSON), by role. */
  readonly patterns: Readonly<Record<string, string>>;
  readonly alarmDescription: string;
  /** Seconds in which one line is enough, and after which the alarm is over. @default 60 */
  readonly period?: number;
}

/** The namespace of a site's own metrics. */
export const siteNamespace = (site: string): string => `mqtt-dmz/${site}`;

/** Counts lines under `<role>-filter`; several filters may count for one metric. @returns the metric */
export const countLines = (
  scope: Construct,
  { site }: AlarmOwner,
  { logGroup, metric, patterns }: Pick<LogAlarm, "logGroup" | "metric" | "patterns">,
): { readonly namespace: string; readonly metricName: string } => {
  const namespace = siteNamespace(site.name);
  for (const [role, pattern] of Object.entries(patterns))
    new CloudwatchLogMetricFilter(scope, `${role}-filter`, {
      name: `${site.name}-${role}`,
      logGroupName: logGroup.name,
      pattern,
      metricTransformation: { name: metric, namespace, value: "1" },
    });
  return { namespace, metricName: metric };
};

/** Goes off at the first line that fits. */
export const alarmOnLines = (
  scope: Construct,
  role: string,
  owner: AlarmOwner,
  alarm: LogAlarm,
): CloudwatchMetricAlarm =>
  siteAlarm(scope, role, owner, {
    alarmDescription: alarm.alarmDescription,
    ...countLines(scope, owner, alarm),
    statistic: "Sum",
    period: alarm.period ?? MINUTE,
    evaluationPeriods: 1,
    comparisonOperator: "GreaterThanOrEqualToThreshold",
    threshold: 1,
    treatMissingData: "notBreaching",
  });
