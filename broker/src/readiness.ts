import { connect } from "node:net";
import type { Lease } from "./lease";
import { LIMITS } from "./limits";
import type { Logger } from "./logger";
import { poll } from "./poll";

/** Whether this task could serve, now or after a failover (decision 3). */
export interface Readiness {
  readonly ready: () => boolean;
  /** SIGTERM: never ready again. */
  readonly drain: () => void;
  readonly stop: () => void;
}

export interface ReadinessProps {
  readonly lease: Lease;
  readonly log: Logger;
  /** Whether secrets, documents and the lease table were all there once. */
  readonly couldTakeOver: () => boolean;
  /** The port of the holder that is tried. */
  readonly port: () => number;
  /** Of this task, by which its peers know it. @default the system's choice */
  readonly localAddress?: string;
  /** Milliseconds. @default LIMITS */
  readonly times?: { readonly holderUnreachableMs: number; readonly holderProbeMs: number };
}

/**
 * Not ready only if this task could not take over, cannot reach the holder of a live lease for 15 s, or got SIGTERM.
 * Having no active task for a moment is never a reason: a failover must make nobody kill the tasks that survive it.
 */
export function watchReadiness({
  lease,
  log,
  couldTakeOver,
  port,
  localAddress,
  times = LIMITS,
}: ReadinessProps): Readiness {
  let draining = false;
  let unreachableSince: number | undefined;
  let said: string | undefined;

  const fault = (): string | undefined => {
    if (draining) return "stopping";
    if (!couldTakeOver()) return "secrets, access document or lease table are not there yet";
    if (unreachableSince !== undefined && performance.now() - unreachableSince >= times.holderUnreachableMs)
      return "the active task is not reachable";
    return undefined;
  };
  const stop = poll(times.holderProbeMs, async () => {
    const { holder } = lease;
    if (!holder || (await reachable(holder.address, port(), localAddress))) unreachableSince = undefined;
    else unreachableSince ??= performance.now();
  });

  return {
    ready: () => {
      const reason = fault();
      if (reason !== said) log.info({ ready: reason === undefined, reason }, "readiness");
      said = reason;
      return reason === undefined;
    },
    drain: () => {
      draining = true;
    },
    stop,
  };
}

/** Connects and leaves: the other side takes it for a probe. */
function reachable(host: string, port: number, localAddress: string | undefined): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host, port, localAddress });
    const finish = (answer: boolean): void => {
      clearTimeout(timer);
      socket.destroy();
      resolve(answer);
    };
    const timer = setTimeout(() => finish(false), LIMITS.relayConnectMs);
    socket.once("connect", () => finish(true));
    socket.once("error", () => finish(false));
  });
}
