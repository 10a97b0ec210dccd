import { once } from "node:events";
import { connect, createServer, type AddressInfo, type Socket } from "node:net";
import { proxyHeader } from "../broker/proxy-header";

export interface Balancer {
  readonly port: number;
  readonly close: () => Promise<void>;
}

/** Spreads connections over all targets in turn, each with the header of PROXY protocol v2, as a Network Load Balancer does. */
export async function balancer(from: string, targets: () => readonly string[], port: number): Promise<Balancer> {
  const open = new Set<Socket>();
  let turn = 0;
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    const all = targets();
    const host = all[turn++ % all.length];
    if (host === undefined) return void socket.destroy();
    const out = connect({ host, port, localAddress: from, allowHalfOpen: true });
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
    out.write(proxyHeader({ address: "203.0.113.7", port: socket.remotePort! }));
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
