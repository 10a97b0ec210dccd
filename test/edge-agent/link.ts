import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";

/** A network line between a device and its broker that can be cut. */
export interface Link {
  readonly port: number;
  /** Ends what is connected, and lets nothing new through. */
  cut(): void;
  /** Swallows every byte, but keeps connections open: what a dead line looks like. */
  freeze(): void;
  mend(): void;
  /** Connections that were let through so far. */
  readonly count: () => number;
  close(): Promise<void>;
}

/** A TCP proxy on loopback. @param host where it listens */
export async function openLink(target: () => number, host = "127.0.0.1"): Promise<Link> {
  const sockets = new Set<Socket>();
  let state: "up" | "cut" | "frozen" = "up";
  let count = 0;
  const server = createServer((near) => {
    if (state === "cut") return near.destroy();
    count++;
    const far = connect(target(), "127.0.0.1");
    for (const [from, to] of [
      [near, far],
      [far, near],
    ] as const) {
      sockets.add(from);
      from.on("error", () => undefined);
      from.on("close", () => {
        sockets.delete(from);
        to.destroy();
      });
      from.on("data", (chunk: Buffer) => {
        if (state !== "frozen") to.write(chunk);
      });
    }
  });
  server.listen(0, host);
  await once(server, "listening");
  const end = (): void => {
    for (const socket of sockets) socket.destroy();
  };
  return {
    port: (server.address() as AddressInfo).port,
    cut: () => {
      state = "cut";
      end();
    },
    freeze: () => (state = "frozen"),
    mend: () => {
      if (state === "frozen") end();
      state = "up";
    },
    count: () => count,
    close: async () => {
      end();
      server.close();
      await once(server, "close");
    },
  };
}
