import { once } from "node:events";
import { connect, createServer, type AddressInfo, type Socket } from "node:net";
import type { Endpoint } from "../../broker/src/endpoint";
import { proxyHeader } from "./proxy-header";

/** The real client that the header names: an address of the documentation range. */
export const CLIENT: Endpoint = { address: "203.0.113.7", port: 50_123 };

export interface StandInBalancer {
  readonly port: number;
  readonly close: () => Promise<void>;
}

export interface StandInProps {
  /** The address that its connections come from. */
  readonly from: string;
  /** Asked for each connection; undefined: there is nobody to pass it to, and it is closed. */
  readonly target: () => Endpoint | undefined;
  /** What it says first on behalf of a client's port. @default the PROXY header of `CLIENT` */
  readonly first?: (clientPort: number) => Buffer;
}

/** Passes TCP connections on as a Network Load Balancer with PROXY protocol v2 does. */
export async function standInBalancer({
  from,
  target,
  first = () => proxyHeader(CLIENT),
}: StandInProps): Promise<StandInBalancer> {
  const open = new Set<Socket>();
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    const to = target();
    if (!to) return void socket.destroy();
    const out = connect({ host: to.address, port: to.port, localAddress: from, allowHalfOpen: true });
    for (const [one, other] of [
      [socket, out],
      [out, socket],
    ] as const) {
      open.add(one);
      one.on("error", () => other.destroy());
      one.on("close", () => {
        open.delete(one);
        other.destroy();
      });
    }
    const header = first(socket.remotePort!);
    if (header.length > 0) out.write(header);
    socket.pipe(out);
    out.pipe(socket);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    port: (server.address() as AddressInfo).port,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const socket of open) socket.destroy();
      }),
  };
}
