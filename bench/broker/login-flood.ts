import { once } from "node:events";
import { connect, createServer, type AddressInfo, type Socket } from "node:net";
import { connect as secure, type ConnectionOptions } from "node:tls";
import { connectFrame } from "./frames";

/*
 * A process that attacks a broker until it is told to stop: `login-flood.ts <port> <kind> <attempts a second>`.
 * `logins` shakes hands and guesses a password; `hellos` sends the same ClientHello each time, which costs it nothing and
 * the broker a signature. Tells by IPC what it did.
 */

/** What came of the attempts. */
export interface FloodCounts {
  started: number;
  /** Answered with a CONNACK that refuses. */
  refused: number;
  /** Ended without: turned away, or answered with a handshake. */
  ended: number;
}

export type FloodKind = "logins" | "hellos";

/** The attacker's own address on loopback. */
const ADDRESS = "127.0.0.66";
const MOST_OPEN = 1_000;
const TICK_MS = 10;

const port = Number(process.argv[2]);
const kind = process.argv[3] as FloodKind;
const perTick = (Number(process.argv[4]) * TICK_MS) / 1_000;
const counts: FloodCounts = { started: 0, refused: 0, ended: 0 };
let open = 0;

const watch = (socket: Socket): void => {
  socket.on("error", () => undefined);
  socket.once("close", () => {
    open -= 1;
    counts.ended += 1;
  });
};

const login = (): void => {
  // Node's types leave the local address out.
  const options: ConnectionOptions & { localAddress: string } = {
    host: "127.0.0.1",
    port,
    localAddress: ADDRESS,
    servername: "localhost",
    rejectUnauthorized: false,
  };
  const socket = secure(options);
  watch(socket);
  socket.once("secureConnect", () => socket.write(connectFrame("guess", `guess-${counts.started}`, "password")));
  socket.once("data", () => {
    counts.refused += 1;
    socket.destroy();
  });
};

const hello = (bytes: Buffer) => (): void => {
  const socket = connect({ host: "127.0.0.1", port, localAddress: ADDRESS }, () => socket.write(bytes));
  watch(socket);
  // The server's flight came: it has done its work.
  socket.once("data", () => socket.resetAndDestroy());
};

/** What a TLS client says first. */
async function clientHello(): Promise<Buffer> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const client = secure({ port: (server.address() as AddressInfo).port, host: "127.0.0.1", servername: "localhost" });
  client.on("error", () => undefined);
  const [socket] = (await once(server, "connection")) as [Socket];
  const [bytes] = (await once(socket, "data")) as [Buffer];
  client.destroy();
  server.close();
  return bytes;
}

async function main(): Promise<void> {
  const attack = kind === "logins" ? login : hello(await clientHello());
  let owed = 0;
  setInterval(() => {
    owed = Math.min(owed + perTick, perTick * 20);
    for (; owed >= 1 && open < MOST_OPEN; owed -= 1) {
      open += 1;
      counts.started += 1;
      attack();
    }
  }, TICK_MS);
  process.on("message", () => process.send!(counts, () => process.exit(0)));
}

void main();
