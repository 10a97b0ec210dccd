import type { Socket } from "node:net";
import type { Endpoint } from "./endpoint";

interface Ends {
  readonly remoteAddress?: string | undefined;
  readonly remotePort?: number | undefined;
  readonly localPort?: number | undefined;
}

/**
 * The real clients behind the load balancer's connections, as their PROXY headers say. Node's public API gives no way
 * from a TLS socket to the socket below it, but both have the same ends.
 */
export class ClientAddresses {
  readonly #known = new Map<string, { readonly client: Endpoint; readonly loggedIn: () => void }>();

  /**
   * Holds until the connection closes.
   * @param loggedIn to be called when the client has.
   */
  remember(socket: Socket, client: Endpoint, loggedIn: () => void): void {
    const key = keyOf(socket);
    const own = { client, loggedIn };
    this.#known.set(key, own);
    // The next connection from the same port may have come before this one is said to be gone.
    socket.once("close", () => {
      if (this.#known.get(key) === own) this.#known.delete(key);
    });
  }

  /** @returns the client's own end; without a load balancer in between, the connection's. */
  of(socket: Ends): Endpoint {
    const known = this.#known.get(keyOf(socket))?.client;
    return known ?? { address: socket.remoteAddress ?? "closed", port: socket.remotePort ?? 0 };
  }

  /** @returns what was given to `remember`. */
  loggedIn(socket: Ends): (() => void) | undefined {
    return this.#known.get(keyOf(socket))?.loggedIn;
  }
}

function keyOf({ remoteAddress, remotePort, localPort }: Ends): string {
  return `${remoteAddress} ${remotePort} ${localPort}`;
}
