import type { CloudwatchLogGroup } from "@cdktf/provider-aws/lib/cloudwatch-log-group";
import type { CloudwatchMetricAlarm } from "@cdktf/provider-aws/lib/cloudwatch-metric-alarm";
import type { ITerraformDependable } from "cdktf";
import { Construct } from "constructs";
import { BROKER_EVENTS } from "../policy/broker-events";
import type { Site } from "../policy/site";
import type { AlarmReceivers } from "./alarm-receivers";
import { alarmOnLines, countLines } from "./log-alarm";
import type { MessageStore } from "./message-store";
import { type AlarmOwner, siteAlarm } from "./site-alarm";

export interface StoreAlarmsProps {
  readonly site: Site;
  readonly receivers: AlarmReceivers;
  readonly store: MessageStore;
  /** The broker's log. */
  readonly logGroup: CloudwatchLogGroup;
  /** What must run before silence is worth an alarm. */
  readonly after: readonly ITerraformDependable[];
}

/** Seconds. */
const MINUTE = 60;
const HALF_A_DAY = 43_200;
/** Bytes: a hundred times what a site of five hundred devices keeps. Nothing stops at it, but EFS grows without an end. */
const LARGE_STORE = 50e9;

/**
 * Alarms on what endangers messages: a lease that was lost or ran out and not handed over, a store that fails, that is
 * kept waiting by its file system or grows large, and, on a permanent site, a backup that failed or half a day without the
 * checkpoint that it copies (the broker makes one every six hours).
 *
 * Creates metric filters on the broker's log and the alarms. Opens nothing. Costs 0.30 USD a metric of the log, 0.10 a
 * metric that an alarm looks at, each month: about 1.60 in all.
 *
 *     new StoreAlarms(this, "store-alarms", { site, receivers, store, logGroup: broker.logGroup, after: [broker.service] });
 */
export class StoreAlarms extends Construct {
  readonly alarms: readonly CloudwatchMetricAlarm[];

  constructor(scope: Construct, id: string, props: StoreAlarmsProps) {
    super(scope, id);
    const permanent = props.site.lifetime === "permanent";
    this.alarms = [
      this.leaseLost(props),
      this.storeErrors(props),
      this.storeLarge(props),
      this.storeSlow(props),
      ...(permanent ? [this.noCheckpoint(props), ...this.backupFailed(props)] : []),
    ];
  }

  private leaseLost(props: StoreAlarmsProps): CloudwatchMetricAlarm {
    const { leaseLost, released, leaseAcquired, expired } = BROKER_EVENTS;
    return alarmOnLines(this, "lease-lost", props, {
      logGroup: props.logGroup,
      metric: "LeaseLost",
      patterns: {
        "lease-lost": `{ ($.event = "${leaseLost}") && ($.reason != "${released}") }`,
        // Who was killed says nothing any more; who takes over does.
        "lease-expired": `{ ($.event = "${leaseAcquired}") && ($.after = "${expired}") }`,
      },
      alarmDescription: "The active broker died or lost its lease without handing it over: see docs/alarms.md",
    });
  }

  private storeErrors(props: StoreAlarmsProps): CloudwatchMetricAlarm {
    const anyOf = BROKER_EVENTS.storeErrors.map((event) => `($.event = "${event}")`).join(" || ");
    return alarmOnLines(this, "store-errors", props, {
      logGroup: props.logGroup,
      metric: "StoreErrors",
      patterns: { "store-errors": `{ ${anyOf} }` },
      alarmDescription: "The message store could not be written, opened or copied: see docs/alarms.md",
    });
  }

  private storeLarge(props: StoreAlarmsProps): CloudwatchMetricAlarm {
    return siteAlarm(this, "store-large", props, {
      alarmDescription:
        "The message store holds more than 50 GB: is somebody away for whom queues grow? See docs/alarms.md",
      namespace: "AWS/EFS",
      metricName: "StorageBytes",
      dimensions: { FileSystemId: props.store.fileSystem.id, StorageClass: "Total" },
      statistic: "Maximum",
      period: 60 * MINUTE,
      evaluationPeriods: 1,
      comparisonOperator: "GreaterThanThreshold",
      threshold: LARGE_STORE,
      treatMissingData: "notBreaching",
    });
  }

  private storeSlow(props: StoreAlarmsProps): CloudwatchMetricAlarm {
    return siteAlarm(this, "store-slow", props, {
      alarmDescription:
        "The message store's file system works at its limit: acknowledgements wait for it. See docs/alarms.md",
      namespace: "AWS/EFS",
      metricName: "PercentIOLimit",
      dimensions: { FileSystemId: props.store.fileSystem.id },
      statistic: "Average",
      // A burst after a power cut is no trouble.
      period: 5 * MINUTE,
      evaluationPeriods: 3,
      comparisonOperator: "GreaterThanThreshold",
      threshold: 90,
      treatMissingData: "notBreaching",
    });
  }

  private noCheckpoint(props: StoreAlarmsProps): CloudwatchMetricAlarm {
    return siteAlarm(this, "no-checkpoint", props, {
      alarmDescription: "No checkpoint of the message store for half a day: a backup made now holds an old one",
      ...countLines(this, props, {
        logGroup: props.logGroup,
        metric: "Checkpoints",
        patterns: { checkpoint: `{ $.event = "${BROKER_EVENTS.checkpoint}" }` },
      }),
      statistic: "Sum",
      period: HALF_A_DAY,
      evaluationPeriods: 1,
      comparisonOperator: "LessThanThreshold",
      threshold: 1,
      // A broker that says nothing at all makes none either.
      treatMissingData: "breaching",
      dependsOn: [...props.after],
    });
  }

  /** Jobs that failed, and that did not begin. One that is cancelled for taking too long is not among them: docs/alarms.md. */
  private backupFailed(props: StoreAlarmsProps & AlarmOwner): CloudwatchMetricAlarm[] {
    const vault = props.store.backup?.vault.name;
    if (vault === undefined) return [];
    const ways = {
      "backup-failed": { metricName: "NumberOfBackupJobsFailed", what: "failed" },
      "backup-late": { metricName: "NumberOfBackupJobsExpired", what: "did not begin in time" },
    };
    return Object.entries(ways).map(([role, { metricName, what }]) =>
      siteAlarm(this, role, props, {
        alarmDescription: `The daily backup of the message store ${what}: see docs/alarms.md`,
        namespace: "AWS/Backup",
        metricName,
        dimensions: { BackupVaultName: vault },
        statistic: "Sum",
        period: 60 * MINUTE,
        evaluationPeriods: 1,
        comparisonOperator: "GreaterThanThreshold",
        threshold: 0,
        treatMissingData: "notBreaching",
      }),
    );
  }
}
