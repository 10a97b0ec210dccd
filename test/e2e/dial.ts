import { connect, type Socket } from "node:net";

/**
 * Opens a TCP connection from another network namespace, through its `gate-dial`.
 * @throws an Error whose message is the code (`ECONNREFUSED`, `ETIMEDOUT`, ...) when it cannot be opened.
 */
export function dial(gate: string, host: string, port: number): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect(gate, () => socket.write(`${host} ${port}\n`));
    socket.once("error", reject);
    socket.once("data", (line: Buffer) => {
      socket.off("error", reject);
      const answer = line.subarray(0, line.indexOf(0x0a)).toString();
      if (answer !== "ok") return (socket.destroy(), reject(new Error(answer)));
      const rest = line.subarray(answer.length + 1);
      if (rest.length > 0) socket.unshift(rest);
      resolve(socket);
    });
  });
}
