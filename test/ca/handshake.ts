import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { connect, createServer, type TLSSocket } from "node:tls";

export interface Party {
  readonly key?: string;
  readonly cert?: string;
  /** What it trusts, PEM. */
  readonly ca: readonly string[];
}

/** What each side said: `"accepted"`, or the error's code. */
export interface Outcome {
  readonly server: string;
  readonly client: string;
  /** Common name of the client as the server sees it. */
  readonly peer?: string;
}

/**
 * A real TLS handshake over loopback, both sides verifying, as broker and device do.
 * @param host what the client wants the server to be.
 */
export const handshake = async (server: Party, client: Party, host: string): Promise<Outcome> => {
  // Node drops a refused client without saying why; let in, it carries OpenSSL's verdict.
  const options = {
    key: server.key,
    cert: server.cert,
    ca: [...server.ca],
    requestCert: true,
    rejectUnauthorized: false,
  };
  const listener = createServer(options).listen(0, "127.0.0.1");
  await once(listener, "listening");
  try {
    const atServer = new Promise<Pick<Outcome, "server" | "peer">>((resolve) => {
      listener.on("secureConnection", (socket: TLSSocket) => {
        const peer = String(socket.getPeerCertificate().subject?.CN);
        socket.on("error", () => undefined).end();
        // Declared as an Error, but is the code as text.
        resolve({ server: socket.authorized ? "accepted" : String(socket.authorizationError), peer });
      });
      listener.on("tlsClientError", (error: NodeJS.ErrnoException) => resolve({ server: error.code ?? error.message }));
    });
    const { port } = listener.address() as AddressInfo;
    const address = { host: "127.0.0.1", port, key: client.key, cert: client.cert, ca: [...client.ca] };
    const socket = connect({ ...address, servername: host === "127.0.0.1" ? "" : host });
    const atClient = new Promise<string>((resolve) => {
      socket.on("secureConnect", () => resolve("accepted"));
      socket.on("error", (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message));
    });
    const outcome = { ...(await atServer), client: await atClient };
    socket.destroy();
    return outcome;
  } finally {
    listener.close();
  }
};
