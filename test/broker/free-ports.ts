import { once } from "node:events";
import { createServer, type AddressInfo } from "node:net";

/** Ports that were free at an address a moment ago, all different: each is held until the last one is there. */
export async function freePorts(count: number, address: string): Promise<readonly number[]> {
  const servers = Array.from({ length: count }, () => createServer().listen(0, address));
  await Promise.all(servers.map((server) => once(server, "listening")));
  const ports = servers.map((server) => (server.address() as AddressInfo).port);
  await Promise.all(servers.map((server) => once(server.close(), "close")));
  return ports;
}
