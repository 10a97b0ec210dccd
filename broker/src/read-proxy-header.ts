import type { Socket } from "node:net";
import { parseProxyHeader, type ProxyHeader } from "./proxy-protocol";

/** The header, and every byte received so far; nothing of it is left in the socket. */
export interface FirstBytes {
  readonly header: Exclude<ProxyHeader, { kind: "incomplete" }>;
  readonly bytes: Buffer;
}

/**
 * Reads a fresh connection up to the end of its PROXY header, or to the first byte that shows there is none.
 * The socket is left paused; give `bytes`, or what of them is not the header, back with `unshift` to serve it.
 * @param done gets undefined when the peer went away, or was too slow: the socket is destroyed then.
 */
export function readProxyHeader(
  socket: Socket,
  limits: { readonly timeoutMs: number; readonly longest: number },
  done: (first: FirstBytes | undefined) => void,
): void {
  let bytes = Buffer.alloc(0);
  const finish = (first: FirstBytes | undefined): void => {
    clearTimeout(timer);
    socket.off("readable", read);
    socket.off("end", leave);
    socket.off("close", leave);
    if (!first) socket.destroy();
    done(first);
  };
  const leave = (): void => finish(undefined);
  const read = (): void => {
    let chunk: Buffer | null;
    while ((chunk = socket.read() as Buffer | null) !== null) {
      bytes = Buffer.concat([bytes, chunk]);
      const header = parseProxyHeader(bytes, limits.longest);
      if (header.kind !== "incomplete") return finish({ header, bytes });
    }
  };
  const timer = setTimeout(leave, limits.timeoutMs);
  socket.on("readable", read);
  socket.on("end", leave);
  socket.on("close", leave);
}
