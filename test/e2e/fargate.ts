import type { AwsApi } from "./aws-api";

/** What ECS knows of the broker: the service, and the one container of its task definition. Field names are ECS's. */
export interface DeployedBroker {
  readonly cluster: string;
  readonly service: string;
  readonly desiredCount: number;
  readonly subnets: readonly string[];
  readonly securityGroups: readonly string[];
  readonly taskRole: string;
  readonly executionRole: string;
  readonly container: ContainerDefinition;
  readonly volumes: readonly { readonly name: string; readonly efsVolumeConfiguration?: Record<string, unknown> }[];
}

export interface ContainerDefinition {
  readonly name: string;
  readonly image: string;
  readonly user?: string;
  readonly privileged?: boolean;
  readonly readonlyRootFilesystem?: boolean;
  readonly environment?: readonly { readonly name: string; readonly value: string }[];
  readonly portMappings?: readonly { readonly containerPort: number; readonly protocol?: string }[];
  readonly mountPoints?: readonly {
    readonly sourceVolume: string;
    readonly containerPath: string;
    readonly readOnly?: boolean;
  }[];
  readonly systemControls?: readonly { readonly namespace: string; readonly value: string }[];
  readonly linuxParameters?: {
    readonly capabilities?: { readonly drop?: readonly string[] };
    readonly initProcessEnabled?: boolean;
  };
  readonly stopTimeout?: number;
  readonly logConfiguration?: { readonly logDriver: string; readonly options?: Record<string, string> };
}

interface Service {
  readonly taskDefinition: string;
  readonly desiredCount: number;
  readonly enableExecuteCommand?: boolean;
  readonly networkConfiguration: {
    readonly awsvpcConfiguration: { subnets: string[]; securityGroups: string[]; assignPublicIp?: string };
  };
}
interface TaskDefinition {
  readonly taskRoleArn: string;
  readonly executionRoleArn: string;
  readonly containerDefinitions: readonly ContainerDefinition[];
  readonly volumes?: DeployedBroker["volumes"];
}

/** Reads the broker's service and task definition back from ECS. @throws unless there is one cluster, one service and one container, without public address and without exec. */
export async function readBroker(aws: AwsApi): Promise<DeployedBroker> {
  const { clusterArns } = await aws.json<{ clusterArns: string[] }>("ecs", "ListClusters", {});
  const cluster = theOne(clusterArns, "cluster");
  const { serviceArns } = await aws.json<{ serviceArns: string[] }>("ecs", "ListServices", { cluster });
  const arn = theOne(serviceArns, "service");
  const { services } = await aws.json<{ services: Service[] }>("ecs", "DescribeServices", { cluster, services: [arn] });
  const service = theOne(services, "service");
  const { taskDefinition } = await aws.json<{ taskDefinition: TaskDefinition }>("ecs", "DescribeTaskDefinition", {
    taskDefinition: service.taskDefinition,
  });
  const network = service.networkConfiguration.awsvpcConfiguration;
  if (network.assignPublicIp === "ENABLED") throw new Error("the service gives its tasks public addresses");
  if (service.enableExecuteCommand === true) throw new Error("the service allows exec into its tasks");
  return {
    cluster,
    service: arn,
    desiredCount: service.desiredCount,
    subnets: network.subnets,
    securityGroups: network.securityGroups,
    taskRole: taskDefinition.taskRoleArn,
    executionRole: taskDefinition.executionRoleArn,
    container: theOne(taskDefinition.containerDefinitions, "container"),
    volumes: taskDefinition.volumes ?? [],
  };
}

function theOne<T>(found: readonly T[], what: string): T {
  if (found.length !== 1) throw new Error(`expected one ${what}, found ${found.length}`);
  return found[0]!;
}
