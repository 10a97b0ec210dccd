import { once } from "node:events";
import { connect, createServer, type AddressInfo, type Socket } from "node:net";
import { afterEach, expect, jest, test } from "@jest/globals";
import { LIMITS } from "../../broker/src/limits";
import { createRelays } from "../../broker/src/relay";
import { captureLog } from "./log-capture";

const open: (() => unknown)[] = [];
afterEach(() => {
  jest.useRealTimers();
  for (const end of open.splice(0)) end();
});

async function listen(onConnection: (socket: Socket) => void): Promise<number> {
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    socket.on("error", () => undefined);
    open.push(() => socket.destroy());
    onConnection(socket);
  }).listen(0, "127.0.0.1");
  open.push(() => server.close());
  await once(server, "listening");
  return (server.address() as AddressInfo).port;
}

test("a client that keeps its side open when the active task has ended loses its place at the relay", async () => {
  jest.useFakeTimers({ doNotFake: ["nextTick", "setImmediate", "clearImmediate", "queueMicrotask", "performance"] });
  const relays = createRelays(captureLog().log);
  // As the active task's TLS server does with who says nothing in time.
  const activePort = await listen((socket) => void socket.end("the last words"));
  const relayed: Socket[] = [];
  const from = { address: "203.0.113.7", port: 50_123 };
  const port = await listen((socket) => {
    relayed.push(socket);
    relays.start(socket, Buffer.from("head"), { address: "127.0.0.1", port: activePort }, from);
  });
  const attacker = connect({ port, host: "127.0.0.1", allowHalfOpen: true });
  open.push(() => attacker.destroy());
  const said: Buffer[] = [];
  attacker.on("data", (part: Buffer) => said.push(part));
  await once(attacker, "end");
  expect(Buffer.concat(said).toString()).toBe("the last words");

  jest.advanceTimersByTime(LIMITS.drainMs - 1);
  expect(relays.count()).toBe(1);
  const gone = once(relayed[0]!, "close");
  jest.advanceTimersByTime(1);
  await gone;
  expect(relays.count()).toBe(0);
});
