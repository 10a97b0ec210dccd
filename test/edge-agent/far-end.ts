import { once } from "node:events";
import { type AddressInfo, createServer, type Socket } from "node:net";
import { createServer as createTlsServer, type TLSSocket } from "node:tls";
import { Aedes } from "aedes";
import type { Authority } from "../../ca/authority";
import { serverCertificate } from "./server-certificate";

/** What happens to application data, and to the connection it comes on. */
export type Fate = "reset" | "ended" | "ended also without it" | "taken";

/** The far end of a line: a broker that acknowledges what the agent says of itself, and data as it is told. */
export interface FarEnd {
  readonly port: number;
  /** Payloads of the data that it acknowledged. */
  readonly taken: readonly string[];
  meet(fate: Fate): void;
  /** @param is told how many connections met their fate, and what was taken */
  until(is: (ends: number, taken: readonly string[]) => boolean): Promise<void>;
  close(): Promise<void>;
}

/** How long a line holds that ends on its own, ms. */
const HOLDS_MS = 500;

export async function openFarEnd(authority: Authority): Promise<FarEnd> {
  const { key, certificate } = await serverCertificate(authority, -1, 30);
  const watchers = new Set<() => void>();
  const taken: string[] = [];
  const raws = new Map<number, Socket>();
  let ends = 0;
  let fate: Fate = "taken";
  const happened = (): void => watchers.forEach((look) => look());
  const aedes = await Aedes.createBroker();
  aedes.on("client", ({ conn }) => {
    if (fate === "ended also without it") setTimeout(() => (conn as TLSSocket).end(), HOLDS_MS).unref();
  });
  aedes.authorizePublish = (client, { topic, payload }, done) => {
    if (!topic.endsWith("data/n")) return done(null);
    if (fate === "taken") {
      taken.push(payload.toString());
      happened();
      return done(null);
    }
    ends += 1;
    const socket = client!.conn as TLSSocket;
    if (fate === "reset") raws.get(socket.remotePort!)!.resetAndDestroy();
    else socket.end();
    happened();
  };
  const tls = createTlsServer({ key, cert: certificate }, (socket) => {
    socket.on("error", () => undefined);
    aedes.handle(socket);
  });
  tls.on("tlsClientError", () => undefined);
  const server = createServer((raw) => {
    raw.on("error", () => undefined);
    raws.set(raw.remotePort!, raw);
    tls.emit("connection", raw);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    port: (server.address() as AddressInfo).port,
    taken,
    meet: (next) => (fate = next),
    until: (is) =>
      new Promise((resolve) => {
        const look = (): void => {
          if (!is(ends, taken)) return;
          watchers.delete(look);
          resolve();
        };
        watchers.add(look);
        look();
      }),
    close: async () => {
      await new Promise<void>((resolve) => aedes.close(() => resolve()));
      for (const raw of raws.values()) raw.destroy();
      server.close();
    },
  };
}
