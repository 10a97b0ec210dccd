import { IamRole } from "@cdktf/provider-aws/lib/iam-role";
import { Construct } from "constructs";
import { functionName } from "../policy/deployment";
import type { Site } from "../policy/site";
import { policyDocument } from "./policy-document";

export interface ServiceRolesProps {
  readonly site: Site;
}

/**
 * Who acts in a site: one IAM role for each CA function, one for the broker's task and one for what starts the task.
 *
 * The roles carry nobody's permissions yet. They come first, so that key and secret policies can name them; the construct
 * that knows which calls a principal makes attaches its policy. Costs nothing.
 *
 *     const roles = new ServiceRoles(this, "service-roles", { site });
 *     new EncryptionKeys(this, "encryption-keys", { site, roles });
 */
export class ServiceRoles extends Construct {
  readonly initialise: IamRole;
  readonly rotate: IamRole;
  readonly enrol: IamRole;
  readonly activate: IamRole;
  /** What the broker itself may call. */
  readonly brokerTask: IamRole;
  /** What Fargate may call to start the broker: pull the image, write its log. */
  readonly brokerExecution: IamRole;

  constructor(scope: Construct, id: string, { site }: ServiceRolesProps) {
    super(scope, id);
    this.initialise = lambdaRole(this, "initialise", functionName.initialise(site.name));
    this.rotate = lambdaRole(this, "rotate", functionName.rotate(site.name));
    this.enrol = lambdaRole(this, "enrol", functionName.enrol(site.name));
    this.activate = lambdaRole(this, "activate", functionName.activate(site.name));
    this.brokerTask = taskRole(this, "broker-task", site);
    this.brokerExecution = taskRole(this, "broker-execution", site);
  }
}

const lambdaRole = (scope: Construct, id: string, name: string): IamRole =>
  new IamRole(scope, id, {
    name,
    assumeRolePolicy: policyDocument({
      Sid: "LambdaRunsAsThis",
      Effect: "Allow",
      Principal: { Service: "lambda.amazonaws.com" },
      Action: "sts:AssumeRole",
    }),
  });

const taskRole = (scope: Construct, id: string, site: Site): IamRole =>
  new IamRole(scope, id, {
    name: `${site.name}-${id}`,
    assumeRolePolicy: policyDocument({
      Sid: "TasksOfThisAccountRunAsThis",
      Effect: "Allow",
      Principal: { Service: "ecs-tasks.amazonaws.com" },
      Action: "sts:AssumeRole",
      // Against the confused deputy: another account's ECS must not be able to hand our role to its tasks.
      Condition: {
        StringEquals: { "aws:SourceAccount": site.aws.account },
        ArnLike: { "aws:SourceArn": `arn:aws:ecs:${site.aws.region}:${site.aws.account}:*` },
      },
    }),
  });
