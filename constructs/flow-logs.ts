import { CloudwatchLogGroup } from "@cdktf/provider-aws/lib/cloudwatch-log-group";
import { FlowLog } from "@cdktf/provider-aws/lib/flow-log";
import { IamRole } from "@cdktf/provider-aws/lib/iam-role";
import { IamRolePolicy } from "@cdktf/provider-aws/lib/iam-role-policy";
import type { KmsKey } from "@cdktf/provider-aws/lib/kms-key";
import type { Vpc } from "@cdktf/provider-aws/lib/vpc";
import { Construct } from "constructs";
import { logGroupName } from "../policy/deployment";
import type { Site } from "../policy/site";
import { LOG_RETENTION_DAYS } from "./log-retention";
import { policyDocument } from "./policy-document";

export interface FlowLogsProps {
  readonly site: Site;
  readonly vpc: Vpc;
  /** Key that encrypts the log group; its policy must admit CloudWatch Logs. @default AWS's own key */
  readonly logKey?: KmsKey;
}

/**
 * A record of every flow in the VPC, accepted or rejected.
 *
 * - Creates a log group with {@link LOG_RETENTION_DAYS} days' retention, the flow log, and the role by which the flow-log service,
 *   for this account alone, writes to this group and no other.
 * - Opens nothing.
 * - Costs about $0.50 a GB taken in. Records are made every ten minutes, AWS's default: one minute would cost up to ten
 *   times as much with MQTT's long connections.
 */
export class FlowLogs extends Construct {
  readonly logGroup: CloudwatchLogGroup;

  constructor(scope: Construct, id: string, { site, vpc, logKey }: FlowLogsProps) {
    super(scope, id);
    const { account, region } = site.aws;
    this.logGroup = new CloudwatchLogGroup(this, "log-group", {
      name: logGroupName.flows(site.name),
      retentionInDays: LOG_RETENTION_DAYS,
      kmsKeyId: logKey?.arn,
    });
    const role = new IamRole(this, "role", {
      name: `${site.name}-flow-logs`,
      assumeRolePolicy: policyDocument({
        Sid: "FlowLogsOfThisAccount",
        Effect: "Allow",
        Principal: { Service: "vpc-flow-logs.amazonaws.com" },
        Action: "sts:AssumeRole",
        // Against the confused deputy: the service acts for this account's flow logs only.
        Condition: { StringEquals: { "aws:SourceAccount": account } },
      }),
    });
    const writes = new IamRolePolicy(this, "writes", {
      name: "write-flow-logs",
      role: role.id,
      policy: policyDocument(
        {
          Sid: "WriteToThisGroup",
          Effect: "Allow",
          Action: ["logs:CreateLogStream", "logs:DescribeLogStreams", "logs:PutLogEvents"],
          Resource: `arn:aws:logs:${region}:${account}:log-group:${logGroupName.flows(site.name)}:*`,
        },
        // The service looks its group up; this action knows no narrower resource.
        { Sid: "FindGroups", Effect: "Allow", Action: "logs:DescribeLogGroups", Resource: "*" },
      ),
    });
    new FlowLog(this, "all-traffic", {
      vpcId: vpc.id,
      trafficType: "ALL",
      logDestinationType: "cloud-watch-logs",
      logDestination: this.logGroup.arn,
      iamRoleArn: role.arn,
      maxAggregationInterval: 600,
      tags: { Name: site.name },
      dependsOn: [writes],
    });
  }
}
