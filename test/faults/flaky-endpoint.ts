import { once } from "node:events";
import { connect, createServer, type AddressInfo, type Socket } from "node:net";

/** A way to AWS that can be cut or made slow. */
export interface FlakyEndpoint {
  readonly url: string;
  /** Milliseconds that each answer is late, "cut" (nothing passes, nothing answers), or 0. */
  state: number | "cut";
  readonly close: () => Promise<void>;
}

/** A TCP proxy in front of the emulator, one for each broker. */
export async function flakyEndpoint(target: string): Promise<FlakyEndpoint> {
  const { hostname, port } = new URL(target);
  const open = new Set<Socket>();
  const server = createServer((socket) => {
    const out = connect({ host: hostname, port: Number(port) });
    for (const [one, other] of [
      [socket, out],
      [out, socket],
    ] as const) {
      open.add(one);
      one.on("error", () => other.destroy());
      one.on("close", () => open.delete(one));
    }
    socket.on("close", () => out.destroy());
    socket.on("data", (bytes) => {
      if (endpoint.state !== "cut") out.write(bytes);
    });
    const later = (pass: () => void): void => {
      if (endpoint.state === "cut") return;
      if (endpoint.state === 0) return pass();
      setTimeout(() => {
        if (endpoint.state !== "cut" && !socket.destroyed) pass();
      }, endpoint.state);
    };
    out.on("data", (bytes) => later(() => socket.write(bytes)));
    // Behind the last bytes, which may be late.
    out.on("end", () => later(() => socket.end()));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const endpoint: FlakyEndpoint = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    state: 0,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const socket of open) socket.destroy();
      }),
  };
  return endpoint;
}
