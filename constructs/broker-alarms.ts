import type { CloudwatchMetricAlarm } from "@cdktf/provider-aws/lib/cloudwatch-metric-alarm";
import { Construct } from "constructs";
import { BROKER_EVENTS } from "../policy/broker-events";
import { functionName } from "../policy/deployment";
import type { Site } from "../policy/site";
import type { AlarmReceivers } from "./alarm-receivers";
import type { BrokerService } from "./broker-service";
import type { LoadBalancer } from "./load-balancer";
import { alarmOnLines } from "./log-alarm";
import { siteAlarm } from "./site-alarm";

export interface BrokerAlarmsProps {
  readonly site: Site;
  readonly receivers: AlarmReceivers;
  readonly broker: BrokerService;
  readonly loadBalancer: LoadBalancer;
}

/** Seconds. */
const MINUTE = 60;
const HOUR = 3_600;
const DAY = 86_400;

/**
 * Alarms on what keeps clients out, now or soon: no task that is ready or active, one of the two that is missing, not
 * ready or short of memory; credentials and access document that cannot be loaded, so that a revocation takes no effect;
 * certificates that end soon and were not renewed.
 *
 * Creates metric filters on the broker's log and the alarms. What AWS counts is free, an alarm costs 0.10 USD a month, a
 * metric of the log 0.30: about 2.10 in all. Opens nothing.
 *
 *     new BrokerAlarms(this, "broker-alarms", { site, receivers, broker, loadBalancer });
 */
export class BrokerAlarms extends Construct {
  readonly alarms: readonly CloudwatchMetricAlarm[];

  constructor(scope: Construct, id: string, props: BrokerAlarmsProps) {
    super(scope, id);
    this.alarms = [
      ...this.tasks(props),
      this.noActiveTask(props),
      this.staleIdentities(props),
      this.certificateExpires(props),
      this.clientCertificateExpires(props),
      this.rotationFailed(props),
    ];
  }

  private tasks(props: BrokerAlarmsProps): CloudwatchMetricAlarm[] {
    const { broker, loadBalancer } = props;
    const targets = {
      namespace: "AWS/NetworkELB",
      dimensions: {
        LoadBalancer: loadBalancer.lb.arnSuffix,
        TargetGroup: loadBalancer.mqttTargets.arnSuffix,
      },
      // Of what the load balancer's nodes see, the most.
      statistic: "Maximum",
      period: MINUTE,
    };
    const service = {
      namespace: "AWS/ECS",
      dimensions: { ClusterName: broker.cluster.name, ServiceName: broker.service.name },
      period: MINUTE,
    };
    // Before the first task runs, silence is no news.
    const dependsOn = [broker.service];
    return [
      siteAlarm(this, "no-broker", props, {
        alarmDescription: "No broker is ready: no client is served. See docs/alarms.md",
        ...targets,
        metricName: "HealthyHostCount",
        evaluationPeriods: 2,
        comparisonOperator: "LessThanThreshold",
        threshold: 1,
        treatMissingData: "breaching",
        dependsOn,
      }),
      siteAlarm(this, "not-ready", props, {
        alarmDescription: "A broker task is not ready for ten minutes: /readyz and the broker's log say why",
        ...targets,
        metricName: "UnHealthyHostCount",
        evaluationPeriods: 10,
        comparisonOperator: "GreaterThanOrEqualToThreshold",
        threshold: 1,
        treatMissingData: "notBreaching",
        dependsOn,
      }),
      siteAlarm(this, "task-missing", props, {
        alarmDescription:
          "Fewer than two broker tasks run for ten minutes: there is no standby. See the ECS service's events",
        ...service,
        // A task reports once a minute, so that the samples are its tasks (Amazon ECS Developer Guide, "Service RUNNING task
        // count").
        metricName: "CPUUtilization",
        statistic: "SampleCount",
        evaluationPeriods: 10,
        comparisonOperator: "LessThanThreshold",
        threshold: 2,
        treatMissingData: "breaching",
        dependsOn,
      }),
      siteAlarm(this, "memory", props, {
        alarmDescription:
          "A broker task uses more than 90 % of its memory: at 100 it is killed. Choose a larger 'broker.size'",
        ...service,
        metricName: "MemoryUtilization",
        statistic: "Maximum",
        evaluationPeriods: 10,
        comparisonOperator: "GreaterThanThreshold",
        threshold: 90,
        treatMissingData: "notBreaching",
        dependsOn,
      }),
    ];
  }

  private noActiveTask(props: BrokerAlarmsProps): CloudwatchMetricAlarm {
    return alarmOnLines(this, "no-active-task", props, {
      logGroup: props.broker.logGroup,
      metric: "NoActiveTask",
      patterns: { "no-active-task": `{ $.event = "${BROKER_EVENTS.noActiveTask}" }` },
      alarmDescription: "Tasks run and none is active: no client is served. See docs/alarms.md",
    });
  }

  private staleIdentities(props: BrokerAlarmsProps): CloudwatchMetricAlarm {
    return alarmOnLines(this, "stale-identities", props, {
      logGroup: props.broker.logGroup,
      metric: "StaleIdentities",
      patterns: {
        // Written every minute while it lasts; five of them are no passing trouble of AWS's.
        "stale-identities": `{ ($.event = "${BROKER_EVENTS.notLoaded}") && ($.lastGoodSecondsAgo > ${5 * MINUTE}) }`,
      },
      alarmDescription:
        "Certificate, credentials or access document cannot be loaded: the broker goes on with old ones, and a revocation " +
        "takes no effect",
      period: 5 * MINUTE,
    });
  }

  private certificateExpires(props: BrokerAlarmsProps): CloudwatchMetricAlarm {
    return alarmOnLines(this, "certificate-expires", props, {
      logGroup: props.broker.logGroup,
      metric: "CertificateExpires",
      patterns: { "certificate-expires": `{ $.event = "${BROKER_EVENTS.certificateExpires}" }` },
      alarmDescription: `The server's certificate or its CA ends soon and was not renewed: see the log of ${functionName.rotate(props.site.name)}`,
      // Said every hour, by each task.
      period: 6 * HOUR,
    });
  }

  private clientCertificateExpires(props: BrokerAlarmsProps): CloudwatchMetricAlarm {
    return alarmOnLines(this, "client-certificate-expires", props, {
      logGroup: props.broker.logGroup,
      metric: "ClientCertificateExpires",
      patterns: { "client-certificate-expires": `{ $.event = "${BROKER_EVENTS.clientCertificateExpires}" }` },
      alarmDescription:
        "Certificates of connected clients end within 30 days: the broker's log names them; 'npx dmz enrol' renews",
      // Said once a day of each.
      period: DAY,
    });
  }

  private rotationFailed(props: BrokerAlarmsProps): CloudwatchMetricAlarm {
    return siteAlarm(this, "rotation-failed", props, {
      alarmDescription:
        "The server's certificate could not be renewed: see the function's log. It is tried again in a week",
      namespace: "AWS/Lambda",
      metricName: "Errors",
      dimensions: { FunctionName: functionName.rotate(props.site.name) },
      statistic: "Sum",
      period: HOUR,
      evaluationPeriods: 1,
      comparisonOperator: "GreaterThanThreshold",
      threshold: 0,
      treatMissingData: "notBreaching",
    });
  }
}
