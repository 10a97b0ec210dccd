import { BROKER_SIZES, heapMib } from "../policy/broker-sizes";
import { BROKER_ENV, CONTAINER_USER, logGroupName, PORTS, STORE_PATH } from "../policy/deployment";
import type { Site } from "../policy/site";
import type { DmzNetwork } from "./dmz-network";

/** Name of the container in its task, and of the volume with the message store. */
export const CONTAINER_NAME = "broker";
export const STORE_VOLUME = "message-store";

/**
 * The broker's container definition, in the shape of ECS's RegisterTaskDefinition.
 *
 * Non-root, no capability, read-only root: the message store is the only thing it can write. The environment holds no
 * secret; the broker fetches those itself.
 */
export const brokerContainer = (site: Site, network: DmzNetwork, image: string) => ({
  name: CONTAINER_NAME,
  image,
  essential: true,
  user: `${CONTAINER_USER.uid}:${CONTAINER_USER.gid}`,
  privileged: false,
  readonlyRootFilesystem: true,
  linuxParameters: {
    capabilities: { drop: ["ALL"] },
    // Reaps what the broker might leave and forwards SIGTERM; as process 1, Node would ignore signals without a handler.
    initProcessEnabled: true,
  },
  // The broker listens on 443 without any capability (decision 7): from there on ports are nobody's privilege.
  systemControls: [{ namespace: "net.ipv4.ip_unprivileged_port_start", value: String(PORTS.https) }],
  // About 55,000 flows reach a target (decision 3), and a relay holds two descriptors for each.
  ulimits: [{ name: "nofile", softLimit: 131_072, hardLimit: 131_072 }],
  // Seconds between SIGTERM and SIGKILL; 120 is the most that Fargate gives. The lease is handed over meanwhile.
  stopTimeout: 120,
  portMappings: [PORTS.mqtt, PORTS.https].map((port) => ({ containerPort: port, hostPort: port, protocol: "tcp" })),
  environment: Object.entries({
    [BROKER_ENV.site]: site.name,
    [BROKER_ENV.source]: "aws",
    [BROKER_ENV.mqttPort]: String(PORTS.mqtt),
    [BROKER_ENV.httpsPort]: String(PORTS.https),
    [BROKER_ENV.loadBalancerSubnets]: network.publicCidrs.join(","),
    [BROKER_ENV.brokerSubnets]: network.brokerCidrs.join(","),
    [BROKER_ENV.store]: STORE_PATH,
    [BROKER_ENV.origins]: `https://${site.host}`,
    [BROKER_ENV.logLevel]: "info",
    [BROKER_ENV.memory]: String(BROKER_SIZES[site.broker.size].memoryMib),
    NODE_OPTIONS: `--max-old-space-size=${heapMib(BROKER_SIZES[site.broker.size])}`,
  }).map(([name, value]) => ({ name, value })),
  mountPoints: [{ sourceVolume: STORE_VOLUME, containerPath: STORE_PATH, readOnly: false }],
  volumesFrom: [],
  // No health check of its own: the load balancer asks /readyz, and ECS listens to that. A second opinion could only kill
  // the active task when the first is content.
  logConfiguration: {
    logDriver: "awslogs",
    options: {
      "awslogs-group": logGroupName.broker(site.name),
      "awslogs-region": site.aws.region,
      "awslogs-stream-prefix": CONTAINER_NAME,
      // An outage of CloudWatch must not stop the broker: lines beyond the buffer are lost instead (decision 11).
      mode: "non-blocking",
      "max-buffer-size": "16m",
    },
  },
});
