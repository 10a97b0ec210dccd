/**
 * Runs inside a network namespace: listens on the Unix socket given first; a caller from another namespace writes one
 * line `<address> <port>`, is answered `ok` or an error code in one line, and is then joined to that connection.
 */
import { connect, createServer } from "node:net";

createServer({ allowHalfOpen: false }, (caller) => {
  caller.on("error", () => caller.destroy());
  caller.once("data", (line: Buffer) => {
    const [host, port] = line.toString().trim().split(" ");
    const outgoing = connect({ host: host!, port: Number(port), timeout: 3_000 });
    const refuse = (error: NodeJS.ErrnoException): void => void caller.end(`${error.code ?? error.message}\n`);
    outgoing.once("error", refuse);
    outgoing.once("timeout", () => outgoing.destroy(Object.assign(new Error("no answer"), { code: "ETIMEDOUT" })));
    outgoing.once("connect", () => {
      outgoing.setTimeout(0).off("error", refuse);
      for (const socket of [caller, outgoing]) {
        socket.on("error", () => [caller, outgoing].forEach((end) => end.destroy()));
        socket.on("close", () => [caller, outgoing].forEach((end) => end.destroy()));
      }
      caller.write("ok\n");
      caller.pipe(outgoing).pipe(caller);
    });
  });
}).listen(process.argv[2], () => process.stdout.write("ready\n"));
// Ends with whoever started it.
process.stdin.once("end", () => process.exit()).resume();
