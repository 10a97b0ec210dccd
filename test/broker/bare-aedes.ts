import { once } from "node:events";
import { createServer, type AddressInfo, type Socket } from "node:net";
import { Aedes, type AedesOptions } from "aedes";

/** Aedes as it is shipped, on a port of loopback, over plain TCP: what a test shows to be wrong without our own work. */
export interface BareAedes {
  readonly aedes: Aedes;
  readonly port: number;
  readonly close: () => Promise<void>;
}

/** @param options as a user of Aedes would set them. @default its own defaults: everybody may do everything */
export async function startBareAedes(options: AedesOptions = {}): Promise<BareAedes> {
  const aedes = await Aedes.createBroker(options);
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.once("close", () => sockets.delete(socket));
    aedes.handle(socket);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    aedes,
    port: (server.address() as AddressInfo).port,
    close: async () => {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
      await new Promise<void>((resolve) => aedes.close(resolve));
    },
  };
}
