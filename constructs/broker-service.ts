import { CloudwatchLogGroup } from "@cdktf/provider-aws/lib/cloudwatch-log-group";
import type { DynamodbTable } from "@cdktf/provider-aws/lib/dynamodb-table";
import { EcsCluster } from "@cdktf/provider-aws/lib/ecs-cluster";
import { EcsService } from "@cdktf/provider-aws/lib/ecs-service";
import { EcsTaskDefinition } from "@cdktf/provider-aws/lib/ecs-task-definition";
import { IamRolePolicy } from "@cdktf/provider-aws/lib/iam-role-policy";
import { type ITerraformDependable, TerraformLocal } from "cdktf";
import { Construct } from "constructs";
import { BROKER_SIZES } from "../policy/broker-sizes";
import { logGroupName, PORTS } from "../policy/deployment";
import { NOT_PUSHED } from "../policy/not-pushed";
import type { Site } from "../policy/site";
import { brokerContainer, CONTAINER_NAME, STORE_VOLUME } from "./broker-container";
import type { BrokerFirewall } from "./broker-firewall";
import { executionPermissions, taskPermissions } from "./broker-permissions";
import type { DmzNetwork } from "./dmz-network";
import type { EncryptionKeys } from "./encryption-keys";
import type { LoadBalancer } from "./load-balancer";
import { LOG_RETENTION_DAYS } from "./log-retention";
import type { MessageStore } from "./message-store";
import { policyDocument } from "./policy-document";
import type { ServiceRoles } from "./service-roles";

export interface BrokerServiceProps {
  readonly site: Site;
  /** Where the tasks stand, what reaches them and what they reach. */
  readonly dmz: {
    readonly network: DmzNetwork;
    readonly firewall: BrokerFirewall;
    readonly loadBalancer: LoadBalancer;
  };
  readonly store: MessageStore;
  readonly table: DynamodbTable;
  readonly roles: ServiceRoles;
  readonly keys: EncryptionKeys;
  /** What must be there before the first task starts: credentials and access document in force, endpoints open. */
  readonly after: readonly ITerraformDependable[];
}

/**
 * The broker on Fargate: two tasks in two zones, one active, the other a warm standby and relay (decision 3).
 *
 * Tasks have no public address, no shell to exec into, no root, no writable disk but the message store. A new version
 * starts beside the old one; if it does not become ready, the circuit breaker goes back by itself and the apply fails.
 * Opens nothing by itself: the firewall's task group applies. Costs two Fargate tasks (small: 0.5 vCPU and 1 GiB each,
 * about 41 USD a month together) and its log.
 *
 *     new BrokerService(this, "broker", { site, dmz: { network, firewall, loadBalancer }, store, table, roles, keys,
 *       after: [...ca.ready, ...Object.values(endpoints.interfaces)] });
 */
export class BrokerService extends Construct {
  readonly cluster: EcsCluster;
  readonly taskDefinition: EcsTaskDefinition;
  readonly service: EcsService;
  readonly logGroup: CloudwatchLogGroup;

  constructor(scope: Construct, id: string, props: BrokerServiceProps) {
    super(scope, id);
    const { site, roles } = props;
    this.logGroup = new CloudwatchLogGroup(this, "log-group", {
      name: logGroupName.broker(site.name),
      retentionInDays: LOG_RETENTION_DAYS,
      kmsKeyId: props.keys.data.arn,
    });
    const permissions = [
      new IamRolePolicy(this, "task-policy", {
        name: "broker-task",
        role: roles.brokerTask.name,
        policy: policyDocument(...taskPermissions(site, props.table.arn, props.store)),
      }),
      new IamRolePolicy(this, "execution-policy", {
        name: "broker-execution",
        role: roles.brokerExecution.name,
        policy: policyDocument(...executionPermissions(site, this.logGroup.arn)),
      }),
    ];
    this.cluster = new EcsCluster(this, "cluster", {
      name: site.name,
      // Two tasks do not need it; ECS's own CPU and memory metrics are free, the broker logs the rest.
      setting: [{ name: "containerInsights", value: "disabled" }],
    });
    this.taskDefinition = this.task(props);
    this.service = this.run(props, permissions);
  }

  private task({ site, dmz, store, roles }: BrokerServiceProps): EcsTaskDefinition {
    const image = new TerraformLocal(this, "image", site.broker.image);
    const { cpu, memoryMib } = BROKER_SIZES[site.broker.size];
    return new EcsTaskDefinition(this, "task", {
      family: `${site.name}-broker`,
      requiresCompatibilities: ["FARGATE"],
      networkMode: "awsvpc",
      // What `dmz image build` makes on the usual build machine without emulation; ARM would cost a fifth less.
      runtimePlatform: { cpuArchitecture: "X86_64", operatingSystemFamily: "LINUX" },
      cpu: String(cpu),
      memory: String(memoryMib),
      taskRoleArn: roles.brokerTask.arn,
      executionRoleArn: roles.brokerExecution.arn,
      volume: [
        {
          name: STORE_VOLUME,
          efsVolumeConfiguration: {
            fileSystemId: store.fileSystem.id,
            transitEncryption: "ENABLED",
            authorizationConfig: { accessPointId: store.accessPoint.id, iam: "ENABLED" },
          },
        },
      ],
      containerDefinitions: JSON.stringify([brokerContainer(site, dmz.network, site.broker.image)]),
      lifecycle: {
        precondition: [
          {
            // Through a local, since Terraform refuses a condition that refers to nothing.
            condition: `\${${image.fqn} != "${NOT_PUSHED}"}`,
            errorMessage:
              `site '${site.name}': 'broker.image' is still NOT_PUSHED, so there is no broker to start. ` +
              `Run 'npx dmz image push ${site.name}' and write the reference that it prints into the site's file.`,
          },
        ],
      },
    });
  }

  private run(props: BrokerServiceProps, permissions: readonly ITerraformDependable[]): EcsService {
    const { site, store, dmz } = props;
    const { network, firewall, loadBalancer } = dmz;
    return new EcsService(this, "service", {
      name: `${site.name}-broker`,
      cluster: this.cluster.arn,
      taskDefinition: this.taskDefinition.arn,
      launchType: "FARGATE",
      // Pinned: system controls and EFS need it, and a new one is a change to be tested like any other.
      platformVersion: "1.4.0",
      desiredCount: 2,
      deploymentMinimumHealthyPercent: 100,
      deploymentMaximumPercent: 200,
      deploymentCircuitBreaker: { enable: true, rollback: true },
      // After a zone's outage the pair spreads over two zones again.
      availabilityZoneRebalancing: "ENABLED",
      // Seconds for pulling the image, mounting the store and opening it.
      healthCheckGracePeriodSeconds: 120,
      // An apply ends when the broker is ready, not when it was asked for.
      waitForSteadyState: true,
      enableExecuteCommand: false,
      propagateTags: "SERVICE",
      networkConfiguration: {
        subnets: network.brokerSubnets.map((subnet) => subnet.id),
        securityGroups: [firewall.tasks.id],
        assignPublicIp: false,
      },
      loadBalancer: [
        { targetGroupArn: loadBalancer.mqttTargets.arn, containerName: CONTAINER_NAME, containerPort: PORTS.mqtt },
        { targetGroupArn: loadBalancer.httpsTargets.arn, containerName: CONTAINER_NAME, containerPort: PORTS.https },
      ],
      dependsOn: [
        ...props.after,
        ...permissions,
        ...loadBalancer.listeners,
        ...store.mountTargets,
        store.policy,
        this.logGroup,
      ],
    });
  }
}
