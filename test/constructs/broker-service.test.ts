import { describe, expect, test } from "@jest/globals";
import { readConfig } from "../../broker/src/config";
import { memoryLimits } from "../../broker/src/memory-limits";
import { BrokerService } from "../../constructs/broker-service";
import { BROKER_ENV } from "../../policy/deployment";
import { NOT_PUSHED } from "../../policy/not-pushed";
import type { BrokerSize, Site } from "../../policy/site";
import { testSite } from "../site";
import { synth } from "../synth";
import { siteParts } from "./site-parts";
import { matches, statements } from "./statements";

const brokerOf = (site: Site) =>
  synth((stack) => {
    const { keys, roles, table, dmz, store, accessDocument } = siteParts(stack, site);
    new BrokerService(stack, "broker", { site, dmz, store, table, roles, keys, after: accessDocument.shards });
  });

const built = brokerOf(testSite());
const task = built.at("broker/task");
const service = built.at("broker/service");
const containers = JSON.parse(String(task.container_definitions)) as Record<string, unknown>[];
const container = containers[0]!;
const secret = (name: string) => `arn:aws:secretsmanager:eu-central-1:123456789012:secret:plant/${name}-AbCdEf`;
const resource = (path: string) => built.ref(path, "x").slice(2, -3);

describe("the broker's container", () => {
  test("is the only one in its task, and is the site's image by digest", () => {
    expect(containers).toHaveLength(1);
    expect(container.image).toMatch(/@sha256:[0-9a-f]{64}$/);
  });

  test("runs as a user without privilege, without capabilities, on a root it cannot write", () => {
    expect(container).toMatchObject({
      user: "10001:10001",
      privileged: false,
      readonlyRootFilesystem: true,
      linuxParameters: { capabilities: { drop: ["ALL"] }, initProcessEnabled: true },
    });
    expect(container.linuxParameters).not.toHaveProperty("capabilities.add");
  });

  test("opens the two ports, which a system control lets its user listen on, and no third", () => {
    expect(container.portMappings).toEqual([
      { containerPort: 8883, hostPort: 8883, protocol: "tcp" },
      { containerPort: 443, hostPort: 443, protocol: "tcp" },
    ]);
    expect(container.systemControls).toEqual([{ namespace: "net.ipv4.ip_unprivileged_port_start", value: "443" }]);
  });

  test("has the environment that the broker reads, and not one variable more", () => {
    const environment = container.environment as { name: string; value: string }[];
    expect(Object.fromEntries(environment.map(({ name, value }) => [name, value]))).toEqual({
      [BROKER_ENV.site]: "plant",
      [BROKER_ENV.source]: "aws",
      [BROKER_ENV.mqttPort]: "8883",
      [BROKER_ENV.httpsPort]: "443",
      [BROKER_ENV.loadBalancerSubnets]: ["a", "b"]
        .map((zone) => built.at(`network/public-eu-central-1${zone}`).cidr_block)
        .join(","),
      [BROKER_ENV.brokerSubnets]: ["a", "b"]
        .map((zone) => built.at(`network/broker-eu-central-1${zone}`).cidr_block)
        .join(","),
      [BROKER_ENV.store]: "/var/lib/dmz",
      [BROKER_ENV.origins]: "https://mqtt.plant.example",
      [BROKER_ENV.logLevel]: "info",
      [BROKER_ENV.memory]: "1024",
      NODE_OPTIONS: "--max-old-space-size=512",
    });
  });

  test("is handed no secret: the broker fetches those itself", () => {
    expect(container).not.toHaveProperty("secrets");
    expect(container.logConfiguration).not.toHaveProperty("secretOptions");
  });

  test("goes on when CloudWatch does not", () => {
    expect(container.logConfiguration).toMatchObject({
      logDriver: "awslogs",
      options: { "awslogs-group": "/mqtt-dmz/plant/broker", mode: "non-blocking", "max-buffer-size": "16m" },
    });
  });

  test("is given two minutes to hand over its lease", () => {
    expect(container.stopTimeout).toBe(120);
  });

  test("mounts the message store through its access point, inside TLS, by its role", () => {
    expect(container.mountPoints).toEqual([
      { sourceVolume: "message-store", containerPath: "/var/lib/dmz", readOnly: false },
    ]);
    expect(task.volume).toEqual([
      {
        name: "message-store",
        efs_volume_configuration: {
          file_system_id: built.ref("message-store/file-system"),
          transit_encryption: "ENABLED",
          authorization_config: { access_point_id: built.ref("message-store/access-point"), iam: "ENABLED" },
        },
      },
    ]);
  });
});

