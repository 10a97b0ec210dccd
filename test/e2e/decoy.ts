/**
 * Runs inside a network namespace: listens on every port given, as a service would that somebody forgot there, so that
 * a scan that finds only what may be found proves the firewall and not the absence of services.
 */
import { createServer } from "node:net";

const listening = process.argv
  .slice(2)
  .map(
    (port) =>
      new Promise<void>((resolve) =>
        createServer((socket) => socket.destroy()).listen(Number(port), "0.0.0.0", resolve),
      ),
  );
void Promise.all(listening).then(() => process.stdout.write("ready\n"));
// Ends with whoever started it.
process.stdin.once("end", () => process.exit()).resume();
