import { once } from "node:events";
import { createServer, type Server } from "node:net";

/** Below the ports that the kernel gives to whoever connects, or listens on any port (ip_local_port_range). */
const FIRST = 20_000;
const COUNT = 10_000;

/** Processes that look at the same time begin elsewhere. */
let next = process.pid * 97;

/** Ports that are free at an address, all different, and that nobody is given by chance before they are used. */
export async function freePorts(count: number, address: string): Promise<readonly number[]> {
  const held = new Map<number, Server>();
  while (held.size < count) {
    const port = FIRST + (next++ % COUNT);
    const server = createServer();
    const isFree = once(server, "listening").then(
      () => true,
      () => false,
    );
    server.listen(port, address);
    if (await isFree) held.set(port, server);
  }
  await Promise.all([...held.values()].map((server) => once(server.close(), "close")));
  return [...held.keys()];
}
