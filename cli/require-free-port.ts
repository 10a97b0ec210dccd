import { createServer } from "node:net";
import { CommandError } from "./command-error";

/**
 * Checks that `port` can be listened on, before any work is done.
 * @param flag the option that chooses another
 * @throws CommandError saying which port, why, and which flag
 */
export async function requireFreePort(port: number, address: string, flag: string): Promise<void> {
  const server = createServer();
  await new Promise<void>((resolve, reject) => {
    server.once("error", (error: NodeJS.ErrnoException) => reject(portError(error, port, address, flag)));
    server.listen({ port, host: address, exclusive: true }, () => server.close(() => resolve()));
  });
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
