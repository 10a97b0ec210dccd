import { once } from "node:events";
import { connect, createServer, type AddressInfo, type Server, type Socket } from "node:net";
import { afterEach, expect, test } from "@jest/globals";
import { ingress, type IngressProps } from "../../broker/src/ingress";
import { createRelays } from "../../broker/src/relay";
import { captureLog } from "./log-capture";
import { proxyHeader } from "./proxy-header";
import { CLIENT } from "./stand-in-balancer";

const opened: (Server | Socket)[] = [];
afterEach(() => {
  for (const one of opened.splice(0)) {
    if ("destroy" in one) one.destroy();
    else one.close();
  }
});

const listen = async (onSocket: (socket: Socket) => void): Promise<number> => {
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    opened.push(socket);
    onSocket(socket);
  }).listen(0, "127.0.0.1");
  opened.push(server);
  await once(server, "listening");
  return (server.address() as AddressInfo).port;
};
const dial = (port: number): Socket => {
  const socket = connect({ port, host: "127.0.0.1", allowHalfOpen: true });
  opened.push(socket);
  return socket;
};
const port = (changes: Partial<IngressProps>): Promise<number> =>
  listen(
    ingress({
      listener: "mqtt",
      loadBalancerSubnets: ["127.0.0.0/24"],
      brokerSubnets: ["127.0.1.0/24"],
      log: captureLog().log,
      isActive: () => true,
      health: undefined,
      serve: (socket) => socket.destroy(),
      relay: (socket) => socket.destroy(),
      ...changes,
    }),
  );
/** All that a socket gets until the other side ends. */
const all = (socket: Socket): Promise<Buffer> => {
  const parts: Buffer[] = [];
  socket.on("data", (part: Buffer) => parts.push(part));
  return new Promise((resolve) => socket.once("end", () => resolve(Buffer.concat(parts))));
};

test("a connection that says nothing is closed after the first-byte timeout", async () => {
  const socket = dial(await port({ firstByteMs: 20 }));
  expect(await all(socket)).toHaveLength(0);
});

test("half a header is closed after the first-byte timeout", async () => {
  const socket = dial(await port({ firstByteMs: 20 }));
  socket.write(proxyHeader(CLIENT).subarray(0, 20));
  expect(await all(socket)).toHaveLength(0);
});

test("a header that comes byte by byte is read, and the server gets what follows it, from its first byte", async () => {
  const served = new Promise<string>((resolve) => {
    void port({
      serve: (socket, client) => {
        expect(client).toEqual(CLIENT);
        socket.once("data", (part: Buffer) => resolve(part.toString()));
      },
    }).then((to) => {
      const socket = dial(to);
      socket.setNoDelay(true);
      const bytes = Buffer.concat([proxyHeader(CLIENT), Buffer.from("hello")]);
      const next = (i: number): void => {
        if (i < 27) socket.write(bytes.subarray(i, i + 1), () => setImmediate(next, i + 1));
        else socket.write(bytes.subarray(i));
      };
      next(0);
    });
  });
  expect(await served).toBe("hello");
});

test("a relay passes everything in both directions, header included, and each end when it comes", async () => {
  const sent = Buffer.alloc(8 * 1024 * 1024, "abc");
  const relays = createRelays(captureLog().log);
  // The active task's side: reads all, then answers all of it, then ends.
  const target = await listen((socket) => void all(socket).then((got) => socket.end(got)));
  const to = await port({
    isActive: () => false,
    relay: (socket, head, client) => relays.start(socket, head, { address: "127.0.0.1", port: target }, client),
  });
  const socket = dial(to);
  socket.end(Buffer.concat([proxyHeader(CLIENT), sent]));
  const got = await all(socket);
  expect(got.equals(Buffer.concat([proxyHeader(CLIENT), sent]))).toBe(true);
  await once(socket, "close");
  expect(relays.count()).toBe(0);
});

test("a relay takes no more than the slow side's buffers hold", async () => {
  const relays = createRelays(captureLog().log);
  const arrived = new Promise<Socket>((resolve) => {
    void listen((socket) => {
      socket.pause();
      resolve(socket);
    }).then(async (target) => {
      const to = await port({
        isActive: () => false,
        relay: (socket, head, client) => relays.start(socket, head, { address: "127.0.0.1", port: target }, client),
      });
      pour(to);
    });
  });
  const total = 64;
  const sent = { chunks: 0 };
  const pour = (to: number): void => {
    const socket = dial(to);
    socket.write(proxyHeader(CLIENT));
    const next = (): void => {
      if (sent.chunks === total) return void socket.end();
      sent.chunks += 1;
      socket.write(Buffer.alloc(1024 * 1024), next);
    };
    next();
  };
  const slow = await arrived;
  // Were the relay to read on, all of it would go into this process's memory within these round trips.
  for (let trip = 0; trip < 50; trip++) await all(dial(await port({ firstByteMs: 1 })));
  expect(sent.chunks).toBeLessThan(total / 2);
  const got = all(slow);
  slow.resume();
  expect((await got).length).toBe(proxyHeader(CLIENT).length + total * 1024 * 1024);
});

test("a relay to a task that does not listen ends the client's connection", async () => {
  const relays = createRelays(captureLog().log);
  const to = await port({
    isActive: () => false,
    relay: (socket, head, client) => relays.start(socket, head, { address: "127.0.0.1", port: 1 }, client),
  });
  const socket = dial(to);
  socket.write(proxyHeader(CLIENT));
  expect(await all(socket)).toHaveLength(0);
  expect(relays.count()).toBe(0);
});

test("without subnets a connection is a client's, and a header is not read", async () => {
  const served = new Promise<string>((resolve) => {
    void port({
      loadBalancerSubnets: [],
      brokerSubnets: [],
      serve: (socket, client) => socket.once("data", () => resolve(client.address)),
    }).then((to) => dial(to).write(proxyHeader(CLIENT)));
  });
  expect(await served).toBe("127.0.0.1");
});
