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
  readonly #known = new Map<string, Endpoint>();

  /** Holds until the connection closes. */
  remember(socket: Socket, client: Endpoint): void {
    const key = keyOf(socket);
    this.#known.set(key, client);
    socket.once("close", () => this.#known.delete(key));
  }

  /** @returns the client's own end; without a load balancer in between, the connection's. */
  of(socket: Ends): Endpoint {
    return (
      this.#known.get(keyOf(socket)) ?? { address: socket.remoteAddress ?? "closed", port: socket.remotePort ?? 0 }
    );
  }
}

function keyOf({ remoteAddress, remotePort, localPort }: Ends): string {
  return `${remoteAddress} ${remotePort} ${localPort}`;
}
