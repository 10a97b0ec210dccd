import { EventEmitter, once } from "node:events";
import type { ChildProcess } from "node:child_process";
import { all, textOf } from "./xml";
import type { AwsApi } from "./aws-api";
import type { CleanUp } from "./clean-up";
import type {
  LoadBalancerCommand,
  LoadBalancerEvent,
  LoadBalancerSettings,
  TargetGroupSettings,
} from "./load-balancer-settings";
import { startInNamespace } from "./namespace-process";

/** The site's network load balancer as the emulator holds it. */
export interface DeployedLoadBalancer {
  readonly dnsName: string;
  readonly listeners: LoadBalancerSettings["listeners"];
}

/** Reads load balancer, listeners, target groups and their attributes back from AWS. @throws unless there is exactly one, of TCP listeners. */
export async function readLoadBalancer(aws: AwsApi): Promise<DeployedLoadBalancer> {
  const found = all(await aws.query("elasticloadbalancing", "DescribeLoadBalancers"), "member").filter(
    (member) => all(member, "LoadBalancerArn").length > 0,
  );
  if (found.length !== 1) throw new Error(`expected one load balancer, found ${found.length}`);
  const arn = textOf(found[0]!, "LoadBalancerArn");
  const listeners = await aws.query("elasticloadbalancing", "DescribeListeners", { LoadBalancerArn: arn });
  return {
    dnsName: textOf(found[0]!, "DNSName"),
    listeners: await Promise.all(
      all(listeners, "member")
        .filter((member) => all(member, "ListenerArn").length > 0)
        .map(async (listener) => {
          if (textOf(listener, "Protocol") !== "TCP")
            throw new Error(`listener ${textOf(listener, "Port")} is not TCP`);
          return {
            port: Number(textOf(listener, "Port")),
            group: await readGroup(aws, textOf(listener, "TargetGroupArn")),
          };
        }),
    ),
  };
}

async function readGroup(aws: AwsApi, arn: string): Promise<TargetGroupSettings> {
  const group = await aws.query("elasticloadbalancing", "DescribeTargetGroups", { "TargetGroupArns.member.1": arn });
  const answer = await aws.query("elasticloadbalancing", "DescribeTargetGroupAttributes", { TargetGroupArn: arn });
  const attributes = new Map(
    all(answer, "member").map((member) => [textOf(member, "Key"), all(member, "Value")[0]?.text.trim() ?? ""]),
  );
  if (textOf(group, "HealthCheckProtocol") !== "HTTPS") throw new Error(`${arn}: its health check is not HTTPS`);
  const port = textOf(group, "HealthCheckPort");
  return {
    name: textOf(group, "TargetGroupName"),
    port: Number(textOf(group, "Port")),
    proxyProtocol: attributes.get("proxy_protocol_v2.enabled") === "true",
    terminateUnhealthy: attributes.get("target_health_state.unhealthy.connection_termination.enabled") !== "false",
    healthCheck: {
      port: Number(port === "traffic-port" ? textOf(group, "Port") : port),
      path: textOf(group, "HealthCheckPath"),
      interval: Number(textOf(group, "HealthCheckIntervalSeconds")),
      timeout: Number(textOf(group, "HealthCheckTimeoutSeconds")),
      healthyThreshold: Number(textOf(group, "HealthyThresholdCount")),
      unhealthyThreshold: Number(textOf(group, "UnhealthyThresholdCount")),
    },
  };
}

/** The running stand-in: register targets, and wait for what it reports. */
export class LoadBalancer {
  readonly #events = new EventEmitter();
  readonly events: LoadBalancerEvent[] = [];
  #process: ChildProcess | undefined;

  async start(namespace: string, settings: LoadBalancerSettings, cleanUp: CleanUp): Promise<void> {
    this.#process = await startInNamespace(
      namespace,
      "network-load-balancer",
      [JSON.stringify(settings)],
      cleanUp,
      (line) => {
        this.events.push(JSON.parse(line) as LoadBalancerEvent);
        this.#events.emit("change");
      },
    );
  }

  send(command: LoadBalancerCommand): void {
    this.#process!.stdin!.write(`${JSON.stringify(command)}\n`);
  }

  /** @returns whether the newest health report of this target says so, in every group that reported. */
  isHealthy(target: string): boolean {
    const latest = new Map<string, boolean>();
    for (const event of this.events)
      if (event.event === "health" && event.target === target) latest.set(event.group, event.healthy);
    return latest.size > 0 && [...latest.values()].every(Boolean);
  }

  /** @param deadline milliseconds. */
  async healthy(target: string, deadline: number): Promise<void> {
    const signal = AbortSignal.timeout(deadline);
    while (!this.isHealthy(target)) {
      await once(this.#events, "change", { signal }).catch(() => {
        throw new Error(
          `target ${target} was not healthy within ${deadline / 1000} s: ${JSON.stringify(this.events.slice(-10))}`,
        );
      });
    }
  }

  /** Targets of the connections that came from clients so far, oldest first. */
  connections(): readonly (LoadBalancerEvent & { event: "connection" })[] {
    return this.events.filter(
      (event): event is LoadBalancerEvent & { event: "connection" } => event.event === "connection",
    );
  }
}
