/**
 * Runs inside a network namespace: listens on `<address>:<port>` arguments and joins each connection to the Unix socket
 * given first, on which a process of another namespace listens. Says `ready` when it listens everywhere.
 */
import { connect, createServer } from "node:net";

const [socketPath, ...addresses] = process.argv.slice(2);

const listening = addresses.map(
  (text) =>
    new Promise<void>((resolve, reject) => {
      const [host, port] = text.split(":");
      createServer((incoming) => {
        const outgoing = connect(socketPath!);
        for (const socket of [incoming, outgoing])
          socket.on("error", () => [incoming, outgoing].forEach((end) => end.destroy()));
        incoming.pipe(outgoing).pipe(incoming);
      })
        .once("error", reject)
        .listen(Number(port), host, resolve);
    }),
);
void Promise.all(listening).then(() => process.stdout.write("ready\n"));
// Ends with whoever started it.
process.stdin.once("end", () => process.exit()).resume();
