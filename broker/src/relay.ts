import { connect, type Socket } from "node:net";
import type { Endpoint } from "./endpoint";
import { LIMITS } from "./limits";
import type { Logger } from "./logger";

/** The connections that this task passes to the active one. */
export interface Relays {
  /** Passes a stream on, unread. `head` is all that was received so far, PROXY header first. */
  readonly start: (socket: Socket, head: Buffer, target: Endpoint | undefined, client: Endpoint) => void;
  /** Ends every relayed connection: another task is active now, or this one. */
  readonly end: (reason: string) => void;
  readonly count: () => number;
}

/**
 * Passes TCP streams to the active task. TLS and client certificates stay end to end: nothing here could read them.
 * Both sides must allow half-open sockets: an end in one direction is passed on, and the other goes on.
 * @param localAddress of this task, by which its peers know it. @default the system's choice
 */
export function createRelays(log: Logger, localAddress?: string): Relays {
  const open = new Set<Socket>();

  const start: Relays["start"] = (socket, head, target, client) => {
    const about = { address: client.address, port: client.port };
    if (!target) {
      log.warn({ ...about, reason: "no active task is known" }, "relay-refused");
      socket.destroy();
      return;
    }
    open.add(socket);
    const out = connect({
      host: target.address,
      port: target.port,
      localAddress,
      allowHalfOpen: true,
      noDelay: true,
      keepAlive: true,
      keepAliveInitialDelay: 60_000,
    });
    const deadline = setTimeout(() => out.destroy(new Error("timed out")), LIMITS.relayConnectMs);
    out.once("connect", () => clearTimeout(deadline));
    out.on("error", (error: NodeJS.ErrnoException) => {
      log.warn({ ...about, target: target.address, reason: error.code ?? error.message }, "relay-failed");
      socket.destroy();
    });
    out.once("close", (failed) => {
      clearTimeout(deadline);
      // After a clean end what is buffered towards the client still leaves.
      if (failed || !out.readableEnded) socket.destroy();
    });
    // The active task never ends in one direction alone: a client that keeps its own open would keep its place here for ever.
    out.once("end", () => {
      const patience = setTimeout(() => socket.destroy(), LIMITS.drainMs).unref();
      socket.once("close", () => clearTimeout(patience));
    });
    socket.once("close", () => {
      open.delete(socket);
      out.destroy();
    });
    out.write(head);
    // Pipes wait for whoever is slower, in both directions.
    socket.pipe(out);
    out.pipe(socket);
    log.info({ ...about, target: target.address }, "relayed");
  };

  return {
    start,
    end: (reason) => {
      if (open.size > 0) log.info({ reason, connections: open.size }, "relays-ended");
      for (const socket of open) socket.destroy();
    },
    count: () => open.size,
  };
}
