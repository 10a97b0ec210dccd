/**
 * Runs inside a network namespace: tries every TCP port of the address given, or those of the comma-separated list after
 * it, and writes those that answer as JSON.
 */
import { connect } from "node:net";

// Most ports do not even refuse: so many time out together.
const AT_ONCE = 4000;
const address = process.argv[2]!;
const ports = process.argv[3]?.split(",").map(Number) ?? Array.from({ length: 65_535 }, (_, index) => index + 1);
const open: number[] = [];

const answers = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect({ host: address, port, timeout: 1_000 });
    const finish = (answer: boolean): void => {
      socket.destroy();
      resolve(answer);
    };
    socket
      .once("connect", () => finish(true))
      .once("timeout", () => finish(false))
      .once("error", () => finish(false));
  });

async function worker(): Promise<void> {
  for (let port = ports.pop(); port !== undefined; port = ports.pop()) if (await answers(port)) open.push(port);
}

void Promise.all(Array.from({ length: AT_ONCE }, worker)).then(() => {
  process.stdout.write(`${JSON.stringify(open.sort((one, other) => one - other))}\n`);
});
