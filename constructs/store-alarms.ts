import type { CloudwatchLogGroup } from "@cdktf/provider-aws/lib/cloudwatch-log-group";
import { CloudwatchLogMetricFilter } from "@cdktf/provider-aws/lib/cloudwatch-log-metric-filter";
import { CloudwatchMetricAlarm } from "@cdktf/provider-aws/lib/cloudwatch-metric-alarm";
import { Construct } from "constructs";
import { BROKER_EVENTS } from "../policy/broker-events";
import type { Site } from "../policy/site";

export interface StoreAlarmsProps {
  readonly site: Site;
  /** The broker's log. */
  readonly logGroup: CloudwatchLogGroup;
}

/** Seconds. */
const MINUTE = 60;
const HALF_A_DAY = 43_200;

/**
 * Alarms on what endangers messages: a lease that was lost and not handed over, a store that fails, and, on a permanent
 * site, half a day without a checkpoint for the backup (the broker makes one every six hours).
 *
 * Creates a metric filter on the broker's log and an alarm for each. Opens nothing. Costs 0.30 USD a metric and 0.10 an
 * alarm, each month: about 1.20 in all.
 *
 *     new StoreAlarms(this, "store-alarms", { site, logGroup: broker.logGroup });
 */
export class StoreAlarms extends Construct {
  readonly alarms: readonly CloudwatchMetricAlarm[];

  constructor(scope: Construct, id: string, { site, logGroup }: StoreAlarmsProps) {
    super(scope, id);
    const namespace = `mqtt-dmz/${site.name}`;
    const count = (role: string, name: string, pattern: string): string => {
      new CloudwatchLogMetricFilter(this, `${role}-filter`, {
        name: `${site.name}-${role}`,
        logGroupName: logGroup.name,
        pattern,
        metricTransformation: { name, namespace, value: "1" },
      });
      return name;
    };
    const whenSeen = (role: string, name: string, pattern: string, alarmDescription: string): CloudwatchMetricAlarm =>
      new CloudwatchMetricAlarm(this, role, {
        alarmName: `${site.name}-${role}`,
        alarmDescription,
        namespace,
        metricName: count(role, name, pattern),
        statistic: "Sum",
        period: MINUTE,
        evaluationPeriods: 1,
        comparisonOperator: "GreaterThanOrEqualToThreshold",
        threshold: 1,
        treatMissingData: "notBreaching",
      });
    const { leaseLost, released, storeErrors, checkpoint } = BROKER_EVENTS;
    const alarms = [
      whenSeen(
        "lease-lost",
        "LeaseLost",
        `{ ($.event = "${leaseLost}") && ($.reason != "${released}") }`,
        "The active broker lost its lease without handing it over: see docs/failover.md",
      ),
      whenSeen(
        "store-errors",
        "StoreErrors",
        `{ ${storeErrors.map((event) => `($.event = "${event}")`).join(" || ")} }`,
        "The message store could not be written, opened or copied: see docs/failover.md",
      ),
    ];
    if (site.lifetime === "permanent")
      alarms.push(
        new CloudwatchMetricAlarm(this, "no-checkpoint", {
          alarmName: `${site.name}-no-checkpoint`,
          alarmDescription: "No checkpoint of the message store for half a day: a backup made now holds an old one",
          namespace,
          metricName: count("checkpoint", "Checkpoints", `{ $.event = "${checkpoint}" }`),
          statistic: "Sum",
          period: HALF_A_DAY,
          evaluationPeriods: 1,
          comparisonOperator: "LessThanThreshold",
          threshold: 1,
          // A broker that says nothing at all makes none either.
          treatMissingData: "breaching",
        }),
      );
    this.alarms = alarms;
  }
}
