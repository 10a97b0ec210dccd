import type { Socket } from "node:net";
import { CountByKey } from "./abuse/count-by-key";
import { Guests } from "./abuse/guests";
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
  /** A connection to shake hands with; `loggedIn` is to be called when its client has. */
  readonly serve: (socket: Socket, client: Endpoint, then: (loggedIn: () => void) => void) => void;
}

/**
 * The limits that hold before a byte of TLS is read: connections in all and of one address, connects of one address, how many
 * handshakes begin at once, and how many connections may be there without having logged in. Clients alone are counted, by their own address: a crowd of them must not make the
 * load balancer, which only checks our health, give this task up.
 */
export function makeRoom(
  limits: Pick<SiteLimits, "connections" | "connectionsPerAddress" | "guests" | "guestsPerAddress">,
  log: Logger,
): Room {
  const now = (): number => performance.now();
  const open = new CountByKey({ total: limits.connections, perKey: limits.connectionsPerAddress });
  const rate = { perSecond: LIMITS.connectsPerAddress, burst: LIMITS.connectsPerAddressBurst };
  const connects = new RateByKey({ rate, entries: LIMITS.failureEntries, now });
  const guests = new Guests({
    total: Math.min(limits.guests, Math.ceil(limits.connections / 2)),
    perAddress: limits.guestsPerAddress,
  });
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

  /** @returns gives its place back; undefined: there is none for it. */
  const enter = (socket: Socket, client: Endpoint): (() => void) | undefined => {
    if (!connects.tryTake(client.address)) return void refuse(socket, client, "connects of this address a second");
    let opened = open.open(client.address);
    if (typeof opened !== "function") {
      // Who has not logged in keeps no place from who may.
      const ofAddress = opened.reason === "too many of this one" ? client.address : undefined;
      if (guests.turnAwayOne(ofAddress)) opened = open.open(client.address);
    }
    if (typeof opened !== "function") return void refuse(socket, client, opened.reason);
    socket.once("close", opened);
    return opened;
  };
  return {
    relay: (socket, client, then) => {
      if (enter(socket, client)) then();
    },
    serve: (socket, client, then) => {
      const leave = enter(socket, client);
      if (!leave) return;
      const begin = (): void => {
        // It may have gone while it waited.
        if (socket.destroyed) return;
        const loggedIn = guests.add(client.address, () => {
          leave();
          refuse(socket, client, "not logged in, and others came");
        });
        socket.once("close", loggedIn);
        then(loggedIn);
      };
      queue.add(client.address, begin, () => refuse(socket, client, "handshakes waiting"));
    },
  };
}
