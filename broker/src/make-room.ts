import type { Socket } from "node:net";
import { CountByKey } from "./abuse/count-by-key";
import { HandshakeQueue } from "./abuse/handshake-queue";
import { RateByKey } from "./abuse/rate-by-key";
import type { Endpoint } from "./endpoint";
import { LIMITS } from "./limits";
import type { Logger } from "./logger";
import type { SiteLimits } from "./site-limits";

/** Lets a client's connection in, at once or when it is its turn, or ends it. */
export interface Room {
  /** A connection to relay: it costs this task no handshake. */
  readonly relay: (socket: Socket, client: Endpoint, then: () => void) => void;
  /** A connection to shake hands with. */
  readonly serve: (socket: Socket, client: Endpoint, then: () => void) => void;
}

/**
 * The limits that hold before a byte of TLS is read: connections in all and of one address, connects of one address, and
 * how many handshakes begin at once. Clients alone are counted, by their own address: a crowd of them must not make the
 * load balancer, which only checks our health, give this task up.
 */
export function makeRoom(limits: Pick<SiteLimits, "connections" | "connectionsPerAddress">, log: Logger): Room {
  const now = (): number => performance.now();
  const open = new CountByKey({ total: limits.connections, perKey: limits.connectionsPerAddress });
  const rate = { perSecond: LIMITS.connectsPerAddress, burst: LIMITS.connectsPerAddressBurst };
  const connects = new RateByKey({ rate, entries: LIMITS.failureEntries, now });
  const queue = new HandshakeQueue({
    perTurn: LIMITS.handshakesPerTurn,
    capacity: LIMITS.waitingHandshakes,
    longestMs: LIMITS.waitingHandshakeMs,
    now,
  });
  const refuse = (socket: Socket, client: Endpoint, reason: string): void => {
    log.warn({ ...client, reason }, "too-many-connections");
    // A reset: no state is kept here for a connection that was never one.
    socket.resetAndDestroy();
  };

  const relay: Room["relay"] = (socket, client, then) => {
    if (!connects.tryTake(client.address)) return refuse(socket, client, "connects of this address a second");
    const opened = open.open(client.address);
    if (typeof opened !== "function") return refuse(socket, client, opened.reason);
    socket.once("close", opened);
    then();
  };
  return {
    relay,
    serve: (socket, client, then) =>
      relay(socket, client, () =>
        queue.add(
          client.address,
          // It may have gone while it waited.
          () => void (socket.destroyed || then()),
          () => refuse(socket, client, "handshakes waiting"),
        ),
      ),
  };
}
