import type { Socket } from "node:net";
import { LIMITS } from "./limits";
import type { Logger } from "./logger";
import type { Endpoint } from "./endpoint";
import { readProxyHeader, type FirstBytes } from "./read-proxy-header";
import { subnets } from "./subnets";

/** What a task may do with a connection (decision 3). */
export interface IngressRoutes {
  /** This task serves the client itself. */
  readonly serve: (socket: Socket, client: Endpoint) => void;
  /** Passes the stream on, unread, to the active task; `head` starts with the PROXY header. */
  readonly relay: (socket: Socket, head: Buffer, client: Endpoint) => void;
  /** The load balancer asks how this task is; undefined on a port that has no health check. */
  readonly health: ((socket: Socket) => void) | undefined;
  /** Whether this task holds the lease at this moment. */
  readonly isActive: () => boolean;
}

export interface IngressProps extends IngressRoutes {
  readonly listener: "mqtt" | "wss";
  readonly loadBalancerSubnets: readonly string[];
  readonly brokerSubnets: readonly string[];
  readonly log: Logger;
  /** Milliseconds to a complete PROXY header. @default LIMITS.firstByteMs */
  readonly firstByteMs?: number;
}

/**
 * Decides for each raw connection of one port, by where it comes from and how it begins:
 *
 * | from | begins with | then |
 * |---|---|---|
 * | load balancer | PROXY | a client: served if this task is active, else relayed with its header |
 * | load balancer | LOCAL or no header | health check on 443, closed on 8883 |
 * | broker peer | PROXY | served if this task is active, else closed: never relayed again |
 * | broker peer | anything else | closed |
 * | elsewhere | - | closed |
 *
 * Without subnets (on one's own machine) every connection is a client's, without a header.
 */
export function ingress(props: IngressProps): (socket: Socket) => void {
  const { listener, loadBalancerSubnets, brokerSubnets, log, serve, relay, health, isActive } = props;
  const fromLoadBalancer = subnets(loadBalancerSubnets);
  const fromPeer = subnets(brokerSubnets);
  const behindLoadBalancer = loadBalancerSubnets.length > 0;
  const limits = { timeoutMs: props.firstByteMs ?? LIMITS.firstByteMs, longest: LIMITS.proxyHeaderBytes };

  const close = (socket: Socket, from: string | undefined, reason: string): void => {
    log.warn({ listener, address: from, reason }, "connection-closed");
    socket.destroy();
  };
  /** Gives back what was read too much, for TLS to read. */
  const withoutHeader = (socket: Socket, rest: Buffer): void => {
    // Half-open is for relays: here a peer that leaves in the middle of a handshake would be kept until it times out.
    socket.allowHalfOpen = false;
    if (rest.length > 0) socket.unshift(rest);
  };

  const route = (socket: Socket, from: string, { header, bytes }: FirstBytes): void => {
    const peer = fromPeer(from) && !fromLoadBalancer(from);
    if (header.kind === "invalid") return close(socket, from, `PROXY header: ${header.reason}`);
    if (header.kind === "proxy") {
      if (isActive()) {
        withoutHeader(socket, bytes.subarray(header.length));
        return serve(socket, header.source);
      }
      if (peer) return close(socket, from, "relayed to a task that is not active");
      return relay(socket, bytes, header.source);
    }
    if (peer) return close(socket, from, "a broker peer without a client");
    if (!health) return close(socket, from, "no PROXY header");
    withoutHeader(socket, header.kind === "local" ? bytes.subarray(header.length) : bytes);
    health(socket);
  };

  return (socket) => {
    socket.setNoDelay(true);
    // Below the load balancer's 350 s, so that it does not forget a quiet connection.
    socket.setKeepAlive(true, 60_000);
    // Every later owner adds its own; a reset between two of them must not end the process.
    socket.on("error", (error: NodeJS.ErrnoException) => {
      log.debug({ listener, address: socket.remoteAddress, reason: error.code }, "connection-error");
      socket.destroy();
    });
    const from = socket.remoteAddress;
    if (from === undefined) return void socket.destroy();
    if (!behindLoadBalancer) {
      // Health must answer on a task that is not active too; what is behind it refuses MQTT then.
      socket.allowHalfOpen = false;
      if (isActive() || health) serve(socket, { address: from, port: socket.remotePort ?? 0 });
      else close(socket, from, "not active");
      return;
    }
    if (!fromLoadBalancer(from) && !fromPeer(from))
      return close(socket, from, "neither the load balancer nor a broker peer");
    readProxyHeader(socket, limits, (first) => {
      if (first) route(socket, from, first);
      else log.debug({ listener, address: from }, "probe");
    });
  };
}
