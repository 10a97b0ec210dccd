import { createServer, type AddressInfo } from "node:net";
import { CommandError } from "./command-error";

/** A port that nobody else has while it is reserved. */
export interface ReservedPort {
  readonly port: number;
  release(): Promise<void>;
}

/**
 * Checks that a port can be listened on, before any work is done, and holds it.
 * @param port 0 for any free one
 * @param flag the option that chooses another
 * @throws CommandError saying which port, why, and which flag
 */
export async function reservePort(port: number, address: string, flag: string): Promise<ReservedPort> {
  const server = createServer((stranger) => stranger.destroy());
  await new Promise<void>((resolve, reject) => {
    server.once("error", (error: NodeJS.ErrnoException) => reject(portError(error, port, address, flag)));
    server.listen({ port, host: address, exclusive: true }, resolve);
  });
  return {
    port: (server.address() as AddressInfo).port,
    release: () => new Promise((resolve) => server.close(() => resolve())),
  };
}

function portError(error: NodeJS.ErrnoException, port: number, address: string, flag: string): Error {
  if (error.code === "EADDRINUSE")
    return new CommandError(
      `port ${port} on ${address} is in use`,
      `stop what listens there, or choose another port with ${flag}`,
    );
  if (error.code === "EACCES")
    return new CommandError(`port ${port} on ${address} needs privilege`, `choose one above 1023 with ${flag}`);
  return error;
}
