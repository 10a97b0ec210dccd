import { CloudwatchLogGroup } from "@cdktf/provider-aws/lib/cloudwatch-log-group";
import type { IamRole } from "@cdktf/provider-aws/lib/iam-role";
import { IamRolePolicy } from "@cdktf/provider-aws/lib/iam-role-policy";
import { LambdaFunction } from "@cdktf/provider-aws/lib/lambda-function";
import type { ITerraformDependable } from "cdktf";
import { Construct } from "constructs";
import { CA_ENV, functionName, shardCount } from "../policy/deployment";
import type { Site } from "../policy/site";
import type { EncryptionKeys } from "./encryption-keys";
import type { FunctionBundle } from "./function-bundle";
import { LOG_RETENTION_DAYS } from "./log-retention";
import { policyDocument, type Statement } from "./policy-document";

export interface CaFunctionProps {
  readonly site: Site;
  /** Which of the functions; also the name of its handler. */
  readonly name: keyof typeof functionName;
  readonly description: string;
  readonly code: FunctionBundle;
  readonly role: IamRole;
  readonly keys: EncryptionKeys;
  /** What it may call, besides writing its own log. */
  readonly may: readonly Statement[];
}

/**
 * One CA function with its log group and its role's policy. Runs outside the VPC: it needs AWS's APIs alone, and the
 * VPC admits no more conduits. Costs nothing noticeable; it runs a few times a day at most.
 *
 *     new CaFunction(this, "enrol", { site, name: "enrol", description, code, role: roles.enrol, keys, may: [...] });
 */
export class CaFunction extends Construct {
  readonly lambda: LambdaFunction;
  readonly logGroup: CloudwatchLogGroup;
  /** What must exist before an invocation can succeed. */
  readonly ready: readonly ITerraformDependable[];

  constructor(scope: Construct, id: string, props: CaFunctionProps) {
    super(scope, id);
    const { site, name, role } = props;
    const fullName = functionName[name](site.name);
    const shards = shardCount(site.capacity);

    this.logGroup = new CloudwatchLogGroup(this, "log-group", {
      // Where everybody looks for a function's log.
      name: `/aws/lambda/${fullName}`,
      retentionInDays: LOG_RETENTION_DAYS,
      kmsKeyId: props.keys.data.arn,
    });
    const policy = new IamRolePolicy(this, "policy", {
      name,
      role: role.name,
      policy: policyDocument(...props.may, {
        Sid: "WritesItsLog",
        Effect: "Allow",
        Action: ["logs:CreateLogStream", "logs:PutLogEvents"],
        Resource: `${this.logGroup.arn}:*`,
      }),
    });
    // No reserved concurrency: a new account has ten in all and may reserve none. Two at once do no harm, since the
    // manifest's conditional write lets one of them win.
    this.lambda = new LambdaFunction(this, "function", {
      functionName: fullName,
      description: props.description,
      role: role.arn,
      runtime: "nodejs22.x",
      architectures: ["arm64"],
      handler: `index.${name}`,
      filename: props.code.file,
      sourceCodeHash: props.code.sha256,
      memorySize: 512,
      // Seconds. A new role's permissions take up to a minute to be known everywhere; the functions retry so long.
      timeout: 180,
      environment: {
        variables: {
          [CA_ENV.site]: site.name,
          [CA_ENV.host]: site.host,
          [CA_ENV.credentialShards]: String(shards.credentials),
          [CA_ENV.accessShards]: String(shards.access),
        },
      },
      dependsOn: [policy, this.logGroup],
    });
    this.ready = [policy, this.logGroup, this.lambda];
  }
}
