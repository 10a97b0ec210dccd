/** A target group as `DescribeTargetGroups` and its attributes say. */
export interface TargetGroupSettings {
  readonly name: string;
  readonly port: number;
  readonly proxyProtocol: boolean;
  readonly healthCheck: {
    readonly port: number;
    readonly path: string;
    /** Seconds. */
    readonly interval: number;
    /** Seconds. */
    readonly timeout: number;
    readonly healthyThreshold: number;
    readonly unhealthyThreshold: number;
  };
  /** Whether connections to a target that became unhealthy are closed (AWS does by default). */
  readonly terminateUnhealthy: boolean;
}

/** What the stand-in for the load balancer is told at its start. */
export interface LoadBalancerSettings {
  readonly addresses: readonly string[];
  readonly listeners: readonly { readonly port: number; readonly group: TargetGroupSettings }[];
}

/** Lines on its standard input. */
export type LoadBalancerCommand = { readonly register: string } | { readonly deregister: string };

/** Lines on its standard output. */
export type LoadBalancerEvent =
  | { readonly event: "health"; readonly target: string; readonly group: string; readonly healthy: boolean }
  | { readonly event: "connection"; readonly from: string; readonly port: number; readonly target: string };