describe("BrokerService", () => {
  test.each<[BrokerSize, string, string]>([
    ["small", "512", "1024"],
    ["medium", "1024", "2048"],
    ["large", "2048", "4096"],
  ])("a %s broker has %s CPU units and %s MiB", (size, cpu, memory) => {
    const { image } = testSite().broker;
    expect(brokerOf(testSite({ broker: { image, size } })).at("broker/task")).toMatchObject({ cpu, memory });
  });

  test.each<[BrokerSize, number, number]>([
    ["small", 5_500, 512],
    ["medium", 12_000, 1024],
    ["large", 25_100, 2048],
  ])("a %s broker takes %s connections, and V8 a heap of %s MiB", (size, connections, heap) => {
    const { image } = testSite().broker;
    const made = brokerOf(testSite({ broker: { image, size } })).at("broker/task");
    const [{ environment }] = JSON.parse(String(made.container_definitions)) as [
      { environment: { name: string; value: string }[] },
    ];
    const env = Object.fromEntries(environment.map(({ name, value }) => [name, value]));
    expect(readConfig(env).limits).toMatchObject({ ...memoryLimits(Number(made.memory)) });
    expect(readConfig(env).limits.connections).toBe(connections);
    expect(env["NODE_OPTIONS"]).toBe(`--max-old-space-size=${heap}`);
  });

  test("keeps two tasks, replaces them without a gap, and goes back by itself when the new version does not work", () => {
    expect(service).toMatchObject({
      desired_count: 2,
      deployment_minimum_healthy_percent: 100,
      deployment_maximum_percent: 200,
      deployment_circuit_breaker: { enable: true, rollback: true },
      availability_zone_rebalancing: "ENABLED",
      launch_type: "FARGATE",
      platform_version: "1.4.0",
      wait_for_steady_state: true,
    });
  });

  test("stands in the broker subnets behind the tasks' group, without a public address", () => {
    expect(service.network_configuration).toEqual({
      subnets: ["a", "b"].map((zone) => built.ref(`network/broker-eu-central-1${zone}`)),
      security_groups: [built.ref("firewall/tasks")],
      assign_public_ip: false,
    });
  });

  test("lets nobody exec into a task", () => {
    expect(service.enable_execute_command).toBe(false);
    const actions = built.all("aws_iam_role_policy").flatMap((policy) => statements(policy).flatMap((s) => s.actions));
    expect(actions.filter((action) => action.startsWith("ssm"))).toEqual([]);
  });

  test("receives both ports from the load balancer", () => {
    expect(service.load_balancer).toEqual([
      {
        target_group_arn: built.ref("load-balancer/mqtt-targets", "arn"),
        container_name: "broker",
        container_port: 8883,
      },
      {
        target_group_arn: built.ref("load-balancer/https-targets", "arn"),
        container_name: "broker",
        container_port: 443,
      },
    ]);
  });

  test("starts no task before its permissions, mount targets, listeners and what the stack names are there", () => {
    const wanted = [
      "broker/task-policy",
      "broker/execution-policy",
      "broker/log-group",
      "message-store/mount-target-eu-central-1a",
      "message-store/mount-target-eu-central-1b",
      "message-store/policy",
      "load-balancer/mqtt-listener",
      "load-balancer/https-listener",
      "access-document/shard-0",
    ];
    expect(service.depends_on).toEqual(expect.arrayContaining(wanted.map(resource)));
  });

  test("a plan is refused while the image is not pushed, and says what to do", () => {
    const lifecycle = (site: Site) => {
      const synthesized = brokerOf(site);
      const { precondition } = synthesized.at("broker/task").lifecycle as {
        precondition: { condition: string; error_message: string }[];
      };
      const locals = (synthesized.json as { locals?: Record<string, unknown> }).locals!;
      return { ...precondition[0]!, image: Object.values(locals)[0] };
    };
    const pending = lifecycle(testSite({ broker: { image: NOT_PUSHED, size: "small" } }));
    expect(pending.image).toBe(NOT_PUSHED);
    expect(pending.condition).toMatch(new RegExp(`^\\$\\{local\\.\\w+ != "${NOT_PUSHED}"\\}$`));
    expect(pending.error_message).toContain("npx dmz image push plant");
    expect(lifecycle(testSite()).image).not.toBe(NOT_PUSHED);
  });
});

describe("the broker's permissions", () => {
  const taskPolicy = statements(built.at("broker/task-policy"));
  const executionPolicy = statements(built.at("broker/execution-policy"));
  const mayRead = (name: string) =>
    taskPolicy.some(
      ({ actions, resources }) => matches(actions, "secretsmanager:GetSecretValue") && matches(resources, secret(name)),
    );

  test("are its own and apart from those that start it", () => {
    expect(task).toMatchObject({
      task_role_arn: built.ref("service-roles/broker-task", "arn"),
      execution_role_arn: built.ref("service-roles/broker-execution", "arn"),
    });
  });

  test("let it read server certificate, credentials and access document", () => {
    expect(["server-certificate", "credentials/0", "access/3"].map(mayRead)).toEqual([true, true, true]);
  });

  test("do not let it read the CA secret, nor write any secret", () => {
    expect(mayRead("ca")).toBe(false);
    const actions = taskPolicy.flatMap((statement) => statement.actions);
    expect(actions.filter((action) => action.startsWith("secretsmanager:"))).toEqual(["secretsmanager:GetSecretValue"]);
  });

  test("let it write the lease, and read but never write a manifest", () => {
    const keysOf = (action: string) =>
      taskPolicy
        .filter(({ actions }) => actions.includes(action))
        .flatMap(({ Condition }) => Condition["ForAllValues:StringEquals"]!["dynamodb:LeadingKeys"]!);
    expect(keysOf("dynamodb:UpdateItem")).toEqual(["lease"]);
    expect(keysOf("dynamodb:GetItem")).toEqual(["lease", "manifest/credentials", "manifest/access"]);
    const actions = taskPolicy.flatMap((statement) => statement.actions);
    expect(actions.filter((action) => action.startsWith("dynamodb:")).sort()).toEqual([
      "dynamodb:GetItem",
      "dynamodb:UpdateItem",
    ]);
  });

  test("of the start are: pull this site's image, write this site's log", () => {
    expect(executionPolicy.map(({ actions, resources }) => [actions, resources])).toEqual([
      [["ecr:GetAuthorizationToken"], ["*"]],
      [
        ["ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"],
        ["arn:aws:ecr:eu-central-1:123456789012:repository/mqtt-dmz/broker"],
      ],
      [["logs:CreateLogStream", "logs:PutLogEvents"], [`${built.ref("broker/log-group", "arn")}:*`]],
    ]);
  });
});
